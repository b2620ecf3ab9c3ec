using Basalt.Conformance;
using Basalt.Queries;
using Basalt.Queries.Sorting;
using Basalt.Records;

namespace Basalt.Tests.Queries;

public sealed class RecordSorterTests
{
    private static readonly SortKey[] Keys = [new("mixed"), new("n", Descending: true)];

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(500, 1)]
    [InlineData(500, 4000)]
    [InlineData(500, 50_000)]
    [InlineData(500, 1L << 40)]
    public void Sorted_records_are_those_of_a_sort_in_memory_whatever_the_budget(int count, long budget)
    {
        var records = Draw(count);
        using var sorter = new RecordSorter(new RecordOrder(Keys), budget);
        foreach (var record in records) sorter.Add(record);
        if (budget == 1) Assert.Equal(count, sorter.SpilledRuns);
        if (budget == 1L << 40) Assert.Equal(0, sorter.SpilledRuns);
        var sorted = sorter.Sorted(CancellationToken.None).ToArray();
        var expected = records.ToList();
        expected.Sort(Oracle.Order(Keys));
        Assert.Equal(expected.Select(static r => r.Id), sorted.Select(static r => r.Id));
        Assert.All(expected.Zip(sorted), static pair => Assert.True(Oracle.AreSame(pair.First, pair.Second), $"{pair.First} came back as {pair.Second}"));
    }

    [Fact]
    public void Records_without_a_version_keep_their_timestamps_through_a_spill()
    {
        using var sorter = new RecordSorter(RecordOrder.ById, 1);
        var record = new Record { Id = "a", Created = DateTimeOffset.UnixEpoch, Updated = DateTimeOffset.UnixEpoch.AddDays(1) };
        sorter.Add(record);
        Assert.True(Oracle.AreSame(record, Assert.Single(sorter.Sorted(CancellationToken.None))));
    }

    [Fact]
    public void Disposal_removes_the_runs_also_in_the_middle_of_reading()
    {
        var before = Runs();
        var sorter = new RecordSorter(new RecordOrder(Keys), 1000);
        foreach (var record in Draw(100)) sorter.Add(record);
        Assert.True(sorter.SpilledRuns > 1);
        using (var reading = sorter.Sorted(CancellationToken.None).GetEnumerator()) Assert.True(reading.MoveNext());
        sorter.Dispose();
        sorter.Dispose();
        Assert.True(Runs() <= before + 8, "runs were left behind");

        static int Runs() => Directory.GetDirectories(Path.GetTempPath(), "basalt-sort-*").Length;
    }

    [Fact]
    public void Cancelled_token_ends_the_merge()
    {
        using var sorter = new RecordSorter(new RecordOrder(Keys), 1000);
        foreach (var record in Draw(100)) sorter.Add(record);
        Assert.ThrowsAny<OperationCanceledException>(() => sorter.Sorted(new CancellationToken(canceled: true)).Count());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(1000)]
    public void First_records_are_the_head_of_the_sorted_ones(int capacity)
    {
        var records = Draw(300);
        var first = new FirstRecords(capacity, new RecordOrder(Keys));
        foreach (var record in records) first.Add(record);
        var expected = records.ToList();
        expected.Sort(Oracle.Order(Keys));
        Assert.Equal(expected.Take(capacity).Select(static r => r.Id), first.Drain().Select(static r => r.Id));
    }

    private static Record[] Draw(int count)
    {
        var random = new Generator(Generator.SeedOfRun);
        return [.. Enumerable.Range(0, count).Select(i => random.Record($"{random.Next(1000)}-{i}") with { Version = i + 1, Created = DateTimeOffset.UnixEpoch.AddTicks(i), Updated = DateTimeOffset.UnixEpoch.AddHours(i) })];
    }
}
