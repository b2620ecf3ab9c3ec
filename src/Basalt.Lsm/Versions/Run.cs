using Basalt.Lsm.Tables;

namespace Basalt.Lsm.Versions;

/// <summary>Tables of a tree that cover the same sequences and share no key, so that they read as one.</summary>
internal sealed class Run
{
    private readonly LiveTable[] _tables;

    private Run(IEnumerable<LiveTable> tables)
    {
        _tables = [.. tables];
        Array.Sort(_tables, static (left, right) => left.LowestKey.SequenceCompareTo(right.LowestKey));
    }

    /// <summary>By ascending keys.</summary>
    public ReadOnlySpan<LiveTable> Tables => _tables;

    /// <summary>The runs of a tree, newest first, out of its tables.</summary>
    public static Run[] Of(LiveTable[] tables) =>
        [.. tables.GroupBy(static table => (table.Record.MaxSequence, table.Record.MinSequence)).OrderByDescending(static run => run.Key).Select(static run => new Run(run))];

    public Lookup Get(ReadOnlySpan<byte> key, ulong hash, Moment moment, ref EntrySink sink)
    {
        var (low, high) = (0, _tables.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_tables[middle].LowestKey.SequenceCompareTo(key) <= 0) low = middle + 1;
            else high = middle;
        }

        return low == 0 ? Lookup.Absent : _tables[low - 1].Get(key, hash, moment, ref sink);
    }

    public EntryCursor Cursor(bool isDescending) => _tables.Length == 1 ? _tables[0].Cursor(isDescending) : new RunCursor(_tables, isDescending);
}
