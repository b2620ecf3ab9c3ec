using Basalt.Engine.Nearest;
using Basalt.Lsm;
using Basalt.Lsm.IO;

namespace Basalt.Engine.Indexes;

/// <summary>The vectors of a table, mapped and open, for as long as anybody holds them.</summary>
internal sealed unsafe class OpenSegment
{
    private readonly FileRegion _rows;
    private readonly FileRegion? _graph;
    private int _holders = 1;

    private OpenSegment(FileRegion rows, FileRegion? graph, VectorSegment segment, bool isComplete) => (_rows, _graph, Segment, IsComplete) = (rows, graph, segment, isComplete);

    public VectorSegment Segment { get; }

    /// <summary>Whether the table had its graph already, if it was to have one.</summary>
    public bool IsComplete { get; }

    /// <summary>Opens what a table has; null when it has no rows of this index. The caller holds it.</summary>
    public static OpenSegment? Open(LsmTable table, IndexEntry index)
    {
        using var rowsSection = table.Sidecar(index.Section);
        if (rowsSection is null) return null;
        using var graphSection = index.HasGraph ? table.Sidecar(index.GraphSection) : null;
        // Too long to be read whole before the first search; verify reads them.
        var rows = rowsSection.Map(verify: false);
        FileRegion? graph = null;
        try
        {
            graph = graphSection is { Length: > 0 } ? graphSection.Map(verify: false) : null;
            var segment = VectorSegment.Open((byte*)rows.Address, rows.Length, graph is null ? null : (byte*)graph.Address, graph?.Length ?? 0);
            return new OpenSegment(rows, graph, segment, !index.HasGraph || graphSection is not null);
        }
        catch
        {
            graph?.Dispose();
            rows.Dispose();
            throw;
        }
    }

    /// <summary>False when the last holder has let go already.</summary>
    public bool TryHold()
    {
        for (var holders = Volatile.Read(ref _holders); holders > 0; holders = Volatile.Read(ref _holders))
            if (Interlocked.CompareExchange(ref _holders, holders + 1, holders) == holders) return true;
        return false;
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) > 0) return;
        Segment.Dispose();
        _graph?.Dispose();
        _rows.Dispose();
    }
}
