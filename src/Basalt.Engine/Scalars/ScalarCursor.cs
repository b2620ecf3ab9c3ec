using Basalt.Records;
using Basalt.Vectors;

namespace Basalt.Engine.Scalars;

/// <summary>
/// Walks over entries in the order of their values. Entries of one key come by ordinal, in either direction. Holds a block of keys and a few hundred ordinals; one who wants nulls, a bit an entry.
/// One thread; the section must be held meanwhile.
/// </summary>
internal sealed class ScalarCursor
{
    private const int Batch = 256;
    private readonly ScalarSection _section;
    private readonly List<KeySpan> _spans;
    private readonly OrdinalSet? _nulls;
    private readonly bool _descending;
    private readonly int[] _ordinals = new int[Batch];
    private readonly ListPlace[] _places = new ListPlace[ScalarFormat.BlockKeys];
    private readonly int[] _ends = new int[ScalarFormat.BlockKeys];
    private byte[] _keys = [];
    private Postings _list;
    private int _block = -1;
    private int _span;
    private int _rank;
    private int _count;
    private int _at;
    private int _null;
    private bool _hasKey;

    internal ScalarCursor(ScalarSection section, List<KeySpan> spans, bool withNulls, bool descending)
    {
        (_section, _descending) = (section, descending);
        _spans = [.. spans.Where(static span => span.Count > 0)];
        if (descending) _spans.Reverse();
        if (_spans.Count > 0) _rank = FirstOf(_spans[0]);
        if (withNulls) section.AddNulls(_nulls = new OrdinalSet(section.Entries));
    }

    /// <summary>The entry.</summary>
    public int Ordinal { get; private set; }

    /// <summary>Whether it has no value.</summary>
    public bool IsNull { get; private set; }

    /// <summary>The key of the value, to compare across sections: its order is that of values, and that of a null, which is empty, is first. Valid until the next is read.</summary>
    public ReadOnlySpan<byte> Key => IsNull ? default : _keys.AsSpan()[(KeyIndex == 0 ? 0 : _ends[KeyIndex - 1]).._ends[KeyIndex]];

    /// <summary>Whether the key was cut: several values may share it, and their entries come by ordinal, so that the records have to be looked at for their order.</summary>
    public bool IsCut => KeyWriter.IsCut(Key);

    /// <summary>The value, or one that is equal to it.</summary>
    /// <exception cref="InvalidOperationException">The key was cut.</exception>
    public Value Value => IsNull ? default : KeyReader.Read(Key);

    /// <summary>The key's number in the block.</summary>
    private int KeyIndex { get; set; }

    /// <summary>Goes to the next entry; false at the end.</summary>
    public bool Read()
    {
        if (!_descending && ReadNull()) return true;
        IsNull = false;
        if (ReadValued()) return true;
        return _descending && ReadNull();
    }

    private bool ReadNull()
    {
        if (_nulls is null || _null < 0) return false;
        var next = _nulls.Next(_null);
        _null = next < 0 ? -1 : next + 1;
        if (next < 0) return false;
        (Ordinal, IsNull) = (next, true);
        return true;
    }

    private bool ReadValued()
    {
        while (_at == _count)
        {
            _at = 0;
            _count = _hasKey ? _list.Read(_ordinals) : 0;
            if (_count == 0 && !NextKey()) return false;
        }

        Ordinal = _ordinals[_at++];
        return true;
    }

    private bool NextKey()
    {
        if (_span == _spans.Count) return false;
        if (_rank / ScalarFormat.BlockKeys != _block) Load(_rank / ScalarFormat.BlockKeys);
        KeyIndex = _rank % ScalarFormat.BlockKeys;
        _list = _section.ReadBlock(_block).Open(_places[KeyIndex]);
        _hasKey = true;
        _rank += _descending ? -1 : 1;
        if ((_descending ? _rank < _spans[_span].From : _rank == _spans[_span].To) && ++_span < _spans.Count) _rank = FirstOf(_spans[_span]);
        return true;
    }

    private void Load(int block)
    {
        var content = _section.ReadBlock(block);
        content.ReadPlaces(_places);
        var walk = content.Walk(stackalloc byte[KeyWriter.CutBytes]);
        var end = 0;
        for (var i = 0; i < content.Count; i++)
        {
            walk.Read();
            if (_keys.Length - end < walk.Key.Length) Array.Resize(ref _keys, Math.Max(2 * _keys.Length, end + walk.Key.Length));
            walk.Key.CopyTo(_keys.AsSpan(end));
            _ends[i] = end += walk.Key.Length;
        }

        _block = block;
    }

    private int FirstOf(KeySpan span) => _descending ? span.To - 1 : span.From;
}
