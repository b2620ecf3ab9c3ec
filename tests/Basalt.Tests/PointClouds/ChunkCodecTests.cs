using System.Numerics;
using Basalt.Conformance;
using Basalt.PointClouds;
using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Runs;

namespace Basalt.Tests.PointClouds;

public sealed class ChunkCodecTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Codes_are_what_the_bits_in_turn_are_and_come_back(int axes)
    {
        var random = new Random(Generator.SeedOfRun);
        var count = 1000;
        var cells = Enumerable.Range(0, axes).Select(_ => Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64() & ((1UL << Morton.BitsPerAxis(axes)) - 1)).ToArray()).ToArray();
        var codes = new ulong[count];
        for (var axis = 0; axis < axes; axis++) Morton.Encode(cells[axis], axis, axes, codes);
        var decoded = new ulong[count];
        for (var axis = 0; axis < axes; axis++)
        {
            Morton.Decode(codes, axis, axes, 1UL << 40, decoded);
            for (var i = 0; i < count; i++)
            {
                Assert.Equal(Interleaved(cells, i), codes[i]);
                Assert.Equal(cells[axis][i] | 1UL << 40, decoded[i]);
                // The way of processors without such an instruction.
                Assert.Equal(cells[axis][i], Morton.GatherScalar(codes[i] >> axis, axes));
                Assert.Equal(codes[i] >> axis & Morton.Mask(axes), Morton.SpreadScalar(cells[axis][i], axes));
            }
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Points_of_any_width_have_the_order_of_their_interleaved_bits(int axes)
    {
        var random = new Random(Generator.SeedOfRun);
        for (var i = 0; i < 5_000; i++)
        {
            var shift = random.Next(64);
            ulong[] left = [.. Enumerable.Range(0, axes).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> shift)];
            ulong[] right = [.. left.Select(axis => random.Next(3) == 0 ? axis ^ 1UL << random.Next(64) : axis)];
            Assert.Equal(Wide(left).CompareTo(Wide(right)), Morton.Compare(left, right));
        }
    }

    public static TheoryData<ColumnType, int> Kinds
    {
        get
        {
            var kinds = new TheoryData<ColumnType, int>();
            foreach (var type in new[] { ColumnType.Int32, ColumnType.Int64, ColumnType.Float32, ColumnType.Float64 })
            foreach (var axes in new[] { 2, 3, 4 })
                kinds.Add(type, axes);
            return kinds;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_bit_of_a_chunk_comes_back(ColumnType type, int axes)
    {
        var random = new Random(Generator.SeedOfRun);
        for (var round = 0; round < 40; round++)
        {
            var sample = ChunkSample.Random(random, type, axes);
            var bytes = new ChunkWriter(sample.Schema).Write(sample.Rows, sample.Segments, sample.Blocks);
            Assert.NotNull(bytes);
            sample.AssertEqual(Chunk.Open(bytes, sample.Schema));
        }
    }

    [Fact]
    public void Neighbouring_voxels_take_about_a_byte_a_point()
    {
        var random = new Random(7);
        var rows = new PointRows(3, 0);
        var seen = new HashSet<(int, int, int)>();
        var (x, y, z) = (1000, 2000, 300);
        while (seen.Count < 12_000)
        {
            (x, y, z) = (x + random.Next(-1, 3), y + random.Next(-1, 2), z + random.Next(-1, 2));
            for (var i = 0; i < 20; i++) seen.Add((x + random.Next(-2, 3), y + random.Next(-2, 3), z + random.Next(-2, 3)));
        }

        var sample = ChunkSample.Of(new PointSchema(), [.. seen.Select(static p => new[] { (ulong)p.Item1, (ulong)p.Item2, (ulong)p.Item3 })]);
        var bytes = new ChunkWriter(sample.Schema).Write(sample.Rows, sample.Segments, sample.Blocks)!;
        Assert.True(bytes.Length < 1.2 * sample.Rows.Count, $"{(double)bytes.Length / sample.Rows.Count:N2} bytes a point");
        sample.AssertEqual(Chunk.Open(bytes, sample.Schema));
    }

    [Fact]
    public void A_chunk_that_would_be_too_large_is_not_written()
    {
        var random = new Random(1);
        var schema = new PointSchema { CoordinateType = ColumnType.Float64, Attributes = [new("a", ColumnType.UInt64)] };
        var sample = ChunkSample.Of(schema, [.. Enumerable.Range(0, ChunkFormat.MostPoints).Select(_ => new[] { Place(), Place(), Place() })]);
        for (var i = 0; i < sample.Rows.Count; i++) sample.Rows.Attributes[0][i] = (ulong)random.NextInt64();
        Assert.Null(new ChunkWriter(schema).Write(sample.Rows, sample.Segments, sample.Blocks));
        // Cut into pieces it is.
        var pieces = new ChunkEncoding(schema).Encode(sample.Rows, sample.Segments, sample.Blocks);
        Assert.True(pieces.Count > 1);
        Assert.All(pieces, static piece => Assert.InRange(piece.Bytes.Length, 1, ChunkFormat.MostBytes));
        Assert.Equal(sample.Rows.Count, pieces.Sum(static piece => piece.Entry.Points));

        ulong Place() => BitConverter.DoubleToUInt64Bits(random.NextDouble() * 1e9);
    }

    [Fact]
    public void Any_damage_of_a_chunk_is_refused()
    {
        var random = new Random(Generator.SeedOfRun);
        var sample = ChunkSample.Random(random, ColumnType.Int32, 3);
        var bytes = new ChunkWriter(sample.Schema).Write(sample.Rows, sample.Segments, sample.Blocks)!;
        for (var i = 0; i < 2_000; i++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
            Assert.Throws<InvalidDataException>(() => Chunk.Open(damaged, sample.Schema));
        }

        Assert.Throws<InvalidDataException>(() => Chunk.Open(bytes.AsSpan()[..^1], sample.Schema));
        Assert.Contains("version 2", Assert.Throws<InvalidDataException>(() => Chunk.Open([.. bytes.AsSpan(0, 4), 2, .. bytes.AsSpan(5)], sample.Schema)).Message);
        Assert.Contains("coordinates", Assert.Throws<InvalidDataException>(() => Chunk.Open(bytes, new PointSchema { Axes = ["x", "y"] })).Message);
    }

    [Fact]
    public void Columns_come_back_however_their_values_lie()
    {
        var random = new Random(Generator.SeedOfRun);
        for (var round = 0; round < 300; round++)
        {
            var count = random.Next(1, 500);
            var distinct = Enumerable.Range(0, random.Next(1, 20)).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue)).ToArray();
            var way = random.Next(5);
            var at = (ulong)random.NextInt64();
            var values = Enumerable.Range(0, count).Select(i => way switch
            {
                0 => distinct[0],
                1 => distinct[i * distinct.Length / count],
                2 => distinct[random.Next(distinct.Length)],
                3 => at += (ulong)random.Next(-3, 4),
                _ => (ulong)random.NextInt64(long.MinValue, long.MaxValue),
            }).ToArray();
            var writer = new ByteWriter();
            ColumnCodec.Write(writer, values);
            var reader = new ByteReader(writer.Written);
            var read = new ulong[count];
            ColumnCodec.Read(reader.Take(reader.ReadVarint()), read);
            Assert.Equal(values, read);
            reader.RequireEnd();
            Assert.True(writer.Length <= 9 * count + 24);
        }
    }

    [Fact]
    public void Sums_are_read_as_number_by_number()
    {
        var random = new Random(Generator.SeedOfRun);
        for (var round = 0; round < 200; round++)
        {
            var values = Enumerable.Range(0, random.Next(0, 200)).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64)).ToArray();
            var writer = new ByteWriter();
            foreach (var value in values) writer.AddVarint(value);
            var sums = new ulong[values.Length];
            Assert.Equal(writer.Length, Varint.ReadSums(writer.Written, sums));
            var sum = 0UL;
            Assert.Equal(values.Select(value => sum += value), sums);
            if (writer.Length > 0) Assert.Throws<InvalidDataException>(() => Varint.ReadSums(writer.Written[..^1], sums));
        }
    }

    private static ulong Interleaved(ulong[][] cells, int at)
    {
        var code = 0UL;
        for (var bit = 0; bit < Morton.BitsPerAxis(cells.Length); bit++)
        for (var axis = 0; axis < cells.Length; axis++)
            code |= (cells[axis][at] >> bit & 1) << (bit * cells.Length + axis);
        return code;
    }

    private static BigInteger Wide(ulong[] point)
    {
        var code = BigInteger.Zero;
        for (var bit = 0; bit < 64; bit++)
        for (var axis = 0; axis < point.Length; axis++)
            code |= (BigInteger)(point[axis] >> bit & 1) << (bit * point.Length + axis);
        return code;
    }
}
