using System.Linq.Expressions;

namespace Basalt.Filters;

/// <summary>Translates calls of <see cref="string"/>'s methods on members.</summary>
internal static class LinqText
{
    /// <summary>The filter, or null when the call is not one on the text of a member.</summary>
    public static Filter? Find(MethodCallExpression call, LinqOperands operands)
    {
        var arguments = call.Object is null ? call.Arguments.ToArray() : [call.Object, .. call.Arguments];
        if (call.Method.Name == nameof(string.IsNullOrEmpty))
        {
            var path = operands.Require(arguments[0]).Path;
            return new NullFilter(path) | new CompareFilter(path, Comparison.Equal, "");
        }

        if (call.Method.Name is not (nameof(string.StartsWith) or nameof(string.EndsWith) or nameof(string.Contains) or nameof(string.Equals))) return null;
        var ignoreCase = arguments.Length > 2 && IgnoresCase(call, arguments);
        if (call.Method.Name == nameof(string.Equals))
        {
            if (!ignoreCase && arguments.Length == 2) return null;
            if (LinqConstant.TryEvaluate(arguments[0], out _)) (arguments[0], arguments[1]) = (arguments[1], arguments[0]);
        }

        var operand = operands.Require(arguments[0]);
        if (!LinqConstant.TryEvaluate(arguments[1], out var constant)) throw LinqFilter.Refuse(call);
        if (constant is null && call.Method.Name == nameof(string.Equals)) return new NullFilter(operand.Path);
        var text = constant switch
        {
            string given => given,
            char letter => letter.ToString(),
            _ => throw LinqFilter.Refuse(call),
        };
        return (call.Method.Name, ignoreCase) switch
        {
            (nameof(string.StartsWith), false) => new TextFilter(operand.Path, TextPosition.Start, text),
            (nameof(string.EndsWith), false) => new TextFilter(operand.Path, TextPosition.End, text),
            (nameof(string.Contains), false) => new TextFilter(operand.Path, TextPosition.Anywhere, text),
            (nameof(string.StartsWith), true) => ILike(Escape(text) + "%"),
            (nameof(string.EndsWith), true) => ILike("%" + Escape(text)),
            (nameof(string.Contains), true) => ILike("%" + Escape(text) + "%"),
            (_, true) => ILike(Escape(text)),
            _ => new CompareFilter(operand.Path, Comparison.Equal, text),
        };

        LikeFilter ILike(string pattern) => new(operand.Path, pattern, ignoreCase: true);
    }

    private static bool IgnoresCase(MethodCallExpression call, Expression[] arguments) =>
        LinqConstant.TryEvaluate(arguments[2], out var comparison) && comparison is StringComparison.Ordinal or StringComparison.OrdinalIgnoreCase
            ? comparison is StringComparison.OrdinalIgnoreCase
            : throw new NotSupportedException($"'{call}' compares by culture; use StringComparison.Ordinal or OrdinalIgnoreCase.");

    private static string Escape(string text) => text.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_");
}
