using System.Collections.Concurrent;

namespace Basalt.Records;

/// <summary>
/// The names of a map's fields, in order. Maps built with the same names in the same order share one shape, so a compiled
/// filter resolves a name once per shape and not once per record, and a million records hold one copy of their names.
/// </summary>
/// <remarks>
/// Shapes form a tree: a child adds one name. At most <see cref="InternLimit"/> shapes are kept for sharing; beyond that (data
/// whose keys are themselves data) shapes are made per map and collected with it.
/// </remarks>
internal sealed class Shape
{
    private const int InternLimit = 16_384;
    private const int LinearSearchLimit = 8;
    private static int _interned;

    public static readonly Shape Empty = new(null, "");

    private readonly Shape? _parent;
    private readonly string _name;
    private Shape? _lastChild;
    private ConcurrentDictionary<string, Shape>? _children;
    private string[]? _names;
    private Dictionary<string, int>? _positions;

    private Shape(Shape? parent, string name)
    {
        _parent = parent;
        _name = name;
        Count = parent is null ? 0 : parent.Count + 1;
    }

    public int Count { get; }

    public string[] Names => _names ?? CollectNames();

    public int IndexOf(string name)
    {
        var names = Names;
        if (names.Length <= LinearSearchLimit)
        {
            for (var i = 0; i < names.Length; i++)
                if (names[i] == name) return i;
            return -1;
        }

        return (_positions ??= Positions(names)).GetValueOrDefault(name, -1);
    }

    /// <summary>The child by that name if it is known; then the name is new to this shape.</summary>
    public Shape? KnownChild(string name)
    {
        var last = _lastChild;
        if (last is not null && last._name == name) return last;
        if (_children is null || !_children.TryGetValue(name, out var child)) return null;
        _lastChild = child;
        return child;
    }

    /// <summary>This shape and one more name, which it must not have yet.</summary>
    public Shape Add(string name)
    {
        var known = KnownChild(name);
        if (known is not null) return known;
        if (Volatile.Read(ref _interned) >= InternLimit) return new Shape(this, name);
        var children = _children ?? Interlocked.CompareExchange(ref _children, new(), null) ?? _children;
        var child = children.GetOrAdd(name, static (key, parent) =>
        {
            Interlocked.Increment(ref _interned);
            return new Shape(parent, key);
        }, this);
        return _lastChild = child;
    }

    private string[] CollectNames()
    {
        var names = new string[Count];
        var shape = this;
        for (var i = Count - 1; i >= 0; i--)
        {
            names[i] = shape!._name;
            shape = shape._parent;
        }

        return _names = names;
    }

    private static Dictionary<string, int> Positions(string[] names)
    {
        var positions = new Dictionary<string, int>(names.Length);
        for (var i = 0; i < names.Length; i++) positions.Add(names[i], i);
        return positions;
    }
}
