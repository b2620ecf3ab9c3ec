using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Hnsw;

/// <summary>How a vector becomes the row that its node is walked by: the vector itself, or its int8 code.</summary>
internal sealed unsafe class NodeCodec(Metric metric, ElementType vectorType, int dimension, ScalarQuantiser? quantiser)
{
    public Metric Metric => metric;

    public ElementType VectorType => vectorType;

    public ElementType RowType => HasCodes ? ElementType.Int8 : vectorType;

    /// <summary>What makes the codes; null when nodes are walked by their vectors.</summary>
    public ScalarQuantiser? Quantiser => quantiser;

    /// <summary>Whether rows are codes, so that candidates are measured again.</summary>
    public bool HasCodes => quantiser is not null;

    /// <summary>Bytes of a query against the rows.</summary>
    public int QueryStride => quantiser?.QueryStride ?? RowCodec.QueryStrideOf(vectorType, dimension);

    /// <summary>Whether such vectors can have codes.</summary>
    public static bool CanCode(Metric metric, ElementType elementType) => metric != Metric.Hamming && elementType == ElementType.Float32;

    /// <summary>Walkers by the kernel of the rows.</summary>
    public WalkerPool Walkers() => quantiser is null ? new WalkerPool(metric, vectorType) : new WalkerPool(() => quantiser.Use<WalkerPool.Maker, Walker>(default));

    /// <summary>The codes of all rows; null when they are walked by as they are.</summary>
    public VectorBuffer? Encode(VectorRows rows)
    {
        if (!HasCodes) return null;
        var codes = new VectorBuffer(RowType, dimension, Math.Max(1, rows.Count));
        for (var i = 0; i < rows.Count; i++)
        {
            Encode(rows[i], codes.Next());
            codes.Publish();
        }

        return codes;
    }

    /// <summary>Writes what a node is walked by.</summary>
    public void Encode(byte* vector, byte* row)
    {
        var stride = VectorRows.StrideOf(RowType, dimension);
        if (quantiser is null) Buffer.MemoryCopy(vector, row, stride, stride);
        else quantiser.Encode(new ReadOnlySpan<float>(vector, dimension), new Span<sbyte>(row, stride));
    }

    /// <summary>Writes the code of a query, which is float32 and of length one under the cosine.</summary>
    public void EncodeQuery(byte* query, byte* code) => quantiser!.EncodeQuery(new ReadOnlySpan<float>(query, dimension), code);
}
