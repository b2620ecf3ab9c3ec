using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Basalt.Vectors.Quantisation;

/// <summary>
/// Tables of floats, cut to bytes for <see cref="CodeScan"/>: a sum of table entries is about <c>bias + step * sum of bytes</c>, off by at most
/// half a step a subspace.
/// </summary>
internal static unsafe class ScanTables
{
    /// <summary>The greatest entry, such that a row's sum fits 16 bits.</summary>
    public static int Top(int subspaces) => Math.Min(byte.MaxValue, ushort.MaxValue / subspaces);

    /// <summary>Bytes of the tables of so many subspaces, an even number of them for 4-bit codes.</summary>
    public static int Bytes(int subspaces, int bits) => CodeBlock.Columns(subspaces, bits) * (bits == 8 ? 256 : 32);

    /// <summary>
    /// Cuts <paramref name="tables"/>, <c>2^bits</c> floats a subspace. <paramref name="lowest"/> has room for a float a subspace. Both are aligned to 64 bytes.
    /// A table of equal entries costs nothing; if all are, the step is 0.
    /// </summary>
    public static (float Bias, float Step) Cut(float* tables, int subspaces, int bits, byte* bytes, float* lowest)
    {
        var entries = 1 << bits;
        var (bias, range) = (0f, 0f);
        for (var j = 0; j < subspaces; j++)
        {
            var (least, greatest) = Extremes(tables + (long)j * entries, entries);
            lowest[j] = least;
            bias += least;
            range = Math.Max(range, greatest - least);
        }

        var step = range / Top(subspaces);
        // A step that is not normal has no useful inverse: such tables are flat for any purpose.
        if (!float.IsNormal(step)) step = 0;
        var inverse = step == 0 ? 0 : 1 / step;
        for (var j = 0; j < subspaces; j++) Cut(tables + (long)j * entries, entries, lowest[j], inverse, Top(subspaces), bytes + (long)j * entries);
        if (bits == 4 && (subspaces & 1) == 1) new Span<byte>(bytes + (long)subspaces * entries, entries).Clear();
        return (bias, step);
    }

    private static (float Least, float Greatest) Extremes(float* table, int entries)
    {
        var least = Vector512.LoadAligned(table);
        var greatest = least;
        for (var i = 16; i < entries; i += 16)
        {
            var v = Vector512.LoadAligned(table + i);
            least = Vector512.Min(least, v);
            greatest = Vector512.Max(greatest, v);
        }

        var (least8, greatest8) = (Vector256.Min(least.GetLower(), least.GetUpper()), Vector256.Max(greatest.GetLower(), greatest.GetUpper()));
        var (least4, greatest4) = (Vector128.Min(least8.GetLower(), least8.GetUpper()), Vector128.Max(greatest8.GetLower(), greatest8.GetUpper()));
        return (Math.Min(Math.Min(least4[0], least4[1]), Math.Min(least4[2], least4[3])), Math.Max(Math.Max(greatest4[0], greatest4[1]), Math.Max(greatest4[2], greatest4[3])));
    }

    private static void Cut(float* table, int entries, float least, float inverse, int top, byte* bytes)
    {
        if (Avx512F.IsSupported)
        {
            for (var i = 0; i < entries; i += 16)
            {
                var scaled = (Vector512.LoadAligned(table + i) - Vector512.Create(least)) * Vector512.Create(inverse) + Vector512.Create(0.5f);
                Avx512F.ConvertToVector128Byte(Vector512.Min(Vector512.ConvertToInt32Native(scaled), Vector512.Create(top)).AsUInt32()).Store(bytes + i);
            }

            return;
        }

        for (var i = 0; i < entries; i++) bytes[i] = (byte)Math.Min((int)((table[i] - least) * inverse + 0.5f), top);
    }
}
