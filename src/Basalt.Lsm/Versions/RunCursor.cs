using Basalt.Lsm.Tables;

namespace Basalt.Lsm.Versions;

/// <summary>The entries of tables that share no key, given by ascending keys, one table after the other. One table is read at a time.</summary>
internal sealed class RunCursor(LiveTable[] tables, bool isDescending) : EntryCursor
{
    private KeyRange _range = KeyRange.All;
    private EntryCursor? _current;
    private int _table;

    public override ReadOnlySpan<byte> Key => _current!.Key;

    public override ReadOnlySpan<byte> Value => _current!.Value;

    public override EntryKind Kind => _current!.Kind;

    public override Table? Table => _current!.Table;

    public override long Ordinal => _current!.Ordinal;

    public override bool Start(KeyRange range)
    {
        _range = range;
        _table = isDescending ? tables.Length : -1;
        return StartNext();
    }

    public override bool Move() => _current is not null && (_current.Move() || StartNext());

    private bool StartNext()
    {
        while (true)
        {
            _table += isDescending ? -1 : 1;
            _current = null;
            if (_table < 0 || _table >= tables.Length) return false;
            if (tables[_table].HighestKey.SequenceCompareTo(_range.From.Span) < 0)
            {
                if (isDescending) return false;
                continue;
            }

            if (!_range.EndsBehind(tables[_table].LowestKey))
            {
                if (!isDescending) return false;
                continue;
            }

            _current = tables[_table].Cursor(isDescending);
            if (_current.Start(_range)) return true;
        }
    }
}
