using Basalt.Lsm.Versions;

namespace Basalt.Lsm.Compaction;

/// <summary>
/// Tables of a tree whose sequences overlap: a run, or a merge that has not ended, which is its slices and what is left of its inputs.
/// The generations of a tree follow each other in age, so neighbours may be merged.
/// </summary>
internal sealed class Generation
{
    private Generation(LiveTable[] tables)
    {
        Tables = tables;
        MinSequence = tables.Min(static table => table.Record.MinSequence);
        MaxSequence = tables.Max(static table => table.Record.MaxSequence);
        Size = tables.Sum(static table => table.File.Size);
        Entries = tables.Sum(static table => table.File.Meta.Entries);
        Tombstones = tables.Sum(static table => table.File.Meta.Tombstones);
        Remaining = [.. tables.Where(table => table.Record.MinSequence != MinSequence || table.Record.MaxSequence != MaxSequence)];
    }

    /// <summary>Newest first.</summary>
    public LiveTable[] Tables { get; }

    public ulong MinSequence { get; }

    public ulong MaxSequence { get; }

    public long Size { get; }

    public long Entries { get; }

    public long Tombstones { get; }

    /// <summary>What is left of the inputs of a merge that has not ended: slices cover the sequences of all inputs, an input only its own.</summary>
    public LiveTable[] Remaining { get; }

    /// <summary>The generations of a tree, newest first, out of its tables, newest first.</summary>
    public static List<Generation> Of(LiveTable[] tables)
    {
        var generations = new List<Generation>();
        for (var first = 0; first < tables.Length;)
        {
            var (end, least) = (first + 1, tables[first].Record.MinSequence);
            for (; end < tables.Length && tables[end].Record.MaxSequence >= least; end++) least = Math.Min(least, tables[end].Record.MinSequence);
            generations.Add(new Generation(tables[first..end]));
            first = end;
        }

        return generations;
    }
}
