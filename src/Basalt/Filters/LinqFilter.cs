using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Linq.Expressions;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Filters;

/// <summary>Translates predicates on mapped types into filters, or refuses them by name.</summary>
internal sealed class LinqFilter
{
    private readonly LinqOperands _operands;

    private LinqFilter(LinqOperands operands) => _operands = operands;

    public static Filter Translate<[DynamicallyAccessedMembers(Mapping.Members)] T>(Expression<Func<T, bool>> predicate)
    {
        ArgumentNullException.ThrowIfNull(predicate);
        return new LinqFilter(new LinqOperands(Mapper<T>.Default.Type, predicate.Parameters[0])).Condition(predicate.Body);
    }

    private Filter Condition(Expression expression)
    {
        if (LinqConstant.TryEvaluate(expression, out var constant))
            return constant is true ? Filter.True : constant is false ? Filter.False : throw Refuse(expression);
        return expression switch
        {
            BinaryExpression { NodeType: ExpressionType.AndAlso or ExpressionType.And } both => Condition(both.Left) & Condition(both.Right),
            BinaryExpression { NodeType: ExpressionType.OrElse or ExpressionType.Or } either => Condition(either.Left) | Condition(either.Right),
            BinaryExpression { NodeType: ExpressionType.Coalesce } coalesce => Coalesce(coalesce),
            BinaryExpression comparison => Compare(comparison),
            UnaryExpression { NodeType: ExpressionType.Not } not => !Condition(not.Operand),
            UnaryExpression { NodeType: ExpressionType.Convert } convert when convert.Operand.Type == typeof(bool) => Condition(convert.Operand),
            MemberExpression { Member.Name: nameof(Nullable<int>.HasValue), Expression: { } nullable } when Nullable.GetUnderlyingType(nullable.Type) is not null =>
                new NullFilter(_operands.Require(nullable).Path, negated: true),
            MethodCallExpression call => Call(call),
            _ when expression.Type == typeof(bool) && _operands.Find(expression) is { } flag => new CompareFilter(flag.Path, Comparison.Equal, true),
            _ => throw Refuse(expression),
        };
    }

    private Filter Compare(BinaryExpression comparison)
    {
        var kind = comparison.NodeType switch
        {
            ExpressionType.Equal => Comparison.Equal,
            ExpressionType.NotEqual => Comparison.NotEqual,
            ExpressionType.LessThan => Comparison.Less,
            ExpressionType.LessThanOrEqual => Comparison.LessOrEqual,
            ExpressionType.GreaterThan => Comparison.Greater,
            ExpressionType.GreaterThanOrEqual => Comparison.GreaterOrEqual,
            _ => throw Refuse(comparison),
        };
        if (LinqConstant.TryEvaluate(comparison.Right, out var right)) return Compare(comparison.Left, kind, right, comparison);
        if (LinqConstant.TryEvaluate(comparison.Left, out var left)) return Compare(comparison.Right, Mirror(kind), left, comparison);
        throw new NotSupportedException($"'{comparison}' compares two members; a filter compares a field with a constant.");
    }

    private Filter Compare(Expression member, Comparison kind, object? constant, Expression whole)
    {
        if (_operands.Find(member) is not { } operand)
        {
            // A condition compared with a bool, as in (f.Year > 1990) == flag.
            if (constant is not bool wanted || member.Type != typeof(bool) || kind is not (Comparison.Equal or Comparison.NotEqual)) throw Refuse(member);
            return wanted == (kind == Comparison.Equal) ? Condition(member) : !Condition(member);
        }

        if (constant is null or Value { IsNull: true })
        {
            return kind switch
            {
                Comparison.Equal => new NullFilter(operand.Path),
                Comparison.NotEqual => new NullFilter(operand.Path, negated: true),
                _ => throw new NotSupportedException($"'{whole}' orders against null, which never matches; use a null test."),
            };
        }

        if (kind is not (Comparison.Equal or Comparison.NotEqual)) return new CompareFilter(operand.PathForOrder(whole), kind, operand.LiteralForOrder(constant));
        return new CompareFilter(operand.PathForEquality(whole), kind, operand.Literal(constant));
    }

    private Filter Coalesce(BinaryExpression coalesce)
    {
        if (_operands.Find(coalesce.Left) is not { } flag || !LinqConstant.TryEvaluate(coalesce.Right, out var fallback) || fallback is not bool whenNull)
            throw Refuse(coalesce);
        return whenNull ? !(Filter.Field(flag.Path) == false) : Filter.Field(flag.Path) == true;
    }

    private Filter Call(MethodCallExpression call)
    {
        var name = call.Method.Name;
        if (call.Method.DeclaringType == typeof(string) && LinqText.Find(call, _operands) is { } text) return text;
        if (name == nameof(Equals)) return EqualsCall(call);
        if (name == nameof(Enumerable.Contains)) return ContainsCall(call);
        if (call.Method.DeclaringType == typeof(Enumerable) && name is nameof(Enumerable.Any) or nameof(Enumerable.All) && call.Arguments.Count == 2
            && call.Arguments[1] is LambdaExpression lambda)
            return name == nameof(Enumerable.Any) ? AnyCall(call, lambda) : AllCall(call, lambda);
        throw Refuse(call);
    }

    private Filter EqualsCall(MethodCallExpression call)
    {
        var (left, right) = (call.Object, call.Arguments.Count) switch
        {
            ({ } instance, 1) => (instance, call.Arguments[0]),
            (null, 2) => (call.Arguments[0], call.Arguments[1]),
            _ => throw Refuse(call),
        };
        if (LinqConstant.TryEvaluate(right, out var constant)) return Compare(left, Comparison.Equal, constant, call);
        if (LinqConstant.TryEvaluate(left, out constant)) return Compare(right, Comparison.Equal, constant, call);
        throw Refuse(call);
    }

    private Filter ContainsCall(MethodCallExpression call)
    {
        var (source, item) = Membership(call);
        if (LinqConstant.TryEvaluate(source, out var values)) return In(_operands.Require(item), values, call);
        if (LinqConstant.TryEvaluate(item, out var value)) return Has(_operands.Require(source), [value], all: false, call);
        throw Refuse(call);
    }

    private HasFilter AnyCall(MethodCallExpression call, LambdaExpression lambda)
    {
        if (LinqConstant.TryEvaluate(call.Arguments[0], out var values))
            return Has(ListOf(lambda, call), (values as IEnumerable ?? throw Refuse(call)).Cast<object?>(), all: false, call);
        return Has(_operands.Require(call.Arguments[0]), Alternatives(lambda.Body, lambda.Parameters[0]), all: false, call);
    }

    private HasFilter AllCall(MethodCallExpression call, LambdaExpression lambda)
    {
        if (!LinqConstant.TryEvaluate(call.Arguments[0], out var values)) throw Refuse(call);
        return Has(ListOf(lambda, call), (values as IEnumerable ?? throw Refuse(call)).Cast<object?>(), all: true, call);
    }

    /// <summary>The list member in <c>v =&gt; f.Tags.Contains(v)</c>.</summary>
    private LinqOperand ListOf(LambdaExpression lambda, Expression whole)
    {
        if (lambda.Body is not MethodCallExpression { Method.Name: nameof(Enumerable.Contains) } contains) throw Refuse(whole);
        var (source, item) = Membership(contains);
        return item == lambda.Parameters[0] ? _operands.Require(source) : throw Refuse(whole);
    }

    /// <summary>The values that <c>t =&gt; t == a || t == b || others.Contains(t)</c> allows.</summary>
    private static IEnumerable<object?> Alternatives(Expression body, ParameterExpression item)
    {
        switch (body)
        {
            case BinaryExpression { NodeType: ExpressionType.OrElse } either:
                return Alternatives(either.Left, item).Concat(Alternatives(either.Right, item));
            case BinaryExpression { NodeType: ExpressionType.Equal } equal:
                if (IsItem(equal.Left) && LinqConstant.TryEvaluate(equal.Right, out var right)) return [right];
                if (IsItem(equal.Right) && LinqConstant.TryEvaluate(equal.Left, out var left)) return [left];
                break;
            case MethodCallExpression { Method.Name: nameof(Enumerable.Contains) } contains:
                var (source, member) = Membership(contains);
                if (IsItem(member) && LinqConstant.TryEvaluate(source, out var values)) return LinqConstant.Items(values, contains);
                break;
        }

        throw Refuse(body);

        bool IsItem(Expression e) => LinqOperands.WithoutConversion(e) == item;
    }

    private static (Expression Source, Expression Item) Membership(MethodCallExpression call)
    {
        var arguments = call.Object is null ? call.Arguments.ToArray() : [call.Object, .. call.Arguments];
        var hasComparer = arguments.Length == 3 && !(LinqConstant.TryEvaluate(arguments[2], out var comparer) && comparer is null);
        if (hasComparer) throw new NotSupportedException($"'{call}' uses a comparer; a filter compares text by code point.");
        if (arguments.Length is not (2 or 3) || call.Object?.Type == typeof(string)) throw Refuse(call);
        // C# 14 finds Contains on spans first; the array is inside of the conversion.
        var source = arguments[0] switch
        {
            MethodCallExpression { Method.Name: "op_Implicit", Arguments: [var inner] } => inner,
            UnaryExpression { NodeType: ExpressionType.Convert, Method.Name: "op_Implicit", Operand: var inner } => inner,
            var other => other,
        };
        return (source, arguments[1]);
    }

    private static Filter In(LinqOperand operand, object? values, Expression whole)
    {
        var items = LinqConstant.Items(values, whole);
        var isIn = Filter.Field(operand.PathForEquality(whole)).In(items.Where(static item => item is not null).Select(item => operand.Literal(item!)));
        return items.Contains(null) ? isIn | new NullFilter(operand.Path) : isIn;
    }

    private static HasFilter Has(LinqOperand operand, IEnumerable<object?> values, bool all, Expression whole)
    {
        if (operand.Items is not { } items) throw new NotSupportedException($"'{whole}' looks into {operand.Path}, which is not a list of single values.");
        return new HasFilter(operand.Path, values.Select(value =>
            value is null ? throw new NotSupportedException($"'{whole}' looks for null in a list, which a filter cannot.") : items.Literal(value)), all);
    }

    private static Comparison Mirror(Comparison kind) => kind switch
    {
        Comparison.Less => Comparison.Greater,
        Comparison.LessOrEqual => Comparison.GreaterOrEqual,
        Comparison.Greater => Comparison.Less,
        Comparison.GreaterOrEqual => Comparison.LessOrEqual,
        _ => kind,
    };

    internal static NotSupportedException Refuse(Expression expression) =>
        new($"'{expression}' has no equal among filters. Compare members with constants, or filter the results in memory.");
}
