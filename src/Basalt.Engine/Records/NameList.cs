using System.Text;

namespace Basalt.Engine.Records;

/// <summary>
/// The names of a collection's fields by number, so that a record does not repeat them. Names are added by the one writer and never removed;
/// what is not in the list is written with the record, so a collection whose names are data is only larger. Readers take <see cref="Names"/> as it is.
/// </summary>
internal sealed class NameList
{
    public const int MostNames = 4096;
    private const int MostBytes = 255;
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private string[] _names;

    private readonly int _mostNames;

    /// <summary>A list that takes no name: all are written with the record, which so can be read without a list.</summary>
    public static NameList None { get; } = new([], 0);

    public NameList(IReadOnlyList<string> names)
        : this(names, MostNames)
    {
    }

    private NameList(IReadOnlyList<string> names, int mostNames)
    {
        _mostNames = mostNames;
        _names = [.. names];
        for (var i = 0; i < _names.Length; i++) _numbers.Add(_names[i], i);
    }

    /// <summary>The names; numbers count from zero.</summary>
    public string[] Names => Volatile.Read(ref _names);

    /// <summary>The number of a name, which is added if there is room; -1 when it has none.</summary>
    public int Number(string name)
    {
        if (_numbers.TryGetValue(name, out var number)) return number;
        if (_names.Length >= _mostNames || Encoding.UTF8.GetByteCount(name) > MostBytes) return -1;
        number = _names.Length;
        _numbers.Add(name, number);
        // A copy: readers hold the old one. Names are few, and new ones rare.
        Volatile.Write(ref _names, [.. _names, name]);
        return number;
    }

    /// <summary>Forgets the names behind the first ones: those that were added did not become durable.</summary>
    public void Truncate(int count)
    {
        for (var i = count; i < _names.Length; i++) _numbers.Remove(_names[i]);
        Volatile.Write(ref _names, _names[..count]);
    }
}
