using Basalt.Filters;

namespace Basalt.Expressions;

/// <summary>Recursive descent over the grammar in <see cref="Expression"/>.</summary>
internal sealed class ExpressionParser
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

    public ExpressionParser(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _lexer = new FilterLexer(text);
        _token = _lexer.Next();
        _next = _lexer.Next();
    }

    public Expression ParseWhole()
    {
        var parsed = Disjunction();
        return _token.Kind == TokenKind.End ? parsed : throw Error($"expected an operator or the end, found {Shown()}");
    }

    private Expression Disjunction()
    {
        var left = Conjunction();
        while (TakeWord("or")) left = new LogicalExpression(left, isAnd: false, Conjunction());
        return left;
    }

    private Expression Conjunction()
    {
        var left = Complement();
        while (TakeWord("and")) left = new LogicalExpression(left, isAnd: true, Complement());
        return left;
    }

    private Expression Complement() => Nested<Expression>(() => TakeWord("not") ? new NotExpression(Complement()) : Test());

    private Expression Test()
    {
        var left = Joined();
        if (_token.Kind == TokenKind.Symbol && Comparisons.TryGetValue(_token.Value, out var comparison))
        {
            Advance();
            return new ComparisonExpression(left, comparison, Joined());
        }

        if (!TakeWord("is")) return left;
        var negated = TakeWord("not");
        if (!TakeWord("null")) throw Error($"expected 'null' or 'not null' after 'is', found {Shown()}");
        return new NullTestExpression(left, negated);
    }

    private Expression Joined()
    {
        var left = Sum();
        while (Take("||")) left = new ConcatenationExpression(left, Sum());
        return left;
    }

    private Expression Sum()
    {
        var left = Product();
        while (_token.Is("+") || _token.Is("-")) left = new ArithmeticExpression(left, TakeOperator(), Product());
        return left;
    }

    private Expression Product()
    {
        var left = Sign();
        while (_token.Is("*") || _token.Is("/") || _token.Is("%")) left = new ArithmeticExpression(left, TakeOperator(), Sign());
        return left;
    }

    private Expression Sign()
    {
        // A minus and a number make one literal, so that the least integer can be written.
        if (_token.Is("-") && _next.Kind == TokenKind.Number && _next.Start == _token.End) return Literal();
        return Nested<Expression>(() => Take("-") ? new NegationExpression(Sign()) : Primary());
    }

    private Expression Primary()
    {
        if (Take("("))
        {
            var inner = Disjunction();
            Expect(")");
            return inner;
        }

        if (_token.Kind is TokenKind.Text or TokenKind.Number or TokenKind.Time || _token.IsWord("true") || _token.IsWord("false") || _token.IsWord("null")) return Literal();
        if (_token.Kind == TokenKind.Word && _next.Is("(")) return Call();
        return Path();
    }

    private CallExpression Call()
    {
        var name = _token;
        var function = Function.Find(name.Value) ?? throw Error($"there is no function '{name.Value}' ({Function.Names});");
        Advance();
        Expect("(");
        var arguments = new List<Expression>();
        if (!_token.Is(")"))
        {
            do arguments.Add(Disjunction());
            while (Take(","));
        }

        Expect(")");
        if (arguments.Count >= function.Least && arguments.Count <= function.Most) return new CallExpression(function, [.. arguments]);
        var wanted = function.Least == function.Most ? $"{function.Least}" : $"{function.Least} to {function.Most}";
        throw _lexer.Error(name.Start, $"{function.Name} takes {wanted} arguments, not {arguments.Count}");
    }

    /// <summary>The literals of filters, cut out of the source and read by their parser.</summary>
    private LiteralExpression Literal()
    {
        var start = _token.Start;
        var end = _token.Is("-") ? _next.End : _token.End;
        try
        {
            var value = FilterText.ParseLiteral(_lexer.Source[start..end]);
            if (_token.Is("-")) Advance();
            Advance();
            return new LiteralExpression(value);
        }
        catch (BasaltException e) when (e.Code == ErrorCode.InvalidQuery)
        {
            throw _lexer.Error(start, $"'{_lexer.Source[start..end]}' is not a value");
        }
    }

    private PathExpression Path()
    {
        var start = _token.Start;
        if (_token.Kind is not (TokenKind.Word or TokenKind.QuotedName)) throw Error($"expected a value, found {Shown()}");
        var end = _token.End;
        Advance();
        while (_token.Is(".") && (_next.Kind is TokenKind.Word or TokenKind.QuotedName))
        {
            Advance();
            end = _token.End;
            Advance();
        }

        try
        {
            return new PathExpression(FieldPath.Parse(_lexer.Source[start..end]));
        }
        catch (BasaltException e) when (e.Code == ErrorCode.InvalidQuery)
        {
            throw _lexer.Error(start, $"'{_lexer.Source[start..end]}' is not the path of a field");
        }
    }

    private T Nested<T>(Func<T> parse)
    {
        if (++_depth > FilterText.MaxDepth) throw Error($"more than {FilterText.MaxDepth} levels of nesting");
        try
        {
            return parse();
        }
        finally
        {
            _depth--;
        }
    }

    private char TakeOperator()
    {
        var symbol = _token.Value[0];
        Advance();
        return symbol;
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
        if (!Take(symbol)) throw Error($"expected '{symbol}', found {Shown()}");
    }

    private void Advance()
    {
        _token = _next;
        _next = _lexer.Next();
    }

    private BasaltException Error(string problem) => _lexer.Error(_token.Start, problem);

    private string Shown() => _token.Kind == TokenKind.End ? "the end of the text" : $"'{_lexer.Source[_token.Start.._token.End]}'";
}
