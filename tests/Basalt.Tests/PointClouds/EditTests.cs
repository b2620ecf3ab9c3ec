using Basalt.Conformance;
using Basalt.PointClouds;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Editing;
using Basalt.PointClouds.Reading;

namespace Basalt.Tests.PointClouds;

/// <summary>Merges, splits and undos against a list of points whose labels are changed one by one.</summary>
public sealed class EditTests
{
    private static readonly PointQuery Whole = new() { WithLabels = true, WithBlocks = true };

    [Fact]
    public async Task Any_history_reads_as_if_points_had_been_relabelled()
    {
        var random = new Random(Generator.SeedOfRun);
        var sample = Sample(random);
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", sample.Schema, new PointCloudOptions { Grace = TimeSpan.Zero });
        await sample.IngestAsync(cloud, ingests: 2);
        // As of each edit: the label of each point. More edits than a record names.
        var history = new List<ulong[]> { sample.Points.Select(static point => point.Label).ToArray() };
        var stack = new Stack<ulong[]>([history[0]]);
        var fresh = 1_000_000UL;
        while (history.Count < 80)
        {
            var now = stack.Peek();
            var labels = now.Distinct().ToArray();
            var choice = random.Next(5);
            if (choice == 0 && stack.Count > 1)
            {
                var undo = await cloud.UndoAsync();
                Assert.Equal(history.Count, undo!.Number);
                stack.Pop();
                history.Add(stack.Peek());
                continue;
            }

            var label = labels[random.Next(labels.Length)];
            var next = (ulong[])now.Clone();
            if (choice <= 2 && labels.Length > 3)
            {
                var sources = labels.Where(l => l != label && random.Next(4) == 0).Take(3).ToArray();
                if (sources.Length == 0) continue;
                await cloud.MergeAsync(label, sources);
                for (var i = 0; i < next.Length; i++)
                    if (sources.Contains(next[i])) next[i] = label;
            }
            else
            {
                var by = By(sample, random);
                var moved = Enumerable.Range(0, next.Length).Where(i => now[i] == label && Matches(sample, sample.Points[i], by)).ToList();
                if (moved.Count == 0 || moved.Count == now.Count(l => l == label))
                {
                    Assert.Equal(moved.Count == 0 ? ErrorCode.NotFound : ErrorCode.InvalidQuery, (await Assert.ThrowsAsync<BasaltException>(async () => await cloud.SplitAsync(label, ++fresh, by))).Code);
                    continue;
                }

                await cloud.SplitAsync(label, ++fresh, by);
                foreach (var i in moved) next[i] = fresh;
            }

            stack.Push(next);
            history.Add(next);
            if (history.Count % 40 == 0) await cloud.OptimizeAsync();
        }

        Assert.Equal(history.Count - 1, (await cloud.HistoryAsync()).Count);
        foreach (var asOf in new[] { 0, 1, random.Next(history.Count), random.Next(history.Count), history.Count - 1 }) await CheckAsync(cloud, sample, history[asOf], asOf);
        await CheckAsync(await PointCloud.OpenAsync(database, "c"), sample, history[^1], null);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await cloud.CountAsync(Whole with { AsOf = history.Count }));
    }

    [Fact]
    public async Task Edits_that_cannot_be_are_refused_and_leave_nothing()
    {
        var sample = Sample(new Random(1));
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", sample.Schema);
        await sample.IngestAsync(cloud, ingests: 1);
        Assert.Null(await cloud.UndoAsync());
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<BasaltException>(async () => await cloud.MergeAsync(1, [999]))).Code);
        Assert.Equal(ErrorCode.AlreadyExists, (await Assert.ThrowsAsync<BasaltException>(async () => await cloud.SplitAsync(1, 2, new SplitBy { Blocks = ["block 1"] }))).Code);
        Assert.Equal(ErrorCode.InvalidQuery, (await Assert.ThrowsAsync<BasaltException>(async () => await cloud.SplitAsync(1, 99, new SplitBy { Attribute = "colour", Values = [1] }))).Code);
        await Assert.ThrowsAsync<ArgumentException>(async () => await cloud.SplitAsync(1, 99, new SplitBy()));
        await Assert.ThrowsAsync<ArgumentException>(async () => await cloud.MergeAsync(1, [1]));
        Assert.Empty(await cloud.HistoryAsync());
        var one = await cloud.MergeAsync(1, [2]);
        Assert.Equal((1, EditKind.Merge, 1UL), (one.Number, one.Kind, one.Target));
        Assert.Equal(0, await cloud.CountAsync(2));
        Assert.Equal(1, (await cloud.UndoAsync())!.Undoes);
        Assert.Equal(2, (await cloud.HistoryAsync()).Count);
        Assert.True(await cloud.CountAsync(2) > 0);
    }

    [Fact]
    public async Task Editors_who_race_all_find_their_edit_in_the_history()
    {
        var sample = Sample(new Random(1));
        await using var database = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.CreateAsync(database, "c", sample.Schema);
        await sample.IngestAsync(cloud, ingests: 1);
        var edits = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(() => TryAsync(i))));
        var made = edits.OfType<LabelEdit>().OrderBy(static edit => edit.Number).ToArray();
        Assert.True(made.Length >= 8);
        Assert.Equal(Enumerable.Range(1, made.Length), made.Select(static edit => edit.Number));
        Assert.Equal(made.Select(static edit => edit.Target), (await cloud.HistoryAsync()).Select(static edit => edit.Target));
        Assert.Equal(sample.Points.Count, (await cloud.ReadAsync(Whole)).Count);

        async Task<LabelEdit?> TryAsync(int i)
        {
            try
            {
                return await cloud.MergeAsync(500 + (ulong)i, [(ulong)(1 + i % 8)]);
            }
            catch (BasaltException e) when (e.Code == ErrorCode.NotFound)
            {
                // Somebody else was faster: the label is part of another one.
                return null;
            }
        }
    }

    private static CloudSample Sample(Random random)
    {
        var schema = new PointSchema { Attributes = [new("supervoxel", ColumnType.UInt64)] };
        var sample = new CloudSample(schema);
        for (var i = 0; i < 600; i++)
            sample.Points.Add(new SamplePoint((ulong)(1 + i % 8), $"block {random.Next(6)}", [(ulong)(i % 10), (ulong)(i / 10 % 10), (ulong)(i / 100)], [76_000_000_000_000_000 + (ulong)random.Next(5)]));
        return sample;
    }

    private static SplitBy By(CloudSample sample, Random random) => random.Next(3) switch
    {
        0 => new SplitBy { Box = new Box([random.Next(6), 0, 0], [random.Next(4, 10), 9, 9]) },
        1 => new SplitBy { Blocks = [$"block {random.Next(6)}", $"block {random.Next(6)}"] },
        _ => new SplitBy { Attribute = "supervoxel", Values = [(long)sample.Points[random.Next(600)].Attributes[0]], Box = random.Next(2) == 0 ? null : new Box([0, 0, 0], [9, 5, 9]) },
    };

    private static bool Matches(CloudSample sample, SamplePoint point, SplitBy by) =>
        (by.Box is null || sample.IsIn(point, by.Box)) && (by.Blocks is null || by.Blocks.Contains(point.Block)) && (by.Attribute is null || by.Values!.Any(value => (ulong)value.AsInt64 == point.Attributes[0]));

    private static async Task CheckAsync(PointCloud cloud, CloudSample sample, ulong[] labels, int? asOf)
    {
        var relabelled = sample.Points.Select((point, i) => point with { Label = labels[i] }).ToList();
        sample.AssertSame(relabelled, await cloud.ReadAsync(Whole with { AsOf = asOf }));
        var box = new Box([2, 3, 1], [7, 8, 4]);
        sample.AssertSame(relabelled.Where(point => sample.IsIn(point, box)), await cloud.ReadAsync(Whole with { AsOf = asOf, Box = box }));
        var listed = new List<(ulong, long)>();
        await foreach (var label in cloud.LabelsAsync(asOf)) listed.Add((label.Label, label.Points));
        Assert.Equal(relabelled.GroupBy(static point => point.Label).OrderBy(static group => group.Key).Select(static group => (group.Key, (long)group.Count())), listed);
        foreach (var group in relabelled.GroupBy(static point => point.Label))
        {
            sample.AssertSame(group, await cloud.ReadAsync(Whole with { AsOf = asOf, Labels = [group.Key] }));
            Assert.Equal(group.Count(), await cloud.CountAsync(Whole with { AsOf = asOf, Labels = [group.Key] }));
        }
    }
}
