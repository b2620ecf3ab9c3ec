using Basalt.Records;

namespace Basalt.Filters;

/// <summary>Reads the conditions of the grammar in <see cref="FilterText"/>, by recursive descent.</summary>
internal sealed class FilterParser
{
    private readonly TokenReader _tokens;
    private readonly LiteralParser _literals;

    public FilterParser(string text)
    {
        _tokens = new TokenReader(text);
        _literals = new LiteralParser(_tokens);
    }

    public Filter ParseWhole() => Whole(Disjunction());

    public FieldPath ParseWholePath() => Whole(PathParser.Parse(_tokens));

    public Value ParseWholeLiteral() => Whole(_literals.Parse());

    private T Whole<T>(T parsed) => _tokens.IsAtEnd ? parsed : throw _tokens.Error($"expected 'and', 'or' or the end, found {_tokens.Shown}");

    private Filter Disjunction()
    {
        var terms = new List<Filter> { Conjunction() };
        while (_tokens.TakeWord("or")) terms.Add(Conjunction());
        return Filter.Or(terms);
    }

    private Filter Conjunction()
    {
        var terms = new List<Filter> { Unary() };
        while (_tokens.TakeWord("and")) terms.Add(Unary());
        return Filter.And(terms);
    }

    private Filter Unary() => _tokens.Nested(() =>
    {
        if (_tokens.TakeWord("not")) return !Unary();
        if (_tokens.Take("("))
        {
            var inner = Disjunction();
            _tokens.Expect(")");
            return inner;
        }

        if (_tokens.TakeWord("true")) return Filter.True;
        if (_tokens.TakeWord("false")) return Filter.False;
        return Leaf();
    });

    private Filter Leaf()
    {
        var path = PathParser.Parse(_tokens);
        if (_tokens.TakeComparison(out var comparison))
        {
            RefuseNull($"comparing with null never matches; write '{(comparison == Comparison.NotEqual ? "is not null" : "is null")}' instead:");
            return new CompareFilter(path, comparison, _literals.Parse());
        }

        if (_tokens.TakeWord("is"))
        {
            var negated = _tokens.TakeWord("not");
            ExpectWord("null", "'null' or 'not null' after 'is'");
            return new NullFilter(path, negated);
        }

        if (_tokens.TakeWord("starts")) return TextTest(path, TextPosition.Start, "with");
        if (_tokens.TakeWord("ends")) return TextTest(path, TextPosition.End, "with");
        if (_tokens.TakeWord("contains")) return TextTest(path, TextPosition.Anywhere, null);
        if (_tokens.TakeWord("has")) return Has(path);

        var not = _tokens.TakeWord("not");
        if (_tokens.TakeWord("in")) return new InFilter(path, LiteralSet("null is never 'in' a set; add 'or … is null'"), not);
        if (_tokens.TakeWord("between")) return Between(path, not);
        if (_tokens.TakeWord("like")) return Like(path, ignoreCase: false, not);
        if (_tokens.TakeWord("ilike")) return Like(path, ignoreCase: true, not);
        throw _tokens.Error(not
            ? $"expected 'in', 'between', 'like' or 'ilike' after 'not', found {_tokens.Shown}"
            : $"expected a comparison after {path}, found {_tokens.Shown}");
    }

    private TextFilter TextTest(FieldPath path, TextPosition position, string? particle)
    {
        if (particle is not null) ExpectWord(particle, $"'{particle}'");
        return new TextFilter(path, position, _literals.ParseText());
    }

    private HasFilter Has(FieldPath path)
    {
        const string noNull = "a list is never asked for null";
        if (_tokens.TakeWord("any")) return new HasFilter(path, LiteralSet(noNull), all: false);
        if (_tokens.TakeWord("all")) return new HasFilter(path, LiteralSet(noNull), all: true);
        RefuseNull(noNull);
        return new HasFilter(path, [_literals.Parse()], all: true);
    }

    private BetweenFilter Between(FieldPath path, bool negated)
    {
        var at = _tokens.Current.Start;
        var low = Bound();
        ExpectWord("and", "'and' between the bounds");
        var high = Bound();
        if (!low.IsComparableTo(high)) throw _tokens.Error(at, $"the bounds of 'between' must be of one type, not {low.Kind} and {high.Kind},");
        return new BetweenFilter(path, low, high, negated);
    }

    private Value Bound()
    {
        RefuseNull("a bound of 'between' cannot be null");
        return _literals.Parse();
    }

    private LikeFilter Like(FieldPath path, bool ignoreCase, bool negated)
    {
        var at = _tokens.Current.Start;
        var pattern = _literals.ParseText();
        try
        {
            return new LikeFilter(path, pattern, ignoreCase, negated);
        }
        catch (BasaltException e)
        {
            throw _tokens.Error(at, e.Message);
        }
    }

    private List<Value> LiteralSet(string noNull) => _tokens.Items("(", ")", () =>
    {
        RefuseNull(noNull);
        return _literals.Parse();
    });

    private void RefuseNull(string problem)
    {
        if (_tokens.Current.IsWord("null")) throw _tokens.Error(problem);
    }

    private void ExpectWord(string word, string expected)
    {
        if (!_tokens.TakeWord(word)) throw _tokens.Error($"expected {expected}, found {_tokens.Shown}");
    }
}
