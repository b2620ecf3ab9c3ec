using Basalt.Engine.Nearest;
using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;

namespace Basalt.Engine.Indexes;

/// <summary>The graph over the vectors of a table, built where they lie once the table is there.</summary>
internal sealed class GraphSidecar(IndexEntry index, int threads) : ISidecar
{
    public string Name => index.GraphSection;

    public bool IsDeferred => true;

    public bool ReadsEntries => false;

    public ISidecarBuilder Begin(SidecarContext context) => new Builder(index, threads, context);

    private sealed unsafe class Builder(IndexEntry index, int threads, SidecarContext context) : ISidecarBuilder
    {
        public void Add(in TableEntry entry)
        {
            // The rows of the table have what is needed: it is not asked for.
        }

        public void Finish(SectionWriter section)
        {
            using var source = context.Table!.Sidecar(index.Section) ?? throw new InvalidOperationException($"The table has no section '{index.Section}' to build a graph over.");
            using FileRegion region = source.Map();
            using var segment = VectorSegment.Open((byte*)region.Address, region.Length);
            GraphBuilder.Write(segment, index.Graph with { Threads = threads }, section, context.Memory, context.CancellationToken);
        }
    }
}
