using Basalt.Lsm.Memtables;

namespace Basalt.Lsm.Versions;

/// <summary>
/// What a reader sees: the memtables and tables of every keyspace, newest first. Immutable but for its count of holders; the tables stay
/// open and on disk, the memtables in memory, while it is held. Together with a sequence, which bounds the memtables, it is a snapshot.
/// </summary>
/// <remarks>Everything in its tables was visible before it was installed, and everything in later memtables became visible after a later version was installed.</remarks>
internal sealed class Version
{
    private readonly LiveTable[][] _tables;
    private readonly Memtable[][] _memtables;
    private int _holders = 1;

    public Version(Memtable[][] memtables, LiveTable[][] tables)
    {
        (_memtables, _tables) = (memtables, tables);
        foreach (var keyspace in tables)
            foreach (var table in keyspace) table.Hold();
        foreach (var keyspace in memtables)
            foreach (var memtable in keyspace) memtable.Hold();
    }

    public int Keyspaces => _tables.Length;

    public Memtable[] Memtables(uint keyspace) => _memtables[keyspace];

    /// <summary>Newest first; the ranges of their sequences do not overlap.</summary>
    public LiveTable[] Tables(uint keyspace) => _tables[keyspace];

    public IEnumerable<LiveTable> AllTables => _tables.SelectMany(static tables => tables);

    /// <summary>False when the last holder has let go: then there is a newer version.</summary>
    public bool TryHold()
    {
        for (var holders = Volatile.Read(ref _holders); holders > 0; holders = Volatile.Read(ref _holders))
            if (Interlocked.CompareExchange(ref _holders, holders + 1, holders) == holders) return true;
        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) > 0) return;
        foreach (var table in AllTables) table.Release();
        foreach (var keyspace in _memtables)
            foreach (var memtable in keyspace) memtable.Release();
    }

    public static LiveTable[] NewestFirst(IEnumerable<LiveTable> tables) => [.. tables.OrderByDescending(static table => table.Record.MaxSequence)];
}
