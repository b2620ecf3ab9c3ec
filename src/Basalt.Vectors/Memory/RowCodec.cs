
namespace Basalt.Vectors.Memory;

/// <summary>
/// Between float32 vectors and rows. Whoever calls has asked <see cref="VectorRules"/> before. Cosine vectors are scaled to length one on the way in.
/// </summary>
internal static unsafe class RowCodec
{
    /// <summary>Bytes of a query against rows of a type.</summary>
    public static int QueryStrideOf(ElementType elementType, int dimension)
    {
        var stride = VectorRows.StrideOf(elementType, dimension);
        return elementType is ElementType.Float16 or ElementType.BFloat16 ? 2 * stride : stride;
    }

    /// <summary>Writes a whole row, zeros behind the elements included.</summary>
    public static void Encode(ReadOnlySpan<float> vector, Metric metric, ElementType elementType, byte* row)
    {
        var scale = ScaleOf(vector, metric);
        var stride = VectorRows.StrideOf(elementType, vector.Length);
        switch (elementType)
        {
            case ElementType.Float32:
                WriteFloats(vector, scale, row, stride);
                return;
            case ElementType.Float16:
                var halves = new Span<Half>(row, stride / sizeof(Half));
                for (var i = 0; i < vector.Length; i++) halves[i] = (Half)(vector[i] * scale);
                halves[vector.Length..].Clear();
                return;
            case ElementType.BFloat16:
                var upper = new Span<ushort>(row, stride / sizeof(ushort));
                for (var i = 0; i < vector.Length; i++) upper[i] = ToBFloat16((float)(vector[i] * scale));
                upper[vector.Length..].Clear();
                return;
            case ElementType.Int8:
                var whole = new Span<sbyte>(row, stride);
                for (var i = 0; i < vector.Length; i++) whole[i] = (sbyte)vector[i];
                whole[vector.Length..].Clear();
                return;
            case ElementType.Bit:
                var bits = new Span<byte>(row, stride);
                bits.Clear();
                for (var i = 0; i < vector.Length; i++)
                    if (vector[i] != 0) bits[i >> 3] |= (byte)(1 << (i & 7));
                return;
            default:
                throw new ArgumentOutOfRangeException(nameof(elementType), elementType, null);
        }
    }

    /// <summary>Writes a query as the kernels of the type take it: <see cref="QueryStrideOf"/> bytes.</summary>
    public static void EncodeQuery(ReadOnlySpan<float> vector, Metric metric, ElementType elementType, byte* query)
    {
        if (elementType is ElementType.Int8 or ElementType.Bit) Encode(vector, metric, elementType, query);
        else WriteFloats(vector, ScaleOf(vector, metric), query, QueryStrideOf(elementType, vector.Length));
    }

    /// <summary>The elements of a row.</summary>
    public static void Decode(byte* row, ElementType elementType, Span<float> vector)
    {
        switch (elementType)
        {
            case ElementType.Float32:
                new ReadOnlySpan<float>(row, vector.Length).CopyTo(vector);
                return;
            case ElementType.Float16:
                for (var i = 0; i < vector.Length; i++) vector[i] = (float)((Half*)row)[i];
                return;
            case ElementType.BFloat16:
                for (var i = 0; i < vector.Length; i++) vector[i] = BitConverter.UInt32BitsToSingle((uint)((ushort*)row)[i] << 16);
                return;
            case ElementType.Int8:
                for (var i = 0; i < vector.Length; i++) vector[i] = ((sbyte*)row)[i];
                return;
            case ElementType.Bit:
                for (var i = 0; i < vector.Length; i++) vector[i] = row[i >> 3] >> (i & 7) & 1;
                return;
            default:
                throw new ArgumentOutOfRangeException(nameof(elementType), elementType, null);
        }
    }

    /// <summary>Rounds to the nearest, ties to even; the largest numbers stay finite.</summary>
    private static ushort ToBFloat16(float value)
    {
        var bits = BitConverter.SingleToUInt32Bits(value);
        var rounded = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
        return (rounded & 0x7F80) == 0x7F80 ? (ushort)(bits >> 16) : (ushort)rounded;
    }

    private static void WriteFloats(ReadOnlySpan<float> vector, double scale, byte* destination, int bytes)
    {
        var floats = new Span<float>(destination, bytes / sizeof(float));
        if (scale == 1) vector.CopyTo(floats);
        else
            for (var i = 0; i < vector.Length; i++) floats[i] = (float)(vector[i] * scale);
        floats[vector.Length..].Clear();
    }

    // In double, so that neither the largest nor the smallest float32 vector loses its direction.
    private static double ScaleOf(ReadOnlySpan<float> vector, Metric metric)
    {
        if (metric != Metric.Cosine) return 1;
        var square = 0.0;
        foreach (var element in vector) square += (double)element * element;
        return 1 / Math.Sqrt(square);
    }
}
