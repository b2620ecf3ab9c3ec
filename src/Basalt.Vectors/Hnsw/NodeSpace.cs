using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Hnsw;

/// <summary>A graph with the rows of its nodes: what a walk goes through.</summary>
internal readonly unsafe struct NodeSpace(HnswGraph graph, VectorRows rows, int* ordinals)
{
    /// <summary>The links.</summary>
    public HnswGraph Graph => graph;

    /// <summary>The row of node 0; the others follow.</summary>
    public byte* Rows { get; } = rows.Start;

    /// <summary>Bytes from a row to the next.</summary>
    public int Stride { get; } = rows.Stride;

    /// <summary>Per node its ordinal, or -1 when it was removed.</summary>
    public int* Ordinals => ordinals;

    /// <summary>The rows by number.</summary>
    public RowTable Table => new(rows, default);

    public byte* Row(uint node) => Rows + (long)node * Stride;
}
