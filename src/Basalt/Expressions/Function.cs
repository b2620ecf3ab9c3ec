using System.Text;
using Basalt.Records;

namespace Basalt.Expressions;

/// <summary>A function of expressions: its name, how many arguments it takes, and what it does with them.</summary>
/// <param name="Name">The name, in lower case.</param>
/// <param name="Least">The least number of arguments.</param>
/// <param name="Most">The greatest number of arguments.</param>
/// <param name="TakesNulls">Whether it is called with nulls; else a null argument makes the result null.</param>
/// <param name="Apply">What it does.</param>
internal sealed record Function(string Name, int Least, int Most, bool TakesNulls, Func<Value[], Value> Apply)
{
    private const int Any = 100;

    private static readonly Function[] All =
    [
        new("lower", 1, 1, false, static a => TextArgument("lower", a[0]).ToLowerInvariant()),
        new("upper", 1, 1, false, static a => TextArgument("upper", a[0]).ToUpperInvariant()),
        new("trim", 1, 1, false, static a => TextArgument("trim", a[0]).Trim()),
        new("length", 1, 1, false, static a => Length(a[0])),
        new("substring", 2, 3, false, static a => Substring(TextArgument("substring", a[0]), WholeArgument("substring", a[1]), a.Length > 2 ? WholeArgument("substring", a[2]) : long.MaxValue)),
        new("replace", 3, 3, false, static a => Replace(TextArgument("replace", a[0]), TextArgument("replace", a[1]), TextArgument("replace", a[2]))),
        new("coalesce", 1, Any, true, static a => a.FirstOrDefault(static v => !v.IsNull)),
        new("round", 1, 2, false, static a => Round(a[0], a.Length > 1 ? WholeArgument("round", a[1]) : 0)),
        new("abs", 1, 1, false, static a => Abs(a[0])),
        new("concat", 1, Any, true, static a => string.Concat(a.Where(static v => !v.IsNull).Select(ConcatenationExpression.TextOf))),
    ];

    public static string Names => string.Join(", ", All.Select(static f => f.Name));

    public static Function? Find(string name) => Array.Find(All, f => f.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static Value Length(Value value) => value.Kind switch
    {
        ValueKind.String => value.AsString.EnumerateRunes().Count(),
        ValueKind.List => value.AsList.Length,
        ValueKind.Map => value.AsMap.Count,
        ValueKind.Vector => value.AsVector.Length,
        ValueKind.Bytes => value.AsBytes.Length,
        _ => throw Expression.Refused($"length needs text, bytes, a list, a map or a vector, not {value.Kind} {Expression.Show(value)}"),
    };

    /// <summary>By code points, from 1; what lies outside of the text is left out.</summary>
    private static Value Substring(string text, long start, long length)
    {
        if (length < 0) throw Expression.Refused($"substring needs a length of 0 or more, not {length}");
        var part = new StringBuilder();
        var end = length > long.MaxValue - Math.Max(start, 0) ? long.MaxValue : start + length;
        long at = 0;
        foreach (var rune in text.EnumerateRunes())
        {
            if (++at >= end) break;
            if (at >= start) part.Append(rune.ToString());
        }

        return part.ToString();
    }

    private static Value Replace(string text, string from, string to) =>
        from.Length > 0 ? text.Replace(from, to, StringComparison.Ordinal) : throw Expression.Refused("replace cannot look for empty text");

    /// <summary>To so many digits behind the point, halves away from zero; the kind of number stays.</summary>
    private static Value Round(Value value, long digits) => value.Kind switch
    {
        _ when digits is < 0 or > 15 => throw Expression.Refused($"round takes 0 to 15 digits, not {digits}"),
        ValueKind.Int64 => value,
        ValueKind.Double => Math.Round(value.AsDouble, (int)digits, MidpointRounding.AwayFromZero),
        ValueKind.Decimal => Math.Round(value.AsDecimal, (int)digits, MidpointRounding.AwayFromZero),
        _ => throw NotNumber("round", value),
    };

    private static Value Abs(Value value) => value.Kind switch
    {
        ValueKind.Int64 when value.AsInt64 == long.MinValue => throw Expression.Refused($"abs({value}) overflows"),
        ValueKind.Int64 => Math.Abs(value.AsInt64),
        ValueKind.Double => Math.Abs(value.AsDouble),
        ValueKind.Decimal => Math.Abs(value.AsDecimal),
        _ => throw NotNumber("abs", value),
    };

    private static string TextArgument(string function, Value value) =>
        value.Kind == ValueKind.String ? value.AsString : throw Expression.Refused($"{function} needs text, not {value.Kind} {Expression.Show(value)}");

    private static long WholeArgument(string function, Value value) =>
        value.TryGetInt64(out var whole) ? whole : throw Expression.Refused($"{function} needs a whole number, not {value.Kind} {Expression.Show(value)}");

    private static BasaltException NotNumber(string function, Value value) =>
        Expression.Refused($"{function} needs a number, not {value.Kind} {Expression.Show(value)}");
}

internal sealed class CallExpression(Function function, Expression[] arguments) : Expression
{
    public override Value Evaluate(Record record)
    {
        var values = new Value[arguments.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = arguments[i].Evaluate(record);
            if (values[i].IsNull && !function.TakesNulls) return default;
        }

        return function.Apply(values);
    }
}
