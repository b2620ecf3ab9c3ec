using Basalt.Vectors;
using Basalt.Vectors.Hnsw;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Vectors.Hnsw;

/// <summary>Graphs that grow, lose and exchange vectors, against a plain list of what is there.</summary>
public sealed class HnswHistoryTests
{
    [Theory]
    [InlineData(1, 2, 0.1)]
    [InlineData(2, 4, 0.3)]
    [InlineData(3, 16, 1)]
    public void After_any_history_all_that_is_there_can_be_found_and_nothing_else(int seed, int m, double repairAt)
    {
        var random = new Random(seed);
        using var data = new Clusters(0, 6, Metric.L2, seed: seed);
        using var index = new HnswIndex(Metric.L2, 6, options: new HnswOptions { M = m, EfConstruction = 20, RepairAt = repairAt });
        var model = new Dictionary<int, float[]>();
        for (var step = 0; step < 1_500; step++)
        {
            var vector = random.Next(5) == 0 && model.Count > 0 ? model.Values.First() : data.Next();
            var victim = model.Count == 0 ? 0 : model.Keys.ElementAt(random.Next(model.Count));
            switch (random.Next(10))
            {
                case < 6:
                    model.Add(index.Add(vector), vector);
                    break;
                case < 8:
                    Assert.Equal(model.Remove(victim), index.Remove(victim));
                    Assert.False(index.Remove(victim));
                    break;
                case 8:
                    var replaced = index.Update(victim, vector);
                    Assert.Equal(model.Remove(victim), replaced >= 0);
                    if (replaced >= 0) model.Add(replaced, vector);
                    break;
                default:
                    if (random.Next(20) == 0) index.Repair();
                    break;
            }

            Assert.Equal(model.Count, index.Count);
            if (step % 100 == 99) Check(index, model, data.Next());
        }
    }

    [Fact]
    public void Half_of_all_removed_and_inserted_again_is_found_as_well_as_in_a_new_graph()
    {
        using var data = new Clusters(4_000, 24, Metric.L2);
        using var fresh = HnswIndex.Build(data.Rows, Metric.L2);
        using var index = HnswIndex.Build(data.Rows, Metric.L2);
        var random = new Random(5);
        var names = Enumerable.Range(0, 4_000).ToDictionary(static i => i);
        var gone = Enumerable.Range(0, 4_000).Where(_ => random.Next(2) == 0).ToList();
        foreach (var ordinal in gone) Assert.True(index.Remove(ordinal));
        index.Verify();
        foreach (var ordinal in gone) names[index.Add(data.Vectors[ordinal])] = ordinal;
        index.Verify();
        var options = new SearchOptions { Effort = 30 };
        Assert.InRange(data.Recall(index, 10, options), data.Recall(fresh, 10, options) - 0.02, 1);
        Assert.Equal(4_000, index.Count);
        Assert.All(HnswSearchTests.Found(index, data.Queries[0], 10, options), n => Assert.Equal(n.Distance, Distance(data.Queries[0], data.Vectors[names[n.Ordinal]]), 0.01));
    }

    [Fact]
    public void An_index_with_codes_grows_beyond_the_rows_that_it_was_built_of()
    {
        using var data = new Clusters(2_000, 24, Metric.Cosine);
        using var half = new VectorBuffer(ElementType.Float32, 24);
        half.Append(Part(data.Rows, 0, 1_000));
        using var index = HnswIndex.Build(half.Rows, Metric.Cosine, new HnswOptions { Codes = HnswCodes.Int8 });
        Assert.Equal(1_000, index.AddRows(Part(data.Rows, 1_000, 500)));
        for (var i = 1_500; i < 2_000; i++) Assert.Equal(i, index.Add(data.Vectors[i]));
        index.Verify();
        Assert.InRange(data.Recall(index, 10, new SearchOptions { Effort = 60 }), 0.97, 1);
    }

    [Fact]
    public void Everything_can_be_removed_and_the_index_used_again()
    {
        using var data = new Clusters(300, 8, Metric.L2);
        using var index = HnswIndex.Build(data.Rows, Metric.L2);
        for (var i = 0; i < 300; i++) Assert.True(index.Remove(i));
        Assert.Equal(0, index.Count);
        Assert.Empty(HnswSearchTests.Found(index, data.Queries[0], 10, default));
        index.Repair();
        Assert.Equal((0, 0), (index.Count, index.Removed));
        Assert.Equal(300, index.Add(data.Vectors[7]));
        Assert.Equal([300], HnswSearchTests.Found(index, data.Queries[0], 10, default).Select(static n => n.Ordinal));
    }

    [Fact]
    public async Task Searches_run_while_one_thread_changes_the_index()
    {
        using var data = new Clusters(3_000, 16, Metric.L2);
        using var index = HnswIndex.Build(Part(data.Rows, 0, 1_000), Metric.L2, new HnswOptions { RepairAt = 0.05 });
        using var ended = new CancellationTokenSource();
        var searchers = Enumerable.Range(0, 2).Select(number => Task.Run(() =>
        {
            var results = new Neighbour[10];
            var searches = 0;
            for (; !ended.IsCancellationRequested || searches == 0; searches++)
            {
                var query = data.Queries[(searches + number) % 50];
                var found = index.Search(query, results, default, out _);
                Assert.Equal(10, found);
                for (var i = 0; i < found; i++) Assert.Equal(results[i].Distance, Distance(query, data.Vectors[results[i].Ordinal]), 0.01);
            }

            return searches;
        })).ToArray();
        for (var i = 1_000; i < 3_000; i++)
        {
            index.Add(data.Vectors[i]);
            if (i % 2 == 0) index.Remove(i - 1_000);
        }

        await ended.CancelAsync();
        Assert.All(await Task.WhenAll(searchers), static searches => Assert.True(searches > 0));
        index.Verify();
    }

    private static void Check(HnswIndex index, Dictionary<int, float[]> model, float[] query)
    {
        index.Verify();
        // With the effort of all that ever was, a walk from the root meets everything.
        var found = HnswSearchTests.Found(index, query, model.Count + 5, new SearchOptions { Effort = model.Count + index.Removed + 5 });
        Assert.Equal(model.Keys.Order(), found.Select(static n => n.Ordinal).Order());
        foreach (var neighbour in found) Assert.Equal(Distance(query, model[neighbour.Ordinal]), neighbour.Distance, 0.01);
        var near = HnswSearchTests.Found(index, query, 5, new SearchOptions { Effort = 40 });
        Assert.Equal(Math.Min(5, model.Count), near.Length);
        Assert.All(near, n => Assert.True(model.ContainsKey(n.Ordinal)));
    }

    internal static unsafe VectorRows Part(VectorRows rows, int from, int count) => new(rows[from], count, rows.Dimension, rows.ElementType);

    private static double Distance(float[] left, float[] right) => Math.Sqrt(left.Zip(right, static (a, b) => ((double)a - b) * (a - b)).Sum());
}
