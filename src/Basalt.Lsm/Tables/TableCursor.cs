namespace Basalt.Lsm.Tables;

/// <summary>The entries of a table, from a lowest key on. The table must be held meanwhile.</summary>
internal sealed class TableCursor(Table table, bool isDescending, ReadOnlyMemory<byte> lowest = default) : EntryCursor
{
    private readonly DecodedBlock _block = new();
    private KeyRange _range = KeyRange.All;
    private int _number;
    private int _entry;

    public override ReadOnlySpan<byte> Key => _block.Key(_entry);

    public override ReadOnlySpan<byte> Value => _block.Value(_entry);

    public override bool IsTombstone => _block.IsTombstone(_entry);

    public override bool Start(KeyRange range)
    {
        range = range.StartingAt(lowest);
        _range = range;
        if (table.Index.Count == 0) return false;
        if (!isDescending)
        {
            if (!Load(table.Index.Find(range.From.Span))) return false;
            _entry = _block.LowerBound(range.From.Span) - 1;
            return Move();
        }

        if (range.To is not { } to) return Load(table.Index.Count - 1) && MoveDown(_block.Count);
        if (!Load(Math.Min(table.Index.Find(to.Span), table.Index.Count - 1))) return false;
        return MoveDown(_block.LowerBound(to.Span));
    }

    public override bool Move()
    {
        if (isDescending) return MoveDown(_entry);
        if (++_entry >= _block.Count)
        {
            if (!Load(_number + 1)) return false;
            _entry = 0;
        }

        return _range.EndsBehind(Key);
    }

    private bool MoveDown(int from)
    {
        if (from == 0)
        {
            if (!Load(_number - 1)) return false;
            from = _block.Count;
        }

        _entry = from - 1;
        return _range.StartsAtOrBefore(Key);
    }

    /// <summary>Reads a block, which must end as the index says and hold as many entries as the ordinals leave room for.</summary>
    private bool Load(int number)
    {
        var index = table.Index;
        if (number < 0 || number >= index.Count) return false;
        var place = index[number];
        table.ReadBlock(place, _block);
        var next = number + 1 < index.Count ? index[number + 1].FirstOrdinal : table.Meta.Entries;
        if (_block.Count != next - place.FirstOrdinal || !_block.Key(_block.Count - 1).SequenceEqual(index.LastKey(number))) throw LsmException.Corrupt(table.Path, place.Offset, "a block contradicts the index");
        _number = number;
        return true;
    }
}
