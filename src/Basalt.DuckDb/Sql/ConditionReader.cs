using System.Globalization;
using System.Text.Json;
using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Native;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.DuckDb.Sql;

/// <summary>
/// Reads a condition of a parsed statement as a filter over the records of an attached table; null when it is none, or one of which it is not certain that whatever it matches in SQL the filter
/// matches too. Names that other tables may have are read only behind the alias.
/// </summary>
internal sealed class ConditionReader(AttachedTable table, string alias, bool isOnly)
{
    // Beyond it a comparison as doubles takes integers for equal that are not.
    private const double ExactIntegers = 1L << 53;

    public Filter? Read(JsonElement condition) => Text(condition, "type") switch
    {
        "CONJUNCTION_AND" => All(condition, Filter.And),
        "CONJUNCTION_OR" => All(condition, Filter.Or),
        "COMPARE_EQUAL" => Compare(condition, Comparison.Equal, Comparison.Equal),
        "COMPARE_NOTEQUAL" => Compare(condition, Comparison.NotEqual, Comparison.NotEqual),
        "COMPARE_LESSTHAN" => Compare(condition, Comparison.Less, Comparison.Greater),
        "COMPARE_GREATERTHAN" => Compare(condition, Comparison.Greater, Comparison.Less),
        "COMPARE_LESSTHANOREQUALTO" => Compare(condition, Comparison.LessOrEqual, Comparison.GreaterOrEqual),
        "COMPARE_GREATERTHANOREQUALTO" => Compare(condition, Comparison.GreaterOrEqual, Comparison.LessOrEqual),
        "COMPARE_BETWEEN" => Between(condition),
        "COMPARE_IN" => In(condition, negated: false),
        "COMPARE_NOT_IN" => In(condition, negated: true),
        "OPERATOR_IS_NULL" => Column(condition.GetProperty("children")[0]) is { } column ? new NullFilter(column.Path) : null,
        "OPERATOR_IS_NOT_NULL" => Column(condition.GetProperty("children")[0]) is { } column ? new NullFilter(column.Path, negated: true) : null,
        "FUNCTION" when Text(condition, "function_name") == "~~" => Like(condition),
        _ => null,
    };

    private Filter? All(JsonElement condition, Func<IEnumerable<Filter>, Filter> join)
    {
        var terms = condition.GetProperty("children").EnumerateArray().Select(Read).ToList();
        return terms.Contains(null) ? null : join(terms!);
    }

    private CompareFilter? Compare(JsonElement condition, Comparison comparison, Comparison turned)
    {
        JsonElement left = condition.GetProperty("left"), right = condition.GetProperty("right");
        if (Column(left) is { } column) return Literal(right, column.Type) is { } literal ? new CompareFilter(column.Path, comparison, literal) : null;
        return Column(right) is { } other && Literal(left, other.Type) is { } constant ? new CompareFilter(other.Path, turned, constant) : null;
    }

    private BetweenFilter? Between(JsonElement condition) =>
        Column(condition.GetProperty("input")) is { } column && Literal(condition.GetProperty("lower"), column.Type) is { } low && Literal(condition.GetProperty("upper"), column.Type) is { } high
            ? new BetweenFilter(column.Path, low, high)
            : null;

    private InFilter? In(JsonElement condition, bool negated)
    {
        var children = condition.GetProperty("children");
        if (Column(children[0]) is not { } column) return null;
        var literals = children.EnumerateArray().Skip(1).Select(child => Literal(child, column.Type)).ToList();
        return literals.Contains(null) ? null : new InFilter(column.Path, literals.Select(static literal => literal!.Value), negated);
    }

    private LikeFilter? Like(JsonElement condition)
    {
        var children = condition.GetProperty("children");
        if (Column(children[0]) is not { } column || column.Type != DuckType.Varchar || Literal(children[1], column.Type) is not { } pattern) return null;
        // Without an ESCAPE a backslash of SQL is itself.
        return new LikeFilter(column.Path, pattern.AsString.Replace("\\", "\\\\", StringComparison.Ordinal));
    }

    private AttachedColumn? Column(JsonElement expression)
    {
        if (Text(expression, "type") != "COLUMN_REF" || !expression.TryGetProperty("column_names", out var given)) return null;
        var names = given.EnumerateArray().Select(static name => name.GetString()!).ToArray();
        return names switch
        {
            [var name] when isOnly => table.Find(name),
            // A column of the alias's name could be a struct with such a member.
            [var qualifier, var name] when string.Equals(qualifier, alias, StringComparison.OrdinalIgnoreCase) && table.Find(qualifier) is null => table.Find(name),
            _ => null,
        };
    }

    /// <summary>A constant that SQL compares with a column of that type as filters do.</summary>
    private static Value? Literal(JsonElement expression, DuckType column)
    {
        if (Text(expression, "type") == "OPERATOR_CAST") return column == DuckType.Boolean ? Bool(expression) : null;
        if (Text(expression, "type") != "VALUE_CONSTANT") return null;
        var constant = expression.GetProperty("value");
        if (constant.GetProperty("is_null").GetBoolean() || !constant.TryGetProperty("value", out var value)) return null;
        var type = constant.GetProperty("type");
        return Text(type, "id") switch
        {
            "VARCHAR" when column == DuckType.Varchar && value.ValueKind == JsonValueKind.String => value.GetString(),
            "TINYINT" or "SMALLINT" or "INTEGER" or "BIGINT" when value.TryGetInt64(out var whole) => Integer(whole, column),
            "DECIMAL" when value.TryGetInt64(out var unscaled) && Scalars.TryToDecimal(unscaled, type.GetProperty("type_info").GetProperty("scale").GetInt32(), out var exact) => Decimal(exact, column),
            "DOUBLE" when value.TryGetDouble(out var number) && (column == DuckType.Double || (column == DuckType.BigInt && Math.Abs(number) < ExactIntegers)) => number,
            _ => null,
        };
    }

    private static Value? Integer(long whole, DuckType column) => column.Id switch
    {
        DuckTypeId.BigInt or DuckTypeId.Decimal => whole,
        DuckTypeId.Double when Math.Abs((double)whole) < ExactIntegers => whole,
        _ => null,
    };

    private static Value? Decimal(decimal exact, DuckType column) => column.Id switch
    {
        DuckTypeId.BigInt or DuckTypeId.Decimal => exact,
        // SQL compares a double with the double that is nearest to the constant.
        DuckTypeId.Double => double.Parse(exact.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>TRUE and FALSE are parsed as <c>CAST('t' AS BOOLEAN)</c>.</summary>
    private static Value? Bool(JsonElement cast)
    {
        if (Text(cast.GetProperty("cast_type"), "id") != "BOOLEAN" || !cast.GetProperty("child").TryGetProperty("value", out var constant) || !constant.TryGetProperty("value", out var value) || value.ValueKind != JsonValueKind.String) return null;
        return value.GetString() switch { "t" => true, "f" => false, _ => null };
    }

    private static string? Text(JsonElement at, string property) => at.TryGetProperty(property, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
