using Basalt.Migration;

namespace Basalt.Tests.Migration;

public sealed class RepeatedIdsTests
{
    [Theory]
    [InlineData(10, 1_000_000)]
    [InlineData(1000, 7)]
    [InlineData(20_000, 600)]
    public void Sorter_sorts_whatever_it_spills(int count, int limit)
    {
        const int seed = 20240501;
        var random = new Random(seed);
        using var sorter = new RowSorter(limit);
        var expected = new List<(UInt128, long)>();
        for (long row = 1; row <= count; row++)
        {
            var key = new UInt128((ulong)random.Next(50), (ulong)random.Next(count));
            sorter.Add(key, row);
            expected.Add((key, row));
        }

        expected.Sort();
        Assert.True(expected.SequenceEqual(sorter.Sorted().Select(static e => (e.Key, e.Row))), $"seed {seed}");
    }

    [Fact]
    public void First_repetition_is_the_first_of_the_file_with_the_row_before_it()
    {
        using var ids = new RepeatedIds();
        foreach (var (id, row) in "a b c b a b".Split(' ').Select(static (id, i) => (id, i + 1L))) ids.Add(id, row);
        Assert.Equal((4, 2), ids.FirstRepetition());
    }

    [Fact]
    public void Replaced_rows_are_all_but_the_last_of_each_id_in_the_order_of_the_file()
    {
        using var ids = new RepeatedIds();
        foreach (var (id, row) in "a b c b a b".Split(' ').Select(static (id, i) => (id, i + 1L))) ids.Add(id, row);
        var rows = new List<long>();
        using var replaced = ids.Replaced();
        while (replaced.MoveNext()) rows.Add(replaced.Current);
        Assert.Equal([1, 2, 4], rows);
    }
}
