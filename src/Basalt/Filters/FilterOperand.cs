using Basalt.Records;

namespace Basalt.Filters;

#pragma warning disable CA2231, CA1067, CA1815, CS0660, CS0661 // == and != build filters here; an operand itself is never compared.

/// <summary>A field on its way into a condition: <c>Filter.Field("year") &gt;= 1990</c>.</summary>
public readonly struct FilterOperand
{
    private readonly FieldPath _path;

    internal FilterOperand(FieldPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        _path = path;
    }

    /// <summary>The same value.</summary>
    public static Filter operator ==(FilterOperand field, Value literal) => new CompareFilter(field._path, Comparison.Equal, literal);

    /// <summary>A value, and another one.</summary>
    public static Filter operator !=(FilterOperand field, Value literal) => new CompareFilter(field._path, Comparison.NotEqual, literal);

    /// <summary>Smaller.</summary>
    public static Filter operator <(FilterOperand field, Value literal) => new CompareFilter(field._path, Comparison.Less, literal);

    /// <summary>Smaller or the same.</summary>
    public static Filter operator <=(FilterOperand field, Value literal) => new CompareFilter(field._path, Comparison.LessOrEqual, literal);

    /// <summary>Greater.</summary>
    public static Filter operator >(FilterOperand field, Value literal) => new CompareFilter(field._path, Comparison.Greater, literal);

    /// <summary>Greater or the same.</summary>
    public static Filter operator >=(FilterOperand field, Value literal) => new CompareFilter(field._path, Comparison.GreaterOrEqual, literal);

    /// <summary>One of the values.</summary>
    public Filter In(params IEnumerable<Value> values) => new InFilter(_path, values);

    /// <summary>A value, and none of these.</summary>
    public Filter NotIn(params IEnumerable<Value> values) => new InFilter(_path, values, negated: true);

    /// <summary>Within the bounds, both included.</summary>
    public Filter Between(Value low, Value high) => new BetweenFilter(_path, low, high);

    /// <summary>Of the bounds' type and outside of them.</summary>
    public Filter NotBetween(Value low, Value high) => new BetweenFilter(_path, low, high, negated: true);

    /// <summary>Text that matches the pattern (<c>%</c>, <c>_</c>, backslash) as a whole.</summary>
    public Filter Like(string pattern) => new LikeFilter(_path, pattern);

    /// <summary>Text that does not match the pattern.</summary>
    public Filter NotLike(string pattern) => new LikeFilter(_path, pattern, negated: true);

    /// <summary>Text that matches the pattern, upper and lower case alike.</summary>
    public Filter ILike(string pattern) => new LikeFilter(_path, pattern, ignoreCase: true);

    /// <summary>Text that starts with this.</summary>
    public Filter StartsWith(string text) => new TextFilter(_path, TextPosition.Start, text);

    /// <summary>Text that ends with this.</summary>
    public Filter EndsWith(string text) => new TextFilter(_path, TextPosition.End, text);

    /// <summary>Text that contains this.</summary>
    public Filter Contains(string text) => new TextFilter(_path, TextPosition.Anywhere, text);

    /// <summary>A list that holds any of the values.</summary>
    public Filter HasAny(params IEnumerable<Value> values) => new HasFilter(_path, values, all: false);

    /// <summary>A list that holds all of the values.</summary>
    public Filter HasAll(params IEnumerable<Value> values) => new HasFilter(_path, values, all: true);

    /// <summary>Null or missing.</summary>
    public Filter IsNull() => new NullFilter(_path);

    /// <summary>Neither null nor missing.</summary>
    public Filter IsNotNull() => new NullFilter(_path, negated: true);
}
