using Basalt.Records;

namespace Basalt.Expressions;

/// <summary>
/// A value computed from a record. Immutable and thread-safe. Null propagates through arithmetic, text and functions (but <c>coalesce</c> and
/// <c>concat</c>); comparisons follow the filters: false on null.
/// </summary>
/// <remarks>
/// <code>
/// expression = and { "or" and }       and = not { "and" not }       not = "not" not | test
/// test       = text [ ( "=" | "==" | "!=" | "&lt;&gt;" | "&lt;" | "&lt;=" | "&gt;" | "&gt;=" ) text | "is" ["not"] "null" ]
/// text       = sum { "||" sum }       sum = product { ("+" | "-") product }       product = sign { ("*" | "/" | "%") sign }
/// sign       = "-" sign | literal | path | function "(" expression { "," expression } ")" | "(" expression ")"
/// </code>
/// Literals and paths are those of filters.
/// </remarks>
internal abstract class Expression
{
    /// <summary>An expression from its text.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>: the text is malformed; the message points at the column.</exception>
    public static Expression Parse(string text) => new ExpressionParser(text).ParseWhole();

    /// <summary>The value for a record.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidRecord"/>: an operation does not fit its values, overflows or divides by zero.</exception>
    public abstract Value Evaluate(Record record);

    /// <summary>Whether a value is true; null counts as false.</summary>
    internal static bool IsTrue(Value value, string where) => value.Kind switch
    {
        ValueKind.Bool => value.AsBool,
        ValueKind.Null => false,
        _ => throw Refused($"{where} needs true or false, not {value.Kind} {Show(value)}"),
    };

    /// <summary>A value for a message, cut where it is long.</summary>
    internal static string Show(Value value)
    {
        const int longest = 60;
        var text = value.ToString();
        if (text.Length <= longest) return text;
        return text[..(char.IsHighSurrogate(text[longest - 1]) ? longest - 1 : longest)] + "…";
    }

    internal static BasaltException Refused(string problem, Exception? cause = null) => new(ErrorCode.InvalidRecord, problem, cause);
}

internal sealed class LiteralExpression(Value value) : Expression
{
    public override Value Evaluate(Record record) => value;
}

internal sealed class PathExpression(Filters.FieldPath path) : Expression
{
    public override Value Evaluate(Record record) => path.Resolve(record);
}

internal sealed class NotExpression(Expression inner) : Expression
{
    public override Value Evaluate(Record record) => !IsTrue(inner.Evaluate(record), "'not'");
}

internal sealed class LogicalExpression(Expression left, bool isAnd, Expression right) : Expression
{
    public override Value Evaluate(Record record)
    {
        var where = isAnd ? "'and'" : "'or'";
        if (IsTrue(left.Evaluate(record), where) != isAnd) return !isAnd;
        return IsTrue(right.Evaluate(record), where);
    }
}

internal sealed class NullTestExpression(Expression inner, bool negated) : Expression
{
    public override Value Evaluate(Record record) => inner.Evaluate(record).IsNull != negated;
}

/// <summary>A comparison with the meaning that filters give it.</summary>
internal sealed class ComparisonExpression(Expression left, Filters.Comparison comparison, Expression right) : Expression
{
    public override Value Evaluate(Record record)
    {
        var a = left.Evaluate(record);
        var b = right.Evaluate(record);
        if (a.IsNull || b.IsNull) return false;
        return comparison switch
        {
            Filters.Comparison.Equal => a == b,
            Filters.Comparison.NotEqual => a != b,
            _ when !a.IsComparableTo(b) => false,
            Filters.Comparison.Less => a < b,
            Filters.Comparison.LessOrEqual => a <= b,
            Filters.Comparison.Greater => a > b,
            _ => a >= b,
        };
    }
}

internal sealed class ConcatenationExpression(Expression left, Expression right) : Expression
{
    public override Value Evaluate(Record record)
    {
        var a = left.Evaluate(record);
        var b = right.Evaluate(record);
        return a.IsNull || b.IsNull ? default : TextOf(a) + TextOf(b);
    }

    /// <summary>The text of a scalar, as JSON and filters write it.</summary>
    public static string TextOf(Value value)
    {
        Value text = default;
        if (value.Kind == ValueKind.String) return value.AsString;
        if (value.Kind == ValueKind.DateTime) return RecordJson.FormatTime(value.AsDateTime);
        if (value.Kind == ValueKind.Guid) return value.AsGuid.ToString("D");
        if (Schemas.Coercion.Convert(value, Schemas.FieldType.String, Schemas.Validation.Lenient, ref text) == Schemas.CoercionOutcome.Converted) return text.AsString;
        throw Refused($"{value.Kind} {Show(value)} has no text to join");
    }
}
