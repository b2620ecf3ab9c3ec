using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Basalt.Vectors.Clustering;

/// <summary>
/// The inner product of <see cref="Panels"/>: six packed rows times a panel of 64 vectors, 384 sums at once. All ways give the same bits: each sum is a
/// chain of fused multiply-adds in the order of the dimensions.
/// </summary>
internal static unsafe class PanelProduct
{
    private const int Width = Panels.Width;
    private const int Rows = Panels.TileRows;

    /// <summary>
    /// <paramref name="panel"/>: 64 floats a dimension; <paramref name="start"/>: what the 64 sums begin with; <paramref name="rows"/>: six floats a
    /// dimension; <paramref name="sums"/>: six times 64. All but the rows are aligned to 64 bytes.
    /// </summary>
    public static void Multiply(float* panel, float* start, float* rows, float* sums, int dimension)
    {
        if (Vector512.IsHardwareAccelerated && Avx512F.IsSupported) Multiply512(panel, start, rows, sums, dimension);
        else if (Vector256.IsHardwareAccelerated && Fma.IsSupported) Multiply256(panel, start, rows, sums, dimension);
        else if (AdvSimd.IsSupported) Multiply128(panel, start, rows, sums, dimension);
        else MultiplyScalar(panel, start, rows, sums, dimension);
    }

    /// <summary>One row, not packed, times a panel: 64 sums, the same bits as <see cref="Multiply"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyOne(float* panel, float* start, float* row, float* sums, int dimension)
    {
        Vector512<float> s0 = Vector512.LoadAligned(start), s1 = Vector512.LoadAligned(start + 16), s2 = Vector512.LoadAligned(start + 32), s3 = Vector512.LoadAligned(start + 48);
        for (var end = row + dimension; row < end; row++, panel += Width)
        {
            var x = Vector512.Create(*row);
            s0 = Vector512.FusedMultiplyAdd(Vector512.LoadAligned(panel), x, s0);
            s1 = Vector512.FusedMultiplyAdd(Vector512.LoadAligned(panel + 16), x, s1);
            s2 = Vector512.FusedMultiplyAdd(Vector512.LoadAligned(panel + 32), x, s2);
            s3 = Vector512.FusedMultiplyAdd(Vector512.LoadAligned(panel + 48), x, s3);
        }

        Store(sums, s0, s1, s2, s3);
    }

    /// <summary>The oracle of the others.</summary>
    public static void MultiplyScalar(float* panel, float* start, float* rows, float* sums, int dimension)
    {
        for (var r = 0; r < Rows; r++)
        for (var v = 0; v < Width; v++)
        {
            var sum = start[v];
            for (var j = 0; j < dimension; j++) sum = MathF.FusedMultiplyAdd(panel[(long)j * Width + v], rows[j * Rows + r], sum);
            sums[r * Width + v] = sum;
        }
    }

    /// <summary>Twelve of the sixteen registers hold sums: six rows times two vectors of eight.</summary>
    public static void Multiply256(float* panel, float* start, float* rows, float* sums, int dimension)
    {
        for (var v = 0; v < Width; v += 16)
        {
            var (s0, s1) = (Vector256.Load(start + v), Vector256.Load(start + v + 8));
            Vector256<float> a00 = s0, a01 = s1, a10 = s0, a11 = s1, a20 = s0, a21 = s1;
            Vector256<float> a30 = s0, a31 = s1, a40 = s0, a41 = s1, a50 = s0, a51 = s1;
            float* b = panel + v, a = rows;
            for (var end = b + (long)dimension * Width; b < end; b += Width, a += Rows)
            {
                var (b0, b1) = (Vector256.Load(b), Vector256.Load(b + 8));
                a00 = Vector256.FusedMultiplyAdd(b0, Vector256.Create(a[0]), a00);
                a01 = Vector256.FusedMultiplyAdd(b1, Vector256.Create(a[0]), a01);
                a10 = Vector256.FusedMultiplyAdd(b0, Vector256.Create(a[1]), a10);
                a11 = Vector256.FusedMultiplyAdd(b1, Vector256.Create(a[1]), a11);
                a20 = Vector256.FusedMultiplyAdd(b0, Vector256.Create(a[2]), a20);
                a21 = Vector256.FusedMultiplyAdd(b1, Vector256.Create(a[2]), a21);
                a30 = Vector256.FusedMultiplyAdd(b0, Vector256.Create(a[3]), a30);
                a31 = Vector256.FusedMultiplyAdd(b1, Vector256.Create(a[3]), a31);
                a40 = Vector256.FusedMultiplyAdd(b0, Vector256.Create(a[4]), a40);
                a41 = Vector256.FusedMultiplyAdd(b1, Vector256.Create(a[4]), a41);
                a50 = Vector256.FusedMultiplyAdd(b0, Vector256.Create(a[5]), a50);
                a51 = Vector256.FusedMultiplyAdd(b1, Vector256.Create(a[5]), a51);
            }

            Store(sums + v, a00, a01);
            Store(sums + Width + v, a10, a11);
            Store(sums + 2 * Width + v, a20, a21);
            Store(sums + 3 * Width + v, a30, a31);
            Store(sums + 4 * Width + v, a40, a41);
            Store(sums + 5 * Width + v, a50, a51);
        }
    }

    /// <summary>Four vectors of four for each row in turn.</summary>
    public static void Multiply128(float* panel, float* start, float* rows, float* sums, int dimension)
    {
        for (var r = 0; r < Rows; r++)
        for (var v = 0; v < Width; v += 16)
        {
            var (a0, a1, a2, a3) = (Vector128.Load(start + v), Vector128.Load(start + v + 4), Vector128.Load(start + v + 8), Vector128.Load(start + v + 12));
            float* b = panel + v, a = rows + r;
            for (var end = b + (long)dimension * Width; b < end; b += Width, a += Rows)
            {
                var x = Vector128.Create(*a);
                a0 = Vector128.FusedMultiplyAdd(Vector128.Load(b), x, a0);
                a1 = Vector128.FusedMultiplyAdd(Vector128.Load(b + 4), x, a1);
                a2 = Vector128.FusedMultiplyAdd(Vector128.Load(b + 8), x, a2);
                a3 = Vector128.FusedMultiplyAdd(Vector128.Load(b + 12), x, a3);
            }

            a0.Store(sums + r * Width + v);
            a1.Store(sums + r * Width + v + 4);
            a2.Store(sums + r * Width + v + 8);
            a3.Store(sums + r * Width + v + 12);
        }
    }

    /// <summary>24 sums, four loads and a broadcast in 32 registers: two multiply-adds a cycle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply512(float* b, float* start, float* a, float* sums, int dimension)
    {
        var (s0, s1, s2, s3) = (Vector512.LoadAligned(start), Vector512.LoadAligned(start + 16), Vector512.LoadAligned(start + 32), Vector512.LoadAligned(start + 48));
        Vector512<float> a00 = s0, a01 = s1, a02 = s2, a03 = s3;
        Vector512<float> a10 = s0, a11 = s1, a12 = s2, a13 = s3;
        Vector512<float> a20 = s0, a21 = s1, a22 = s2, a23 = s3;
        Vector512<float> a30 = s0, a31 = s1, a32 = s2, a33 = s3;
        Vector512<float> a40 = s0, a41 = s1, a42 = s2, a43 = s3;
        Vector512<float> a50 = s0, a51 = s1, a52 = s2, a53 = s3;
        for (var end = b + (long)dimension * Width; b < end; b += Width, a += Rows)
        {
            var b0 = Vector512.LoadAligned(b);
            var b1 = Vector512.LoadAligned(b + 16);
            var b2 = Vector512.LoadAligned(b + 32);
            var b3 = Vector512.LoadAligned(b + 48);
            var x = Vector512.Create(a[0]);
            a00 = Vector512.FusedMultiplyAdd(b0, x, a00);
            a01 = Vector512.FusedMultiplyAdd(b1, x, a01);
            a02 = Vector512.FusedMultiplyAdd(b2, x, a02);
            a03 = Vector512.FusedMultiplyAdd(b3, x, a03);
            x = Vector512.Create(a[1]);
            a10 = Vector512.FusedMultiplyAdd(b0, x, a10);
            a11 = Vector512.FusedMultiplyAdd(b1, x, a11);
            a12 = Vector512.FusedMultiplyAdd(b2, x, a12);
            a13 = Vector512.FusedMultiplyAdd(b3, x, a13);
            x = Vector512.Create(a[2]);
            a20 = Vector512.FusedMultiplyAdd(b0, x, a20);
            a21 = Vector512.FusedMultiplyAdd(b1, x, a21);
            a22 = Vector512.FusedMultiplyAdd(b2, x, a22);
            a23 = Vector512.FusedMultiplyAdd(b3, x, a23);
            x = Vector512.Create(a[3]);
            a30 = Vector512.FusedMultiplyAdd(b0, x, a30);
            a31 = Vector512.FusedMultiplyAdd(b1, x, a31);
            a32 = Vector512.FusedMultiplyAdd(b2, x, a32);
            a33 = Vector512.FusedMultiplyAdd(b3, x, a33);
            x = Vector512.Create(a[4]);
            a40 = Vector512.FusedMultiplyAdd(b0, x, a40);
            a41 = Vector512.FusedMultiplyAdd(b1, x, a41);
            a42 = Vector512.FusedMultiplyAdd(b2, x, a42);
            a43 = Vector512.FusedMultiplyAdd(b3, x, a43);
            x = Vector512.Create(a[5]);
            a50 = Vector512.FusedMultiplyAdd(b0, x, a50);
            a51 = Vector512.FusedMultiplyAdd(b1, x, a51);
            a52 = Vector512.FusedMultiplyAdd(b2, x, a52);
            a53 = Vector512.FusedMultiplyAdd(b3, x, a53);
        }

        Store(sums, a00, a01, a02, a03);
        Store(sums + Width, a10, a11, a12, a13);
        Store(sums + 2 * Width, a20, a21, a22, a23);
        Store(sums + 3 * Width, a30, a31, a32, a33);
        Store(sums + 4 * Width, a40, a41, a42, a43);
        Store(sums + 5 * Width, a50, a51, a52, a53);
    }

    private static void Store(float* to, Vector512<float> v0, Vector512<float> v1, Vector512<float> v2, Vector512<float> v3)
    {
        v0.StoreAligned(to);
        v1.StoreAligned(to + 16);
        v2.StoreAligned(to + 32);
        v3.StoreAligned(to + 48);
    }

    private static void Store(float* to, Vector256<float> v0, Vector256<float> v1)
    {
        v0.Store(to);
        v1.Store(to + 8);
    }
}
