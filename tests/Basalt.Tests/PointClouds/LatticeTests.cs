using Basalt.Conformance;
using Basalt.PointClouds.Columns;
using Basalt.Records;

namespace Basalt.Tests.PointClouds;

public sealed class LatticeTests
{
    public static TheoryData<ColumnType> Types => [ColumnType.Int32, ColumnType.Int64, ColumnType.Float32, ColumnType.Float64];

    [Theory]
    [MemberData(nameof(Types))]
    public void Ranks_have_the_order_of_the_numbers_and_bits_come_back(ColumnType type)
    {
        var random = new Random(Generator.SeedOfRun);
        var lattice = new Lattice(type);
        for (var i = 0; i < 3_000; i++)
        {
            var (one, other) = (ChunkSample.Coordinate(random, type, i % 2 == 0), ChunkSample.Coordinate(random, type, i % 2 == 0));
            Assert.Equal(one, lattice.BitsOf(lattice.CellOf(one)));
            Assert.Equal(one, lattice.BitsAt(lattice.RankOfBits(one)));
            var order = Bits.ToValue(type, one).CompareTo(Bits.ToValue(type, other));
            if (order != 0) Assert.Equal(Math.Sign(order), lattice.RankOfBits(one).CompareTo(lattice.RankOfBits(other)));
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Bounds_of_any_kind_mean_what_comparisons_say(ColumnType type)
    {
        var random = new Random(Generator.SeedOfRun);
        var lattice = new Lattice(type);
        for (var i = 0; i < 3_000; i++)
        {
            var bound = random.Next(5) switch
            {
                0 => (Value)(random.NextDouble() * Math.Pow(10, random.Next(-3, 25)) * (random.Next(2) * 2 - 1)),
                1 => random.NextInt64(long.MinValue, long.MaxValue),
                2 => random.Next(-100, 100) / 8m,
                3 => random.Next(2) == 0 ? double.PositiveInfinity : double.NegativeInfinity,
                _ => Bits.ToValue(type, ChunkSample.Coordinate(random, type, random.Next(2) == 0)),
            };
            var value = ChunkSample.Coordinate(random, type, random.Next(2) == 0);
            var (rank, order) = (lattice.RankOfBits(value), Bits.ToValue(type, value).CompareTo(bound));
            Assert.True(order >= 0 == (lattice.AtLeast(bound) is { } low && rank >= low), $"{Bits.ToValue(type, value)} >= {bound}");
            Assert.True(order <= 0 == (lattice.AtMost(bound) is { } high && rank <= high), $"{Bits.ToValue(type, value)} <= {bound}");
        }
    }
}
