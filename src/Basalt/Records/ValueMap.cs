using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Basalt.Records;

/// <summary>
/// Named values in the order in which they were added: the fields of a record, its metadata, or a nested map.
/// Immutable and safe to share between threads. Names are case-sensitive; any well-formed text is a name.
/// </summary>
public sealed class ValueMap : IReadOnlyDictionary<string, Value>, IEquatable<ValueMap>, IComparable<ValueMap>
{
    private readonly Shape _shape;
    private readonly Value[] _values;

    internal ValueMap(Shape shape, Value[] values)
    {
        _shape = shape;
        _values = values;
    }

    /// <summary>The map without names.</summary>
    public static ValueMap Empty { get; } = new(Shape.Empty, []);

    /// <summary>A map of the given pairs; a repeated name keeps its first place and takes the last value.</summary>
    public static ValueMap From(IEnumerable<KeyValuePair<string, Value>> entries)
    {
        ArgumentNullException.ThrowIfNull(entries);
        var builder = new ValueMapBuilder();
        foreach (var (name, value) in entries) builder.Set(name, value);
        return builder.Build();
    }

    internal Shape Shape => _shape;

    internal Value[] RawValues => _values;

    /// <summary>How many names there are.</summary>
    public int Count => _shape.Count;

    /// <summary>The names, in order.</summary>
    public IEnumerable<string> Keys => _shape.Names;

    /// <summary>The values, in the order of the names.</summary>
    public IEnumerable<Value> Values => _values;

    /// <summary>The value by that name, or the null value when there is none: to a filter both are the same.</summary>
    public Value this[string key]
    {
        get
        {
            var at = _shape.IndexOf(key);
            return at < 0 ? default : _values[at];
        }
    }

    /// <summary>Whether the name is present, with a null value too.</summary>
    public bool ContainsKey(string key) => _shape.IndexOf(key) >= 0;

    /// <summary>The value by that name, and whether the name is present.</summary>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Value value)
    {
        var at = _shape.IndexOf(key);
        value = at < 0 ? default : _values[at];
        return at >= 0;
    }

    /// <summary>A map with that name set: replaced in its place, or added at the end.</summary>
    public ValueMap With(string name, Value value)
    {
        var builder = new ValueMapBuilder(this);
        builder.Set(name, value);
        return builder.Build();
    }

    /// <summary>A map without that name; this map when it has no such name.</summary>
    public ValueMap Without(string name)
    {
        if (!ContainsKey(name)) return this;
        var builder = new ValueMapBuilder(Count - 1);
        foreach (var (key, value) in this)
            if (key != name) builder.Set(key, value);
        return builder.Build();
    }

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Value>> GetEnumerator()
    {
        var names = _shape.Names;
        for (var i = 0; i < names.Length; i++) yield return new(names[i], _values[i]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether both have the same names with the same values, in any order.</summary>
    public bool Equals(ValueMap? other)
    {
        if (ReferenceEquals(this, other)) return true;
        if (other is null || Count != other.Count) return false;
        if (ReferenceEquals(_shape, other._shape)) return _values.AsSpan().SequenceEqual(other._values);
        foreach (var (name, value) in this)
            if (!other.TryGetValue(name, out var theirs) || !theirs.Equals(value)) return false;
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ValueMap);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        // A sum, because the order of the names does not count.
        var hash = Count;
        foreach (var (name, value) in this) hash += HashCode.Combine(name, value);
        return hash;
    }

    /// <summary>Order by the entries sorted by name: the name first, then its value; a prefix comes first.</summary>
    public int CompareTo(ValueMap? other)
    {
        if (other is null) return 1;
        var mine = SortedNames();
        var theirs = other.SortedNames();
        for (var i = 0; i < Math.Min(mine.Length, theirs.Length); i++)
        {
            var order = Text.Compare(mine[i], theirs[i]);
            if (order == 0) order = this[mine[i]].CompareTo(other[theirs[i]]);
            if (order != 0) return order;
        }

        return Count.CompareTo(other.Count);
    }

    /// <inheritdoc/>
    public override string ToString() => Value.FromMap(this).ToString();

    /// <summary>Equality by <see cref="Equals(ValueMap)"/>.</summary>
    public static bool operator ==(ValueMap? left, ValueMap? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Inequality by <see cref="Equals(ValueMap)"/>.</summary>
    public static bool operator !=(ValueMap? left, ValueMap? right) => !(left == right);

    /// <summary>Order by <see cref="CompareTo"/>; null first.</summary>
    public static bool operator <(ValueMap? left, ValueMap? right) => left is null ? right is not null : left.CompareTo(right) < 0;

    /// <summary>Order by <see cref="CompareTo"/>; null first.</summary>
    public static bool operator <=(ValueMap? left, ValueMap? right) => left is null || left.CompareTo(right) <= 0;

    /// <summary>Order by <see cref="CompareTo"/>; null first.</summary>
    public static bool operator >(ValueMap? left, ValueMap? right) => left is not null && left.CompareTo(right) > 0;

    /// <summary>Order by <see cref="CompareTo"/>; null first.</summary>
    public static bool operator >=(ValueMap? left, ValueMap? right) => left is null ? right is null : left.CompareTo(right) >= 0;

    private string[] SortedNames()
    {
        var names = (string[])_shape.Names.Clone();
        Array.Sort(names, static (a, b) => Text.Compare(a, b));
        return names;
    }
}
