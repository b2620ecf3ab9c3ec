using System.Globalization;
using Basalt.Records;

namespace Basalt.Filters;

/// <summary>Recursive descent over the grammar in <see cref="FilterText"/>.</summary>
internal sealed class FilterParser
{
    private static readonly Dictionary<string, Comparison> Comparisons = new()
    {
        ["="] = Comparison.Equal,
        ["=="] = Comparison.Equal,
        ["!="] = Comparison.NotEqual,
        ["<>"] = Comparison.NotEqual,
        ["<"] = Comparison.Less,
        ["<="] = Comparison.LessOrEqual,
        [">"] = Comparison.Greater,
        [">="] = Comparison.GreaterOrEqual,
    };

    private readonly FilterLexer _lexer;
    private Token _token;
    private Token _next;
    private int _depth;

    public FilterParser(string text)
    {
        _lexer = new FilterLexer(text);
        _token = _lexer.Next();
        _next = _lexer.Next();
    }

    public Filter ParseWhole() => Whole(Disjunction());

    public FieldPath ParseWholePath() => Whole(Path());

    public Value ParseWholeLiteral() => Whole(Literal());

    private T Whole<T>(T parsed)
    {
        if (_token.Kind != TokenKind.End) throw Error($"expected 'and', 'or' or the end, found {Shown(_token)}");
        return parsed;
    }

    private Filter Disjunction()
    {
        var terms = new List<Filter> { Conjunction() };
        while (TakeWord("or")) terms.Add(Conjunction());
        return Filter.Or(terms);
    }

    private Filter Conjunction()
    {
        var terms = new List<Filter> { Unary() };
        while (TakeWord("and")) terms.Add(Unary());
        return Filter.And(terms);
    }

    private Filter Unary()
    {
        if (++_depth > FilterText.MaxDepth) throw Error($"more than {FilterText.MaxDepth} levels of nesting");
        try
        {
            if (TakeWord("not")) return !Unary();
            if (Take("("))
            {
                var inner = Disjunction();
                Expect(")");
                return inner;
            }

            if (IsConstant("true")) return Filter.True;
            if (IsConstant("false")) return Filter.False;
            return Leaf();
        }
        finally
        {
            _depth--;
        }
    }

    // 'true' alone is a constant; 'true = 1' is somebody's field, and needs quotes.
    private bool IsConstant(string word) => TakeWord(word);

    private Filter Leaf()
    {
        var path = Path();
        if (_token.Kind == TokenKind.Symbol && Comparisons.TryGetValue(_token.Value, out var comparison))
        {
            Advance();
            RefuseNullLiteral(comparison);
            return new CompareFilter(path, comparison, Literal());
        }

        if (TakeWord("is"))
        {
            var negated = TakeWord("not");
            if (!TakeWord("null")) throw Error($"expected 'null' or 'not null' after 'is', found {Shown(_token)}");
            return new NullFilter(path, negated);
        }

        if (TakeWord("starts")) return TextTest(path, TextPosition.Start, "with");
        if (TakeWord("ends")) return TextTest(path, TextPosition.End, "with");
        if (TakeWord("contains")) return TextTest(path, TextPosition.Anywhere, null);
        if (TakeWord("has")) return Has(path);

        var not = TakeWord("not");
        if (TakeWord("in")) return new InFilter(path, LiteralSet("null is never 'in' a set; add 'or … is null'"), not);
        if (TakeWord("between")) return Between(path, not);
        if (TakeWord("like")) return Like(path, ignoreCase: false, not);
        if (TakeWord("ilike")) return Like(path, ignoreCase: true, not);
        throw Error(not
            ? $"expected 'in', 'between', 'like' or 'ilike' after 'not', found {Shown(_token)}"
            : $"expected a comparison after {path}, found {Shown(_token)}");
    }

    private TextFilter TextTest(FieldPath path, TextPosition position, string? particle)
    {
        if (particle is not null && !TakeWord(particle)) throw Error($"expected '{particle}', found {Shown(_token)}");
        return new TextFilter(path, position, TextLiteral());
    }

    private HasFilter Has(FieldPath path)
    {
        const string noNull = "a list is never asked for null";
        if (TakeWord("any")) return new HasFilter(path, LiteralSet(noNull), all: false);
        if (TakeWord("all")) return new HasFilter(path, LiteralSet(noNull), all: true);
        if (_token.IsWord("null")) throw Error(noNull);
        return new HasFilter(path, [Literal()], all: true);
    }

    private BetweenFilter Between(FieldPath path, bool negated)
    {
        var at = _token.Start;
        var low = Bound();
        if (!TakeWord("and")) throw Error($"expected 'and' between the bounds, found {Shown(_token)}");
        var high = Bound();
        if (!low.IsComparableTo(high)) throw _lexer.Error(at, $"the bounds of 'between' must be of one type, not {low.Kind} and {high.Kind},");
        return new BetweenFilter(path, low, high, negated);
    }

    private Value Bound()
    {
        if (_token.IsWord("null")) throw Error("a bound of 'between' cannot be null");
        return Literal();
    }

    private LikeFilter Like(FieldPath path, bool ignoreCase, bool negated)
    {
        var at = _token.Start;
        var pattern = TextLiteral();
        try
        {
            return new LikeFilter(path, pattern, ignoreCase, negated);
        }
        catch (BasaltException e)
        {
            throw _lexer.Error(at, e.Message);
        }
    }

    private List<Value> LiteralSet(string noNull)
    {
        Expect("(");
        var values = new List<Value>();
        if (Take(")")) return values;
        do
        {
            if (_token.IsWord("null")) throw Error(noNull);
            values.Add(Literal());
        }
        while (Take(","));
        Expect(")");
        return values;
    }

    private void RefuseNullLiteral(Comparison comparison)
    {
        if (!_token.IsWord("null")) return;
        var instead = comparison == Comparison.NotEqual ? "is not null" : "is null";
        throw Error($"comparing with null never matches; write '{instead}' instead:");
    }

    private string TextLiteral()
    {
        if (_token.Kind != TokenKind.Text) throw Error($"expected text in single quotes, found {Shown(_token)}");
        var text = _token.Value;
        CheckWellFormed(_token);
        Advance();
        return text;
    }

    private FieldPath Path()
    {
        if (_token.Kind == TokenKind.Word && _token.Value.StartsWith('$')) return SystemPath();
        var segments = new List<string> { Name() };
        while (Take(".")) segments.Add(Name());
        return FieldPath.Of([.. segments]);
    }

    private FieldPath SystemPath()
    {
        var token = _token;
        Advance();
        switch (token.Value.ToLowerInvariant())
        {
            case "$id": return FieldPath.Id;
            case "$version": return FieldPath.Version;
            case "$created": return FieldPath.Created;
            case "$updated": return FieldPath.Updated;
            case "$meta":
                var segments = new List<string>();
                while (Take(".")) segments.Add(Name());
                if (segments.Count == 0) throw _lexer.Error(token.End, "expected '.name' after $meta");
                return FieldPath.OfMetadata([.. segments]);
            default:
                throw _lexer.Error(token.Start, $"no such property '{token.Value}' ($id, $version, $created, $updated, $meta.name); a field of that name needs double quotes");
        }
    }

    private string Name()
    {
        if (_token.Kind is not (TokenKind.Word or TokenKind.QuotedName)) throw Error($"expected a field name, found {Shown(_token)}");
        if (_token.Kind == TokenKind.Word && FilterPrinter.IsKeyword(_token.Value)) throw Error($"'{_token.Value}' is a word of the language; as a field name it needs double quotes:");
        CheckWellFormed(_token);
        var name = _token.Value;
        Advance();
        return name;
    }

    private Value Literal()
    {
        if (++_depth > FilterText.MaxDepth) throw Error($"more than {FilterText.MaxDepth} levels of nesting");
        try
        {
            return LiteralCore();
        }
        finally
        {
            _depth--;
        }
    }

    private Value LiteralCore()
    {
        var token = _token;
        switch (token.Kind)
        {
            case TokenKind.Text:
                return TextLiteral();
            case TokenKind.Number:
                Advance();
                return ParseNumber(token, negative: false);
            case TokenKind.Time:
                Advance();
                return TimeText.TryParse(token.Value.ToUpperInvariant(), out var time) ? time : throw _lexer.Error(token.Start, $"'{token.Value}' is not an RFC 3339 time such as 2024-05-01T12:00:00Z");
            case TokenKind.Symbol when token.Value == "-" && _next.Kind == TokenKind.Number && _next.Start == token.End:
                Advance();
                var number = _token;
                Advance();
                return ParseNumber(number, negative: true);
            case TokenKind.Symbol when token.Value == "[":
                return Value.FromList(Items(Literal));
            case TokenKind.Symbol when token.Value == "{":
                return Map();
            case TokenKind.Word:
                return WordLiteral(token);
            case TokenKind.QuotedName:
                throw Error($"expected a value, found the name \"{token.Value}\"; text takes single quotes:");
            default:
                throw Error($"expected a value, found {Shown(token)}");
        }
    }

    private Value WordLiteral(Token token)
    {
        Advance();
        switch (token.Value.ToLowerInvariant())
        {
            case "true": return true;
            case "false": return false;
            case "null": return default;
            case "guid" when _token.Kind == TokenKind.Text: return Quoted(token, static t => Guid.TryParse(t, out var guid) ? guid : null);
            case "double" when _token.Kind == TokenKind.Text:
                return Quoted(token, static t => double.TryParse(t, NumberStyles.Float, CultureInfo.InvariantCulture, out var d) ? d : null);
            case "x" when _token.Kind == TokenKind.Text: return Quoted(token, static t => TryHex(t, out var bytes) ? Value.OwnBytes(bytes) : (Value?)null);
            case "vector" when _token.Is("["): return Value.OwnVector([.. Items(Component)]);
            default: throw _lexer.Error(token.Start, $"expected a value, found the word '{token.Value}'; text takes single quotes:");
        }
    }

    private Value Quoted(Token tag, Func<string, Value?> convert)
    {
        var text = TextLiteral();
        return convert(text) ?? throw _lexer.Error(tag.Start, $"'{text}' is not a {tag.Value} literal");
    }

    private Value Map()
    {
        Expect("{");
        var map = new ValueMapBuilder();
        if (!Take("}"))
        {
            do
            {
                CheckWellFormed(_token);
                var name = _token.Kind is TokenKind.Word or TokenKind.QuotedName or TokenKind.Text ? _token.Value : throw Error($"expected a name, found {Shown(_token)}");
                if (map.Contains(name)) throw Error($"the name '{name}' is there twice");
                Advance();
                Expect(":");
                map.Set(name, Literal());
            }
            while (Take(","));
            Expect("}");
        }

        return map.Build();
    }

    private List<T> Items<T>(Func<T> item)
    {
        Expect("[");
        var items = new List<T>();
        if (Take("]")) return items;
        do items.Add(item());
        while (Take(","));
        Expect("]");
        return items;
    }

    private float Component()
    {
        var sign = Take("-") ? "-" : "";
        if (_token.Kind is not (TokenKind.Number or TokenKind.Text)
            || !Number.TryParseFloat(sign + _token.Value, out var component))
            throw Error($"expected a component of the vector, found {Shown(_token)}");
        Advance();
        return component;
    }

    private Value ParseNumber(Token token, bool negative)
    {
        var text = negative ? "-" + token.Value : token.Value;
        if (text[^1] is 'm' or 'M')
        {
            return Number.TryParseDecimal(text.AsSpan(0, text.Length - 1), out var exact)
                ? exact
                : throw _lexer.Error(token.Start, $"{text} is not a decimal, or has more digits than one keeps,");
        }

        return Number.TryParse(text, out var value) ? value : throw _lexer.Error(token.Start, $"the number {text} is out of range");
    }

    private static bool TryHex(string text, out byte[] bytes)
    {
        bytes = new byte[text.Length / 2];
        return text.Length % 2 == 0 && Convert.FromHexString(text, bytes, out _, out _) == System.Buffers.OperationStatus.Done;
    }

    private void CheckWellFormed(Token token)
    {
        var at = Text.FirstUnpairedSurrogate(token.Value);
        if (at >= 0) throw _lexer.Error(token.Start, "half a surrogate pair is not valid Unicode");
    }

    private bool TakeWord(string word)
    {
        if (!_token.IsWord(word)) return false;
        Advance();
        return true;
    }

    private bool Take(string symbol)
    {
        if (!_token.Is(symbol)) return false;
        Advance();
        return true;
    }

    private void Expect(string symbol)
    {
        if (!Take(symbol)) throw Error($"expected '{symbol}', found {Shown(_token)}");
    }

    private void Advance()
    {
        _token = _next;
        _next = _lexer.Next();
    }

    private BasaltException Error(string problem) => _lexer.Error(_token.Start, problem);

    private string Shown(Token token) => token.Kind == TokenKind.End ? "the end of the text" : $"'{_lexer.Source[token.Start..token.End]}'";
}
