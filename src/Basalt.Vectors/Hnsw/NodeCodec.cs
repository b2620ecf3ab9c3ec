using System.Buffers;
using System.Runtime.Intrinsics;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Hnsw;

/// <summary>
/// How a vector becomes the row that its node is walked by: the vector itself, or a byte an element. A code is the distance from the middle of the
/// element's dimension in steps that are the same for all, so that squared differences of codes order like those of vectors; codes for the dot product
/// count from zero. What lies outside the range of nearly all vectors is clipped to its end.
/// </summary>
internal sealed unsafe class NodeCodec
{
    // The share of a dimension's elements that may be clipped at each end: a few strays must not make all steps coarse.
    private const double Clipped = 0.0005;
    private const int MostSamples = 20_000;
    private const float Steps = 127;
    private const float SmallestStep = 1e-37f;
    private readonly float[] _middles = [];
    private readonly float _perStep;

    private NodeCodec(Metric vectorMetric, ElementType vectorType, int dimension) => (VectorMetric, VectorType, Dimension) = (vectorMetric, vectorType, dimension);

    /// <summary>Codes with these middles and steps.</summary>
    public NodeCodec(Metric metric, ElementType vectorType, ReadOnlySpan<float> middles, float step) : this(metric, vectorType, middles.Length)
    {
        (HasCodes, Step) = (true, step);
        _perStep = 1 / step;
        // Whole registers are read.
        _middles = new float[(middles.Length + 15) / 16 * 16];
        middles.CopyTo(_middles);
    }

    public Metric VectorMetric { get; }

    public ElementType VectorType { get; }

    public int Dimension { get; }

    /// <summary>Whether rows are codes, so that candidates are measured again.</summary>
    public bool HasCodes { get; }

    /// <summary>How much of an element a step of a code is.</summary>
    public float Step { get; }

    /// <summary>Per dimension the element whose code is zero.</summary>
    public ReadOnlySpan<float> Middles => _middles.AsSpan(0, HasCodes ? Dimension : 0);

    /// <summary>How rows are compared: vectors of length one by L2, which orders like the cosine.</summary>
    public Metric Metric => HasCodes && VectorMetric == Metric.Cosine ? Metric.L2 : VectorMetric;

    public ElementType RowType => HasCodes ? ElementType.Int8 : VectorType;

    /// <summary>Vectors as they are.</summary>
    public static NodeCodec Plain(Metric metric, ElementType elementType, int dimension) => new(metric, elementType, dimension);

    /// <summary>Whether such vectors can have codes.</summary>
    public static bool CanCode(Metric metric, ElementType elementType) => metric is Metric.L2 or Metric.Cosine or Metric.Dot && elementType is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16;

    /// <summary>Codes learnt from the rows, of which a part is looked at.</summary>
    /// <exception cref="ArgumentException">There are no codes for such vectors.</exception>
    public static NodeCodec Learn(Metric metric, VectorRows rows)
    {
        if (!CanCode(metric, rows.ElementType)) throw new ArgumentException($"There are no int8 codes for {metric} over {rows.ElementType} vectors.", nameof(metric));
        var samples = Math.Min(rows.Count, MostSamples);
        var vector = new float[rows.Dimension];
        var columns = new float[rows.Dimension][];
        for (var j = 0; j < columns.Length; j++) columns[j] = new float[samples];
        for (var i = 0; i < samples; i++)
        {
            RowCodec.Decode(rows[(int)((long)i * rows.Count / samples)], rows.ElementType, vector);
            for (var j = 0; j < columns.Length; j++) columns[j][i] = vector[j];
        }

        var middles = new float[rows.Dimension];
        var reach = 0f;
        var clipped = (int)(Clipped * samples);
        for (var j = 0; j < columns.Length && samples > 0; j++)
        {
            Array.Sort(columns[j]);
            var (low, high) = (columns[j][clipped], columns[j][samples - 1 - clipped]);
            if (metric != Metric.Dot) middles[j] = low / 2 + high / 2;
            reach = Math.Max(reach, Math.Max(high - middles[j], middles[j] - low));
        }

        // All equal: any step tells them from others.
        return new NodeCodec(metric, rows.ElementType, middles, reach > 0 ? Math.Max(reach / Steps, SmallestStep) : 1);
    }

    /// <summary>The codes of all rows; null when they are walked by as they are.</summary>
    public VectorBuffer? Encode(VectorRows rows)
    {
        if (!HasCodes) return null;
        var codes = new VectorBuffer(RowType, Dimension, Math.Max(1, rows.Count));
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
        if (!HasCodes)
        {
            var stride = VectorRows.StrideOf(VectorType, Dimension);
            Buffer.MemoryCopy(vector, row, stride, stride);
        }
        else if (VectorType == ElementType.Float32) EncodeFloats((float*)vector, row);
        else
        {
            var floats = ArrayPool<float>.Shared.Rent(_middles.Length);
            RowCodec.Decode(vector, VectorType, floats.AsSpan(0, Dimension));
            floats.AsSpan(Dimension, _middles.Length - Dimension).Clear();
            fixed (float* elements = floats) EncodeFloats(elements, row);
            ArrayPool<float>.Shared.Return(floats);
        }
    }

    /// <summary>The code of a query, which is float32 filled up with zeros to 64 bytes.</summary>
    public void EncodeQuery(float* query, byte* code) => EncodeFloats(query, code);

    private void EncodeFloats(float* vector, byte* code)
    {
        fixed (float* middles = _middles)
        {
            for (var i = 0; i < _middles.Length; i += 16)
                Vector128.Narrow(Vector128.Narrow(Code(vector + i, middles + i), Code(vector + i + 4, middles + i + 4)),
                    Vector128.Narrow(Code(vector + i + 8, middles + i + 8), Code(vector + i + 12, middles + i + 12))).Store((sbyte*)code + i);
        }

        new Span<byte>(code + Dimension, VectorRows.StrideOf(ElementType.Int8, Dimension) - Dimension).Clear();
    }

    private Vector128<int> Code(float* elements, float* middles)
    {
        var steps = Vector128.Round((Vector128.Load(elements) - Vector128.Load(middles)) * _perStep);
        return Vector128.ConvertToInt32(Vector128.Min(Vector128.Max(steps, Vector128.Create(-Steps)), Vector128.Create(Steps)));
    }
}
