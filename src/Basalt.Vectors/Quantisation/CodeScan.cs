using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Basalt.Vectors.Quantisation;

/// <summary>
/// Sums of table entries over the codes of whole blocks, with the tables in registers: 64 rows look up one subspace in a few instructions (André, Kermarrec,
/// Le Scouarnec 2015, for 4 bits; two-table permutes of AVX-512 VBMI for 8 bits). All ways give the same integers.
/// </summary>
/// <remarks>
/// Tables are bytes: 16 or 256 a subspace, subspace after subspace; a column of 4-bit codes has two tables, the second one zero when the subspaces are odd in
/// number. A row's sum must fit 16 bits, which <see cref="ScanTables"/> sees to. Blocks and tables are aligned to 64 bytes.
/// </remarks>
internal static unsafe class CodeScan
{
    private const int Rows = CodeBlock.Rows;
    private const int Nibbles = 16;
    private const int Bytes = 256;

    /// <summary>Writes 64 sums a block, in the order of the rows.</summary>
    public static void Sum(byte* blocks, int count, int columns, int bits, byte* tables, ushort* sums)
    {
        if (bits == 8)
        {
            if (Avx512Vbmi.IsSupported) SumBytes512(blocks, count, columns, tables, sums);
            else SumScalar(blocks, count, columns, bits, tables, sums);
        }
        else if (Avx512BW.IsSupported) SumNibbles512(blocks, count, columns, tables, sums);
        else if (Avx2.IsSupported) SumNibbles256(blocks, count, columns, tables, sums);
        else if (Ssse3.IsSupported || AdvSimd.Arm64.IsSupported) SumNibbles128(blocks, count, columns, tables, sums);
        else SumScalar(blocks, count, columns, bits, tables, sums);
    }

    /// <summary>The oracle of the others, and the way of 8-bit codes where there is no VBMI.</summary>
    public static void SumScalar(byte* blocks, int count, int columns, int bits, byte* tables, ushort* sums)
    {
        for (var b = 0; b < count; b++, blocks += (long)columns * Rows, sums += Rows)
        {
            new Span<ushort>(sums, Rows).Clear();
            for (var c = 0; c < columns; c++)
            {
                var column = blocks + c * Rows;
                var table = tables + (bits == 8 ? c * Bytes : c * 2 * Nibbles);
                for (var i = 0; i < Rows; i++)
                {
                    var row = (i & 1) * (Rows / 2) + i / 2;
                    sums[row] += (ushort)(bits == 8 ? table[column[i]] : table[column[i] & 15] + table[Nibbles + (column[i] >> 4)]);
                }
            }
        }
    }

    /// <summary>Two blocks at a time: a table is loaded once for 128 rows.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SumNibbles512(byte* blocks, int count, int columns, byte* tables, ushort* sums)
    {
        var size = (long)columns * Rows;
        var mask = Vector512.Create((byte)15);
        for (; count > 0; count -= 2, blocks += 2 * size, sums += 2 * Rows)
        {
            // A single last block is summed twice into the same place.
            var second = count > 1 ? size : 0;
            Vector512<ushort> all0 = default, odd0 = default, all1 = default, odd1 = default;
            var table = tables;
            byte* column = blocks, end = blocks + size;
            for (; column < end; column += Rows, table += 2 * Nibbles)
            {
                var low = Avx512F.BroadcastVector128ToVector512((uint*)table).AsByte();
                var high = Avx512F.BroadcastVector128ToVector512((uint*)(table + Nibbles)).AsByte();
                var code = Vector512.LoadAligned(column);
                var value = Avx512BW.Shuffle(low, code & mask).AsUInt16();
                all0 += value;
                odd0 += value >>> 8;
                value = Avx512BW.Shuffle(high, (code.AsUInt16() >>> 4).AsByte() & mask).AsUInt16();
                all0 += value;
                odd0 += value >>> 8;
                code = Vector512.LoadAligned(column + second);
                value = Avx512BW.Shuffle(low, code & mask).AsUInt16();
                all1 += value;
                odd1 += value >>> 8;
                value = Avx512BW.Shuffle(high, (code.AsUInt16() >>> 4).AsByte() & mask).AsUInt16();
                all1 += value;
                odd1 += value >>> 8;
            }

            var to = sums + (count > 1 ? Rows : 0);
            (all1 - (odd1 << 8)).Store(to);
            odd1.Store(to + 32);
            (all0 - (odd0 << 8)).Store(sums);
            odd0.Store(sums + 32);
        }
    }

    public static void SumNibbles256(byte* blocks, int count, int columns, byte* tables, ushort* sums)
    {
        var mask = Vector256.Create((byte)15);
        for (; count > 0; count--, blocks += (long)columns * Rows, sums += Rows)
        {
            Vector256<ushort> all0 = default, odd0 = default, all1 = default, odd1 = default;
            for (var c = 0; c < columns; c++)
            {
                var low = Avx2.BroadcastVector128ToVector256(tables + c * 2 * Nibbles);
                var high = Avx2.BroadcastVector128ToVector256(tables + c * 2 * Nibbles + Nibbles);
                var code = Vector256.LoadAligned(blocks + c * Rows);
                var value = Avx2.Shuffle(low, code & mask).AsUInt16();
                all0 += value;
                odd0 += value >>> 8;
                value = Avx2.Shuffle(high, (code.AsUInt16() >>> 4).AsByte() & mask).AsUInt16();
                all0 += value;
                odd0 += value >>> 8;
                code = Vector256.LoadAligned(blocks + c * Rows + 32);
                value = Avx2.Shuffle(low, code & mask).AsUInt16();
                all1 += value;
                odd1 += value >>> 8;
                value = Avx2.Shuffle(high, (code.AsUInt16() >>> 4).AsByte() & mask).AsUInt16();
                all1 += value;
                odd1 += value >>> 8;
            }

            (all0 - (odd0 << 8)).Store(sums);
            (all1 - (odd1 << 8)).Store(sums + 16);
            odd0.Store(sums + 32);
            odd1.Store(sums + 48);
        }
    }

    public static void SumNibbles128(byte* blocks, int count, int columns, byte* tables, ushort* sums)
    {
        var mask = Vector128.Create((byte)15);
        for (; count > 0; count--, blocks += (long)columns * Rows, sums += Rows)
        for (var part = 0; part < 4; part++)
        {
            Vector128<ushort> all = default, odd = default;
            for (var c = 0; c < columns; c++)
            {
                var table = tables + c * 2 * Nibbles;
                var code = Vector128.Load(blocks + c * Rows + part * 16);
                var value = Vector128.Shuffle(Vector128.Load(table), code & mask).AsUInt16();
                all += value;
                odd += value >>> 8;
                value = Vector128.Shuffle(Vector128.Load(table + Nibbles), (code.AsUInt16() >>> 4).AsByte() & mask).AsUInt16();
                all += value;
                odd += value >>> 8;
            }

            (all - (odd << 8)).Store(sums + part * 8);
            odd.Store(sums + 32 + part * 8);
        }
    }

    /// <summary>A table of 256 bytes fills four registers; two permutes look up its halves, and the top bit of the code chooses.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void SumBytes512(byte* blocks, int count, int columns, byte* tables, ushort* sums)
    {
        var size = (long)columns * Rows;
        for (; count > 0; count -= 2, blocks += 2 * size, sums += 2 * Rows)
        {
            var second = count > 1 ? size : 0;
            Vector512<ushort> all0 = default, odd0 = default, all1 = default, odd1 = default;
            var table = tables;
            byte* column = blocks, end = blocks + size;
            for (; column < end; column += Rows, table += Bytes)
            {
                var t0 = Vector512.LoadAligned(table);
                var t1 = Vector512.LoadAligned(table + 64);
                var t2 = Vector512.LoadAligned(table + 128);
                var t3 = Vector512.LoadAligned(table + 192);
                var code = Vector512.LoadAligned(column);
                var value = Avx512BW.BlendVariable(Avx512Vbmi.PermuteVar64x8x2(t0, code, t1), Avx512Vbmi.PermuteVar64x8x2(t2, code, t3), code).AsUInt16();
                all0 += value;
                odd0 += value >>> 8;
                code = Vector512.LoadAligned(column + second);
                value = Avx512BW.BlendVariable(Avx512Vbmi.PermuteVar64x8x2(t0, code, t1), Avx512Vbmi.PermuteVar64x8x2(t2, code, t3), code).AsUInt16();
                all1 += value;
                odd1 += value >>> 8;
            }

            var to = sums + (count > 1 ? Rows : 0);
            (all1 - (odd1 << 8)).Store(to);
            odd1.Store(to + 32);
            (all0 - (odd0 << 8)).Store(sums);
            odd0.Store(sums + 32);
        }
    }
}
