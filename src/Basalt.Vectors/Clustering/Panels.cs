using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Clustering;

/// <summary>
/// Vectors laid out for products with many rows: panels of 64 vectors, dimension by dimension, so that one load brings the same dimension of 16
/// vectors and no sum has to be folded. The k-means centres, the rows of a rotation and the centres of the lists are kept so.
/// </summary>
/// <remarks>
/// Every product is summed in the order of the dimensions with fused multiply-adds, whatever the width of the registers: results are the same bits on
/// every machine, for every number of threads and for every grouping of rows. Immutable after <see cref="Set"/>; safe for many readers.
/// </remarks>
internal sealed unsafe class Panels : IDisposable
{
    /// <summary>Vectors of a panel.</summary>
    public const int Width = 64;

    /// <summary>Rows that are multiplied at once: 6 x 4 sums, 4 loads and a broadcast fill the 32 registers.</summary>
    public const int TileRows = 6;

    private readonly float* _values;
    private readonly float* _start;

    /// <summary>Room for <paramref name="count"/> vectors, all zero.</summary>
    public Panels(int count, int dimension)
    {
        (Count, Dimension) = (count, dimension);
        PanelCount = (count + Width - 1) / Width;
        var floats = (nuint)PanelCount * Width * (nuint)dimension;
        _values = (float*)NativeMemory.AlignedAlloc(floats * sizeof(float), 64);
        _start = (float*)NativeMemory.AlignedAlloc((nuint)PanelCount * Width * sizeof(float), 64);
        NativeMemory.Clear(_values, floats * sizeof(float));
        // Places past the last vector never win.
        new Span<float>(_start, PanelCount * Width).Fill(float.NegativeInfinity);
        new Span<float>(_start, count).Clear();
    }

    public int Count { get; }

    public int Dimension { get; }

    public int PanelCount { get; }

    /// <summary>Sets one vector and what its products begin with (zero for plain products, minus half the squared length to find the nearest).</summary>
    public void Set(int index, ReadOnlySpan<float> vector, float start)
    {
        var to = _values + (long)(index / Width) * Width * Dimension + index % Width;
        for (var j = 0; j < Dimension; j++) to[(long)j * Width] = vector[j];
        _start[index] = start;
    }

    /// <summary>Sets a vector such that the greatest product belongs to the nearest vector.</summary>
    public void SetNearest(int index, ReadOnlySpan<float> vector)
    {
        var sum = 0.0;
        foreach (var x in vector) sum += (double)x * x;
        Set(index, vector, (float)(-0.5 * sum));
    }

    /// <summary>Reads a vector back.</summary>
    public void Get(int index, Span<float> vector)
    {
        var from = _values + (long)(index / Width) * Width * Dimension + index % Width;
        for (var j = 0; j < Dimension; j++) vector[j] = from[(long)j * Width];
    }

    /// <summary>What the products of a vector begin with.</summary>
    public float Start(int index) => _start[index];

    /// <summary>Floats of scratch that <see cref="Nearest"/> and <see cref="Products"/> need.</summary>
    public static int ScratchFloats(int dimension) => dimension * TileRows + TileRows * Width + TileRows * 32 + 64;

    /// <summary>For each row the index of the vector with the greatest start + product (the lowest index of equal ones) and that value.</summary>
    public void Nearest(float* rows, int count, long stride, int* nearest, float* values, float* scratch)
    {
        var packed = scratch;
        var tile = Align(packed + Dimension * TileRows);
        var best = tile + TileRows * Width;
        for (var i = 0; i < count; i += TileRows)
        {
            var n = Math.Min(TileRows, count - i);
            Pack(rows + i * stride, n, stride, packed);
            for (var r = 0; r < TileRows; r++)
            {
                Vector512.Create(float.NegativeInfinity).Store(best + r * 32);
                Vector512<float>.Zero.Store(best + r * 32 + 16);
            }

            for (var p = 0; p < PanelCount; p++)
            {
                Multiply(p, packed, tile);
                for (var r = 0; r < n; r++) Keep(tile + r * Width, p * Width, best + r * 32);
            }

            for (var r = 0; r < n; r++) (nearest[i + r], values[i + r]) = Greatest(best + r * 32);
        }
    }

    /// <summary>Start + product of each row with each vector: <paramref name="products"/> has <see cref="Count"/> floats a row.</summary>
    public void Products(float* rows, int count, long stride, float* products, long productStride, float* scratch)
    {
        var packed = scratch;
        var tile = Align(packed + Dimension * TileRows);
        for (var i = 0; i < count; i += TileRows)
        {
            var n = Math.Min(TileRows, count - i);
            Pack(rows + i * stride, n, stride, packed);
            for (var p = 0; p < PanelCount; p++)
            {
                Multiply(p, packed, tile);
                var width = Math.Min(Width, Count - p * Width);
                for (var r = 0; r < n; r++) new ReadOnlySpan<float>(tile + r * Width, width).CopyTo(new Span<float>(products + (i + r) * productStride + p * Width, width));
            }
        }
    }

    /// <summary>
    /// Start + product of one row with each vector: 64 floats a panel, aligned to 64 bytes. The same bits as <see cref="Products"/>, and faster for a single row.
    /// </summary>
    public void Scores(float* row, float* scores)
    {
        for (var p = 0; p < PanelCount; p++) PanelProduct.MultiplyOne(_values + (long)p * Width * Dimension, _start + p * Width, row, scores + p * Width, Dimension);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_values);
        NativeMemory.AlignedFree(_start);
    }

    private static float* Align(float* p) => (float*)(((nuint)p + 63) & ~(nuint)63);

    private void Pack(float* rows, int count, long stride, float* packed)
    {
        for (var r = 0; r < TileRows; r++)
        {
            var row = rows + Math.Min(r, count - 1) * stride;
            for (var j = 0; j < Dimension; j++) packed[j * TileRows + r] = row[j];
        }
    }

    private static void Keep(float* sums, int first, float* best)
    {
        var value = Vector512.Load(best);
        var index = Vector512.Load((int*)best + 16);
        var at = Vector512<int>.Indices + Vector512.Create(first);
        for (var v = 0; v < Width; v += 16)
        {
            var sum = Vector512.LoadAligned(sums + v);
            var greater = Vector512.GreaterThan(sum, value);
            value = Vector512.ConditionalSelect(greater, sum, value);
            index = Vector512.ConditionalSelect(greater.AsInt32(), at, index);
            at += Vector512.Create(16);
        }

        value.Store(best);
        index.Store((int*)best + 16);
    }

    private static (int Index, float Value) Greatest(float* best)
    {
        var (index, value) = (((int*)best)[16], best[0]);
        for (var i = 1; i < 16; i++)
            if (best[i] > value || best[i] == value && ((int*)best)[16 + i] < index) (index, value) = (((int*)best)[16 + i], best[i]);
        return (index, value);
    }

    private void Multiply(int panel, float* packed, float* tile) =>
        PanelProduct.Multiply(_values + (long)panel * Width * Dimension, _start + panel * Width, packed, tile, Dimension);
}
