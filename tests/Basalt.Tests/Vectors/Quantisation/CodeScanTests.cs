using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Tests.Vectors.Quantisation;

/// <summary>Scans in registers against the scalar one, bit for bit, and both against codes that were put and tables that were cut.</summary>
public sealed unsafe class CodeScanTests
{
    public static TheoryData<int, int, int> Shapes => new() { { 4, 1, 1 }, { 4, 2, 3 }, { 4, 7, 2 }, { 4, 32, 5 }, { 4, 512, 2 }, { 8, 1, 1 }, { 8, 3, 4 }, { 8, 32, 5 }, { 8, 512, 2 } };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_way_gives_the_sums_of_the_codes(int bits, int subspaces, int blocks)
    {
        var random = new Random(bits * 1000 + subspaces);
        var columns = CodeBlock.Columns(subspaces, bits);
        var rows = blocks * CodeBlock.Rows;
        var memory = new AlignedBytes();
        var codes = memory.Take((long)blocks * CodeBlock.Bytes(subspaces, bits) + ScanTables.Bytes(subspaces, bits) + 64 + rows * 2L);
        var tables = codes + (long)blocks * CodeBlock.Bytes(subspaces, bits);
        var sums = (ushort*)(tables + (ScanTables.Bytes(subspaces, bits) + 63) / 64 * 64);
        new Span<byte>(codes, blocks * CodeBlock.Bytes(subspaces, bits)).Clear();
        new Span<byte>(tables, ScanTables.Bytes(subspaces, bits)).Clear();
        var top = ScanTables.Top(subspaces);
        for (var i = 0; i < subspaces << bits; i++) tables[i] = (byte)(random.Next(4) == 0 ? top : random.Next(top + 1));
        var expected = new ushort[rows];
        var code = new byte[subspaces];
        var back = new byte[subspaces];
        for (var row = 0; row < rows; row++)
        {
            for (var j = 0; j < subspaces; j++) code[j] = (byte)random.Next(1 << bits);
            CodeBlock.Put(codes + (long)(row / 64) * CodeBlock.Bytes(subspaces, bits), row % 64, code, bits);
            expected[row] = (ushort)code.Select((c, j) => (int)tables[(j << bits) + c]).Sum();
        }

        CodeBlock.Get(codes + (long)((rows - 1) / 64) * CodeBlock.Bytes(subspaces, bits), 63, back, bits);
        Assert.Equal(code, back);
        Compare(() => CodeScan.SumScalar(codes, blocks, columns, bits, tables, sums));
        Compare(() => CodeScan.Sum(codes, blocks, columns, bits, tables, sums));
        if (bits == 4)
        {
            Compare(() => CodeScan.SumNibbles128(codes, blocks, columns, tables, sums));
            if (System.Runtime.Intrinsics.X86.Avx2.IsSupported) Compare(() => CodeScan.SumNibbles256(codes, blocks, columns, tables, sums));
            if (System.Runtime.Intrinsics.X86.Avx512BW.IsSupported) Compare(() => CodeScan.SumNibbles512(codes, blocks, columns, tables, sums));
        }
        else if (System.Runtime.Intrinsics.X86.Avx512Vbmi.IsSupported) Compare(() => CodeScan.SumBytes512(codes, blocks, columns, tables, sums));
        GC.KeepAlive(memory);

        void Compare(Action sum)
        {
            new Span<ushort>(sums, rows).Fill(0xBEEF);
            sum();
            Assert.Equal(expected, new ReadOnlySpan<ushort>(sums, rows).ToArray());
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Cut_tables_are_off_by_at_most_half_a_step_a_subspace(int bits, int subspaces, int scale)
    {
        var random = new Random(subspaces);
        var entries = subspaces << bits;
        using var memory = new Scratch(entries * 2L + subspaces + 64);
        var tables = memory.Floats;
        var bytes = (byte*)(tables + entries);
        for (var i = 0; i < entries; i++) tables[i] = (random.NextSingle() - 0.5f) * MathF.Pow(10, scale) + (i >> bits);
        var (bias, step) = ScanTables.Cut(tables, subspaces, bits, bytes, memory.Floats + 2L * entries);
        for (var trial = 0; trial < 200; trial++)
        {
            var (exact, sum) = (0.0, 0);
            for (var j = 0; j < subspaces; j++)
            {
                var entry = (j << bits) + random.Next(1 << bits);
                exact += tables[entry];
                sum += bytes[entry];
            }

            Assert.InRange(sum, 0, ushort.MaxValue);
            Assert.InRange(bias + (double)step * sum, exact - step * 0.501 * subspaces - 1e-2, exact + step * 0.501 * subspaces + 1e-2);
        }
    }

    [Fact]
    public void Flat_tables_cost_nothing()
    {
        using var memory = new Scratch(3 * 16 + 64);
        new Span<float>(memory.Floats, 48).Fill(2.5f);
        var bytes = (byte*)(memory.Floats + 48);
        new Span<byte>(bytes, 64).Fill(77);
        Assert.Equal((7.5f, 0f), ScanTables.Cut(memory.Floats, 3, 4, bytes, memory.Floats + 80));
        Assert.False(new ReadOnlySpan<byte>(bytes, 64).ContainsAnyExcept((byte)0));
    }
}
