using Basalt.Lsm.Memtables;

namespace Basalt.Lsm.Versions;

/// <summary>
/// What a reader sees: the memtables and tables of every tree, newest first. Immutable but for its count of holders; the tables stay
/// open and on disk, the memtables in memory, while it is held. Together with a sequence, which bounds the memtables, it is a snapshot.
/// </summary>
/// <remarks>Everything in its tables was visible before it was installed, and everything in later memtables became visible after a later version was installed.</remarks>
internal sealed class Version
{
    private readonly Dictionary<uint, TreeContent> _trees;
    private int _holders = 1;

    public Version(IEnumerable<TreeContent> trees)
    {
        _trees = trees.ToDictionary(static content => content.Tree.Id);
        foreach (var content in _trees.Values)
        {
            foreach (var table in content.Tables) table.Hold();
            foreach (var memtable in content.Memtables) memtable.Hold();
        }
    }

    /// <summary>By ascending keyspace.</summary>
    public IEnumerable<TreeContent> Trees => _trees.Values;

    public IEnumerable<LiveTable> AllTables => _trees.Values.SelectMany(static content => content.Tables);

    /// <summary>What is there of a tree; null when it did not exist, or does not any more.</summary>
    public TreeContent? Find(uint keyspace) => _trees.GetValueOrDefault(keyspace);

    /// <summary>The tables of a tree, newest first; none when it is not there.</summary>
    public LiveTable[] Tables(uint keyspace) => Find(keyspace)?.Tables ?? [];

    /// <summary>With a tree that is newer than all others.</summary>
    public Version With(TreeContent tree) => new([.. _trees.Values, tree]);

    public Version Without(LsmTree tree) => new(_trees.Values.Where(content => content.Tree != tree));

    /// <summary>With new memtables above those that are there.</summary>
    public Version Freeze(IReadOnlyDictionary<uint, Memtable> active) => new(_trees.Values.Select(content => content.With([active[content.Tree.Id], .. content.Memtables])));

    /// <summary>With tables in the place of the memtables that they were written from.</summary>
    public Version Flush(IReadOnlyCollection<Memtable> written, IReadOnlyList<LiveTable> added) =>
        new(_trees.Values.Select(content => content.With(added, []).With([.. content.Memtables.Where(memtable => !written.Contains(memtable))])));

    public Version WithTables(IReadOnlyList<LiveTable> added, IReadOnlyList<ulong> removed) => new(_trees.Values.Select(content => content.With(added, removed)));

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
        foreach (var content in _trees.Values)
        {
            foreach (var table in content.Tables) table.Release();
            foreach (var memtable in content.Memtables) memtable.Release();
        }
    }
}
