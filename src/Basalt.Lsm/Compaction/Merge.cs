using Basalt.Lsm.Versions;

namespace Basalt.Lsm.Compaction;

/// <summary>
/// What is to become one run: tables that are neighbours in age, and the sequences that the new run covers. With the oldest table among them
/// nothing is left that a tombstone would hide.
/// </summary>
internal sealed record Merge(uint Keyspace, LiveTable[] Inputs, ulong MinSequence, ulong MaxSequence, bool HasOldest)
{
    public long Size => Inputs.Sum(static table => table.File.Size);

    /// <summary>Of neighbouring generations, newest first.</summary>
    public static Merge Of(uint keyspace, IReadOnlyList<Generation> generations, bool hasOldest) =>
        new(keyspace, [.. generations.SelectMany(static generation => generation.Tables)], generations[^1].MinSequence, generations[0].MaxSequence, hasOldest);

    /// <summary>Goes on with a merge that has not ended: its slices stay.</summary>
    public static Merge Rest(uint keyspace, Generation unfinished, bool hasOldest) =>
        new(keyspace, unfinished.Remaining, unfinished.MinSequence, unfinished.MaxSequence, hasOldest);

    /// <summary>A table alone, to be rid of what it holds for nothing. What takes its place covers the same sequences, so it stays in its run.</summary>
    public static Merge Rewrite(uint keyspace, LiveTable table, bool hasOldest) =>
        new(keyspace, [table], table.Record.MinSequence, table.Record.MaxSequence, hasOldest);

    public MergeCursor Cursor() => new([.. Run.Of(Inputs).Select(static run => run.Cursor(isDescending: false))], isDescending: false);
}
