using Basalt.Vectors;
using Basalt.Vectors.Hnsw;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Tests.Vectors.Hnsw;

/// <summary>A plan looks at numbers alone, so what only very large indexes meet is tested without one.</summary>
public sealed unsafe class FilterPlanTests
{
    [Theory]
    [InlineData(HnswOptions.MostEf / 2)]
    [InlineData(HnswOptions.MostEf)]
    [InlineData(2 * HnswOptions.MostEf)]
    public void As_many_sketches_are_measured_as_are_wanted_at_least(int effort)
    {
        const int count = 200_000_000;
        var graph = new HnswGraph(16, count, 0, (0, 0), 0, null, null, null);
        using var nodes = new NodeSet(graph, new VectorRows((byte*)VectorRows.Alignment, count, 1_024, ElementType.Float32), null, null, count, 0);
        using var sketch = BitSketch.Restore(Metric.L2, new float[1_024], 42);
        var words = new ulong[count / 64];
        words.AsSpan(0, words.Length / 5).Fill(ulong.MaxValue);
        var plan = FilterPlan.For(nodes, sketch, 4_096, new OrdinalSet(count, words), effort);
        Assert.Equal(FilterWay.Sketch, plan.Way);
        Assert.InRange(plan.Effort, effort, 4 * effort);
    }
}
