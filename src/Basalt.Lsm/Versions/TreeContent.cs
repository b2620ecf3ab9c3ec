using Basalt.Lsm.Memtables;

namespace Basalt.Lsm.Versions;

/// <summary>What a version has of one tree. Immutable, so that versions share it as long as nothing of the tree changes.</summary>
internal sealed class TreeContent
{
    public TreeContent(LsmTree tree, Memtable[] memtables, LiveTable[] tables)
        : this(tree, memtables, tables, Run.Of(tables))
    {
    }

    private TreeContent(LsmTree tree, Memtable[] memtables, LiveTable[] tables, Run[] runs) => (Tree, Memtables, Tables, Runs) = (tree, memtables, tables, runs);

    public LsmTree Tree { get; }

    /// <summary>Newest first.</summary>
    public Memtable[] Memtables { get; }

    /// <summary>Newest first. Of two entries of a key, that in the table of the greater sequences counts; tables whose sequences overlap share no key that counts.</summary>
    public LiveTable[] Tables { get; }

    /// <summary>The same tables as runs, newest first.</summary>
    public Run[] Runs { get; }

    public TreeContent With(Memtable[] memtables) => new(Tree, memtables, Tables, Runs);

    /// <summary>With other tables; those that are added may be of other trees, too, and are left out then.</summary>
    public TreeContent With(IReadOnlyList<LiveTable> added, IReadOnlyList<ulong> removed)
    {
        var mine = added.Where(table => table.Record.Keyspace == Tree.Id).ToList();
        if (mine.Count == 0 && !Tables.Any(table => removed.Contains(table.Number))) return this;
        return new(Tree, Memtables, NewestFirst(Tables.Where(table => !removed.Contains(table.Number)).Concat(mine)));
    }

    public static LiveTable[] NewestFirst(IEnumerable<LiveTable> tables) => [.. tables.OrderByDescending(static table => table.Record.MaxSequence).ThenByDescending(static table => table.Record.MinSequence)];
}
