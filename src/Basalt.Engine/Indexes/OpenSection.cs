using Basalt.Engine.Nearest;
using Basalt.Engine.Scalars;
using Basalt.Engine.Terms;
using Basalt.Indexes;
using Basalt.Lsm;
using Basalt.Lsm.IO;

namespace Basalt.Engine.Indexes;

/// <summary>What a table has of an index, mapped and open, for as long as anybody holds it.</summary>
internal sealed unsafe class OpenSection
{
    private readonly FileRegion _section;
    private readonly FileRegion? _graph;
    private int _holders = 1;

    private OpenSection(LsmTable table, IndexEntry index, FileRegion section, FileRegion? graph, bool isComplete)
    {
        (_section, _graph, IsComplete) = (section, graph, isComplete);
        var start = (byte*)section.Address;
        if (index.Kind == IndexKind.Vector) Segment = VectorSegment.Open(start, section.Length, graph is null ? null : (byte*)graph.Address, graph?.Length ?? 0);
        else if (index.Kind == IndexKind.Scalar) Scalars = ScalarSection.Open(start, section.Length, checked((int)table.Entries));
        else Terms = new TextSection(start, section.Length);
    }

    /// <summary>The vectors, of a vector index.</summary>
    public VectorSegment? Segment { get; }

    /// <summary>The values, of a scalar index.</summary>
    public ScalarSection? Scalars { get; }

    /// <summary>The terms, of a text index.</summary>
    public TextSection? Terms { get; }

    /// <summary>Whether the table had its graph already, if it was to have one.</summary>
    public bool IsComplete { get; }

    /// <summary>Opens what a table has; null when it has nothing of this index. The caller holds it.</summary>
    public static OpenSection? Open(LsmTable table, IndexEntry index)
    {
        using var section = table.Sidecar(index.Section);
        if (section is null) return null;
        using var graph = index.HasGraph ? table.Sidecar(index.GraphSection) : null;
        // Rows and graphs are too long to be read whole before the first search; verify reads them.
        var mapped = section.Map(verify: index.Kind != IndexKind.Vector);
        FileRegion? mappedGraph = null;
        try
        {
            mappedGraph = graph is { Length: > 0 } ? graph.Map(verify: false) : null;
            return new OpenSection(table, index, mapped, mappedGraph, !index.HasGraph || graph is not null);
        }
        catch
        {
            mappedGraph?.Dispose();
            mapped.Dispose();
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
        Segment?.Dispose();
        _graph?.Dispose();
        _section.Dispose();
    }
}
