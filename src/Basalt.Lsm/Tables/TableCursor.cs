namespace Basalt.Lsm.Tables;

/// <summary>The entries of a table, from a lowest key on. The table must be held meanwhile. What it reads does not enter the cache.</summary>
internal sealed class TableCursor(Table table, bool isDescending, ReadOnlyMemory<byte> lowest = default) : EntryCursor
{
    private readonly DecodedBlock _block = new();
    private byte[] _leafContent = [];
    private int _leafLength;
    private int _partition = -1;
    private KeyRange _range = KeyRange.All;
    private int _number;
    private int _entry;
    private long _firstOrdinal;

    public override ReadOnlySpan<byte> Key => _block.Key(_entry);

    public override ReadOnlySpan<byte> Value => _block.Value(_entry);

    public override EntryKind Kind => _block.Kind(_entry);

    public override Table? Table => table;

    public override long Ordinal => _firstOrdinal + _entry;

    /// <summary>The leaf of the index that the entry is under.</summary>
    public int Partition => _partition;

    private BlockIndex Leaf => new(_leafContent.AsSpan(0, _leafLength));

    public override bool Start(KeyRange range)
    {
        range = range.StartingAt(lowest);
        _range = range;
        var root = table.Root;
        if (!isDescending)
        {
            var partition = root.Find(range.From.Span);
            if (!LoadLeaf(partition)) return false;
            Load(Leaf.Find(range.From.Span));
            _entry = _block.LowerBound(range.From.Span) - 1;
            return Move();
        }

        if (range.To is not { } to || root.Find(to.Span) == root.Count)
        {
            LoadLeaf(root.Count - 1);
            Load(Leaf.Count - 1);
            return MoveDown(_block.Count);
        }

        LoadLeaf(root.Find(to.Span));
        Load(Leaf.Find(to.Span));
        return MoveDown(_block.LowerBound(to.Span));
    }

    /// <summary>Goes to the entry at an ordinal, from which it moves on; the ordinal must be one of the table.</summary>
    public void StartAt(long ordinal)
    {
        _range = KeyRange.All;
        LoadLeaf(table.Root.FindOrdinal(ordinal, table.Meta.Entries));
        Load(Leaf.FindOrdinal(ordinal, table.EndOf(_partition)));
        _entry = (int)(ordinal - _firstOrdinal);
    }

    public override bool Move()
    {
        if (isDescending) return MoveDown(_entry);
        if (++_entry >= _block.Count)
        {
            if (_number + 1 < Leaf.Count) Load(_number + 1);
            else if (LoadLeaf(_partition + 1)) Load(0);
            else return false;
            _entry = 0;
        }

        return _range.EndsBehind(Key);
    }

    private bool MoveDown(int from)
    {
        if (from == 0)
        {
            if (_number > 0) Load(_number - 1);
            else if (LoadLeaf(_partition - 1)) Load(Leaf.Count - 1);
            else return false;
            from = _block.Count;
        }

        _entry = from - 1;
        return _range.StartsAtOrBefore(Key);
    }

    private bool LoadLeaf(int partition)
    {
        if (partition < 0 || partition >= table.Root.Count) return false;
        if (partition == _partition) return true;
        _partition = -1;
        _leafLength = table.ReadLeaf(partition, ref _leafContent);
        _partition = partition;
        return true;
    }

    /// <summary>Reads a block of the leaf, which must end as the leaf says and hold as many entries as the ordinals leave room for.</summary>
    private void Load(int number)
    {
        var leaf = Leaf;
        var place = leaf[number];
        table.ReadBlock(place, _block);
        var next = number + 1 < leaf.Count ? leaf[number + 1].FirstOrdinal : _partition + 1 < table.Root.Count ? table.Root[_partition + 1].FirstOrdinal : table.Meta.Entries;
        if (_block.Count != next - place.FirstOrdinal || !_block.Key(_block.Count - 1).SequenceEqual(leaf.LastKey(number))) throw LsmException.Corrupt(table.Path, place.Offset, "a block contradicts the index");
        (_number, _firstOrdinal) = (number, place.FirstOrdinal);
    }
}
