using System.Collections;
using System.Linq.Expressions;
using System.Reflection;

namespace Basalt.Filters;

/// <summary>Evaluates the parts of a predicate that do not depend on its parameters: literals, captured variables, calls on them.</summary>
internal static class LinqConstant
{
    private static readonly IEqualityComparer<string> PlainComparer = new HashSet<string>().Comparer;

    public static bool TryEvaluate(Expression expression, out object? constant)
    {
        constant = null;
        if (ParameterSearch.IsIn(expression) || expression.Type.IsByRefLike) return false;
        constant = Evaluate(expression);
        return true;
    }

    /// <summary>The items of a collection that decides membership by plain equality.</summary>
    public static IReadOnlyList<object?> Items(object? collection, Expression whole)
    {
        var isPlain = collection is not (ISet<string> or IReadOnlySet<string>)
            || (collection is HashSet<string> { Comparer: var comparer }
                && (ReferenceEquals(comparer, PlainComparer) || ReferenceEquals(comparer, StringComparer.Ordinal)));
        if (!isPlain || collection is IDictionary)
            throw new NotSupportedException($"'{whole}' asks a collection with a comparer of its own; pass an array.");
        return collection is IEnumerable items and not string ? [.. items.Cast<object?>()] : throw LinqFilter.Refuse(whole);
    }

    private static object? Evaluate(Expression expression)
    {
        switch (expression)
        {
            case ConstantExpression literal: return literal.Value;
            case MemberExpression { Member: FieldInfo { IsStatic: false } field, Expression: { } owner } when Evaluate(owner) is { } target: return field.GetValue(target);
            default:
                var boxed = Expression.Convert(expression, typeof(object));
                return Expression.Lambda<Func<object?>>(boxed).Compile(preferInterpretation: true)();
        }
    }

    /// <summary>Looks for a parameter that the expression does not bind itself.</summary>
    private sealed class ParameterSearch : ExpressionVisitor
    {
        private readonly HashSet<ParameterExpression> _bound = [];
        private bool _found;

        public static bool IsIn(Expression expression)
        {
            var search = new ParameterSearch();
            search.Visit(expression);
            return search._found;
        }

        protected override Expression VisitLambda<T>(Expression<T> node)
        {
            foreach (var parameter in node.Parameters) _bound.Add(parameter);
            return base.VisitLambda(node);
        }

        protected override Expression VisitParameter(ParameterExpression node)
        {
            _found |= !_bound.Contains(node);
            return node;
        }
    }
}
