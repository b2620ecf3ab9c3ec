using Basalt.Filters;

namespace Basalt.Expressions;

/// <summary>Recursive descent over the grammar in <see cref="Expression"/>.</summary>
internal sealed class ExpressionParser
{
    private readonly TokenReader _tokens;
    private readonly LiteralParser _literals;

    public ExpressionParser(string text)
    {
        _tokens = new TokenReader(text);
        _literals = new LiteralParser(_tokens);
    }

    public Expression ParseWhole()
    {
        var parsed = Disjunction();
        return _tokens.IsAtEnd ? parsed : throw _tokens.Error($"expected an operator or the end, found {_tokens.Shown}");
    }

    private Expression Disjunction()
    {
        var left = Conjunction();
        while (_tokens.TakeWord("or")) left = new LogicalExpression(left, isAnd: false, Conjunction());
        return left;
    }

    private Expression Conjunction()
    {
        var left = Complement();
        while (_tokens.TakeWord("and")) left = new LogicalExpression(left, isAnd: true, Complement());
        return left;
    }

    private Expression Complement() => _tokens.Nested<Expression>(() => _tokens.TakeWord("not") ? new NotExpression(Complement()) : Test());

    private Expression Test()
    {
        var left = Joined();
        if (_tokens.TakeComparison(out var comparison)) return new ComparisonExpression(left, comparison, Joined());
        if (!_tokens.TakeWord("is")) return left;
        var negated = _tokens.TakeWord("not");
        if (!_tokens.TakeWord("null")) throw _tokens.Error($"expected 'null' or 'not null' after 'is', found {_tokens.Shown}");
        return new NullTestExpression(left, negated);
    }

    private Expression Joined()
    {
        var left = Sum();
        while (_tokens.Take("||")) left = new ConcatenationExpression(left, Sum());
        return left;
    }

    private Expression Sum()
    {
        var left = Product();
        while (_tokens.Current.Is("+") || _tokens.Current.Is("-")) left = new ArithmeticExpression(left, TakeOperator(), Product());
        return left;
    }

    private Expression Product()
    {
        var left = Sign();
        while (_tokens.Current.Is("*") || _tokens.Current.Is("/") || _tokens.Current.Is("%")) left = new ArithmeticExpression(left, TakeOperator(), Sign());
        return left;
    }

    private Expression Sign()
    {
        if (_literals.StartsNegativeNumber) return Literal();
        return _tokens.Nested<Expression>(() => _tokens.Take("-") ? new NegationExpression(Sign()) : Primary());
    }

    private Expression Primary()
    {
        if (_tokens.Take("("))
        {
            var inner = Disjunction();
            _tokens.Expect(")");
            return inner;
        }

        if (_tokens.Current.Kind is TokenKind.Text or TokenKind.Number or TokenKind.Time || _tokens.Current.IsWord("true") || _tokens.Current.IsWord("false") || _tokens.Current.IsWord("null")) return Literal();
        if (_tokens.Current.Kind == TokenKind.Word && _tokens.Next.Is("(")) return Call();
        return Path();
    }

    private CallExpression Call()
    {
        var name = _tokens.Current;
        var function = Function.Find(name.Value) ?? throw _tokens.Error($"there is no function '{name.Value}' ({Function.Names});");
        _tokens.Advance();
        var arguments = _tokens.Items("(", ")", Disjunction);
        if (arguments.Count >= function.Least && arguments.Count <= function.Most) return new CallExpression(function, [.. arguments]);
        var wanted = function.Least == function.Most ? $"{function.Least}" : $"{function.Least} to {function.Most}";
        throw _tokens.Error(name.Start, $"{function.Name} takes {wanted} arguments, not {arguments.Count}");
    }

    private char TakeOperator() => _tokens.Advance().Value[0];

    private LiteralExpression Literal() => new(_literals.Parse());

    private PathExpression Path() => _tokens.Current.Kind is TokenKind.Word or TokenKind.QuotedName
        ? new PathExpression(PathParser.Parse(_tokens))
        : throw _tokens.Error($"expected a value, found {_tokens.Shown}");
}
