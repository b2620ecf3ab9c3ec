namespace Basalt.Records;

/// <summary>Builds a <see cref="ValueMap"/> name by name. Not thread-safe; after <see cref="Build"/> it starts anew.</summary>
public sealed class ValueMapBuilder
{
    private Shape _shape = Shape.Empty;
    private Value[] _values;

    /// <summary>A builder with room for that many names; it grows as needed.</summary>
    public ValueMapBuilder(int capacity = 8) => _values = capacity == 0 ? [] : new Value[capacity];

    /// <summary>A builder that starts from a map.</summary>
    public ValueMapBuilder(ValueMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        _shape = map.Shape;
        _values = new Value[map.Count + 1];
        map.RawValues.CopyTo(_values, 0);
    }

    /// <summary>How many names are set.</summary>
    public int Count => _shape.Count;

    /// <summary>Sets a name: replaced in its place when it is there, else added at the end.</summary>
    /// <exception cref="ArgumentException">The name has an unpaired surrogate.</exception>
    public ValueMapBuilder Set(string name, Value value)
    {
        ArgumentNullException.ThrowIfNull(name);
        var child = _shape.KnownChild(name);
        if (child is null)
        {
            var at = _shape.IndexOf(name);
            if (at >= 0)
            {
                _values[at] = value;
                return this;
            }

            Text.RequireWellFormed(name, nameof(name));
            child = _shape.Add(name);
        }

        if (_shape.Count == _values.Length) Array.Resize(ref _values, Math.Max(4, _values.Length * 2));
        _values[_shape.Count] = value;
        _shape = child;
        return this;
    }

    /// <summary>Whether the name is set.</summary>
    public bool Contains(string name) => _shape.IndexOf(name) >= 0;

    internal bool TryGet(string name, out Value value)
    {
        var at = _shape.IndexOf(name);
        value = at < 0 ? default : _values[at];
        return at >= 0;
    }

    /// <summary>The map of what was set.</summary>
    public ValueMap Build()
    {
        if (_shape.Count == 0) return ValueMap.Empty;
        var values = _values.Length == _shape.Count ? _values : _values.AsSpan(0, _shape.Count).ToArray();
        var map = new ValueMap(_shape, values);
        _shape = Shape.Empty;
        _values = new Value[values.Length];
        return map;
    }
}
