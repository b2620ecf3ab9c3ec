using Basalt.Lsm.Memory;

namespace Basalt.Lsm.Tables;

/// <summary>What a builder is told of the table that it builds for. Valid until it has finished.</summary>
public sealed class SidecarContext
{
    private readonly Func<Stream>? _openScratch;

    internal SidecarContext(string tree, long mostEntries, IReadOnlyList<LsmTable> inputs, LsmTable? table, MemoryBudget memory, Func<Stream>? openScratch, CancellationToken cancellationToken) =>
        (Tree, MostEntries, Inputs, Table, Memory, _openScratch, CancellationToken) = (tree, mostEntries, inputs, table, memory, openScratch, cancellationToken);

    /// <summary>The name of the tree.</summary>
    public string Tree { get; }

    /// <summary>There will be no more entries than this; there may be fewer, as what was overwritten or has expired is not written. <see cref="long.MaxValue"/> when nobody knows: in a bulk load.</summary>
    public long MostEntries { get; }

    /// <summary>The tables that are merged, with their sidecars, so that the largest index among them can be gone on with: see <see cref="TableEntry.Input"/>. Empty when a memtable is written, and when a sidecar is attached.</summary>
    public IReadOnlyList<LsmTable> Inputs { get; }

    /// <summary>The table that the sidecar is attached to; null while a table is being written.</summary>
    public LsmTable? Table { get; }

    /// <summary>The account that a builder takes its memory from, as <see cref="MemoryUse.Builds"/>: what it holds beyond some hundred kilobytes.</summary>
    public MemoryBudget Memory { get; }

    /// <summary>Cancelled when the work is to end early: the call was cancelled, or the store is closing, which waits for the builder. To be looked at in long steps.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>
    /// Opens an empty file for what a builder has no memory for: written, then, from <see cref="Stream.Position"/> zero on, read. It is encrypted like the store, never synced, and gone when it is disposed of, or at the
    /// latest with the next open.
    /// </summary>
    /// <exception cref="InvalidOperationException">The table is not one of a store.</exception>
    public Stream OpenScratch() => _openScratch?.Invoke() ?? throw new InvalidOperationException("There is no store to keep scratch files in.");

    /// <summary>The input that a table is; -1 when it is none.</summary>
    internal int IndexOf(Table? table)
    {
        for (var i = 0; i < Inputs.Count; i++)
            if (Inputs[i].File == table) return i;
        return -1;
    }
}
