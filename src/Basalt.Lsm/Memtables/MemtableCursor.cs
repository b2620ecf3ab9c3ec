namespace Basalt.Lsm.Memtables;

/// <summary>The entries of a memtable as of a sequence.</summary>
internal sealed class MemtableCursor(Memtable table, ulong sequence, bool isDescending) : EntryCursor
{
    private KeyRange _range = KeyRange.All;
    private uint _node;

    public override ReadOnlySpan<byte> Key => table.KeyOf(_node);

    public override ReadOnlySpan<byte> Value => table.ValueOf(_node);

    public override EntryKind Kind => table.KindOf(_node);

    public override bool Start(KeyRange range)
    {
        _range = range;
        if (!isDescending) return Ascend(table.FindFirst(range.From.Span, ulong.MaxValue));
        return Descend(range.To is { } to ? table.FindLastBefore(to.Span) : table.FindLast());
    }

    public override bool Move()
    {
        if (isDescending) return Descend(table.FindLastBefore(Key));
        var passed = Key;
        var node = table.Next(_node);
        while (node != 0 && table.KeyOf(node).SequenceEqual(passed)) node = table.Next(node);
        return Ascend(node);
    }

    /// <summary>The first visible version at or behind a node.</summary>
    private bool Ascend(uint node)
    {
        while (node != 0 && table.SequenceOf(node) > sequence) node = table.Next(node);
        _node = node;
        return node != 0 && _range.EndsBehind(Key);
    }

    /// <summary>The newest visible version of the key of a node, or of a key before it.</summary>
    private bool Descend(uint node)
    {
        while (node != 0)
        {
            var key = table.KeyOf(node);
            if (!_range.StartsAtOrBefore(key)) return false;
            _node = table.FindFirst(key, sequence);
            if (_node != 0 && Key.SequenceEqual(key)) return true;
            node = table.FindLastBefore(key);
        }

        return false;
    }
}
