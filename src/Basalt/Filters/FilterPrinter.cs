using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using Basalt.Records;

namespace Basalt.Filters;

/// <summary>Prints filters and values in the syntax of <see cref="FilterText"/>.</summary>
internal static class FilterPrinter
{
    private static readonly FrozenSet<string> Keywords = new[]
    {
        "and", "or", "not", "true", "false", "null", "is", "in", "between", "like", "ilike", "starts", "ends", "with", "contains", "has", "any", "all",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    public static bool IsKeyword(string word) => Keywords.Contains(word);

    public static string Print(Filter filter)
    {
        var text = new StringBuilder();
        Append(text, filter, Precedence.Or);
        return text.ToString();
    }

    public static string Print(Value value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    public static string Name(string name)
    {
        var plain = name.Length > 0 && FilterLexer.IsWordStart(name[0]) && name[0] != '$' && !IsKeyword(name);
        foreach (var c in name) plain &= FilterLexer.IsWordPart(c);
        return plain ? name : $"\"{name.Replace("\"", "\"\"")}\"";
    }

    private enum Precedence
    {
        Or,
        And,
        Unary,
    }

    private static void Append(StringBuilder text, Filter filter, Precedence context)
    {
        switch (filter)
        {
            case ConstantFilter constant: text.Append(constant.Value ? "true" : "false"); break;
            case NotFilter not:
                text.Append("not ");
                Append(text, not.Inner, Precedence.Unary);
                break;
            case AndFilter and: Join(text, and.Terms, " and ", Precedence.And, context); break;
            case OrFilter or: Join(text, or.Terms, " or ", Precedence.Or, context); break;
            case LeafFilter leaf: AppendLeaf(text, leaf); break;
            default: throw new InvalidOperationException($"No text form for {filter.GetType().Name}.");
        }
    }

    private static void Join(StringBuilder text, IReadOnlyList<Filter> terms, string separator, Precedence own, Precedence context)
    {
        var parentheses = own < context;
        if (parentheses) text.Append('(');
        for (var i = 0; i < terms.Count; i++)
        {
            if (i > 0) text.Append(separator);
            Append(text, terms[i], own + 1);
        }

        if (parentheses) text.Append(')');
    }

    private static void AppendLeaf(StringBuilder text, LeafFilter leaf)
    {
        text.Append(leaf.Path).Append(' ');
        switch (leaf)
        {
            case CompareFilter compare:
                text.Append(Symbol(compare.Comparison)).Append(' ');
                Append(text, compare.Literal);
                break;
            case InFilter filter:
                text.Append(filter.Negated ? "not in " : "in ");
                AppendSet(text, filter.Values);
                break;
            case BetweenFilter between:
                text.Append(between.Negated ? "not between " : "between ");
                Append(text, between.Low);
                text.Append(" and ");
                Append(text, between.High);
                break;
            case LikeFilter like:
                text.Append(like.Negated ? "not " : "").Append(like.IgnoreCase ? "ilike " : "like ");
                AppendText(text, like.Pattern);
                break;
            case TextFilter search:
                text.Append(search.Position switch { TextPosition.Start => "starts with ", TextPosition.End => "ends with ", _ => "contains " });
                AppendText(text, search.Text);
                break;
            case HasFilter has:
                text.Append(has.All ? "has all " : "has any ");
                AppendSet(text, has.Values);
                break;
            case NullFilter filter:
                text.Append(filter.Negated ? "is not null" : "is null");
                break;
            default:
                throw new InvalidOperationException($"No text form for {leaf.GetType().Name}.");
        }
    }

    public static string Symbol(Comparison comparison) => comparison switch
    {
        Comparison.Equal => "=",
        Comparison.NotEqual => "!=",
        Comparison.Less => "<",
        Comparison.LessOrEqual => "<=",
        Comparison.Greater => ">",
        _ => ">=",
    };

    private static void AppendSet(StringBuilder text, IReadOnlyList<Value> values)
    {
        text.Append('(');
        for (var i = 0; i < values.Count; i++)
        {
            if (i > 0) text.Append(", ");
            Append(text, values[i]);
        }

        text.Append(')');
    }

    private static void Append(StringBuilder text, Value value)
    {
        switch (value.Kind)
        {
            case ValueKind.Null: text.Append("null"); break;
            case ValueKind.Bool: text.Append(value.AsBool ? "true" : "false"); break;
            case ValueKind.Int64: text.Append(value.AsInt64); break;
            case ValueKind.Double:
                text.Append(double.IsFinite(value.AsDouble) ? RecordJson.FormatDouble(value.AsDouble) : $"double '{value.AsDouble.ToString(CultureInfo.InvariantCulture)}'");
                break;
            case ValueKind.Decimal: text.Append(value.AsDecimal.ToString(CultureInfo.InvariantCulture)).Append('m'); break;
            case ValueKind.String: AppendText(text, value.AsString); break;
            case ValueKind.DateTime: text.Append(RecordJson.FormatTime(value.AsDateTime)); break;
            case ValueKind.Guid: text.Append("guid '").Append(value.AsGuid.ToString("D")).Append('\''); break;
            case ValueKind.Bytes: text.Append("x'").Append(Convert.ToHexStringLower(value.AsBytes.Span)).Append('\''); break;
            case ValueKind.Vector: AppendVector(text, value.AsVector.Span); break;
            case ValueKind.List: AppendList(text, value.AsList.Span); break;
            case ValueKind.Map: AppendMap(text, value.AsMap); break;
            default: throw new InvalidOperationException($"No text form for {value.Kind}.");
        }
    }

    private static void AppendText(StringBuilder text, string value) => text.Append('\'').Append(value.Replace("'", "''")).Append('\'');

    private static void AppendVector(StringBuilder text, ReadOnlySpan<float> vector)
    {
        text.Append("vector [");
        for (var i = 0; i < vector.Length; i++)
        {
            if (i > 0) text.Append(", ");
            var component = vector[i].ToString("R", CultureInfo.InvariantCulture);
            text.Append(float.IsFinite(vector[i]) ? component : $"'{component}'");
        }

        text.Append(']');
    }

    private static void AppendList(StringBuilder text, ReadOnlySpan<Value> items)
    {
        text.Append('[');
        for (var i = 0; i < items.Length; i++)
        {
            if (i > 0) text.Append(", ");
            Append(text, items[i]);
        }

        text.Append(']');
    }

    private static void AppendMap(StringBuilder text, ValueMap map)
    {
        text.Append('{');
        var first = true;
        foreach (var (name, value) in map)
        {
            if (!first) text.Append(", ");
            first = false;
            text.Append('"').Append(name.Replace("\"", "\"\"")).Append("\": ");
            Append(text, value);
        }

        text.Append('}');
    }
}
