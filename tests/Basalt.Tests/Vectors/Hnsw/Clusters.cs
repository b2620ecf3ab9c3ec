using Basalt.Vectors;
using Basalt.Vectors.Flat;
using Basalt.Vectors.Hnsw;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Vectors.Hnsw;

/// <summary>Vectors in clusters that overlap, with exact answers: about as hard for a graph as real data.</summary>
internal sealed unsafe class Clusters : IDisposable
{
    private readonly Random _random;
    private readonly float[][] _centres;
    private readonly ElementType _type;

    public Clusters(int count, int dimension, Metric metric, ElementType type = ElementType.Float32, int seed = 1)
    {
        (_random, _type) = (new Random(seed), type);
        _centres = [.. Enumerable.Range(0, 20).Select(_ => Enumerable.Range(0, dimension).Select(_ => Gauss() * 20).ToArray())];
        Exact = new FlatIndex(metric, dimension, type);
        Vectors = [.. Enumerable.Range(0, count).Select(_ => Next())];
        foreach (var vector in Vectors) Exact.Add(vector);
        Queries = [.. Enumerable.Range(0, 50).Select(_ => Next())];
    }

    public FlatIndex Exact { get; }

    public List<float[]> Vectors { get; }

    public List<float[]> Queries { get; }

    public VectorRows Rows => Exact.Rows;

    /// <summary>One more of the same.</summary>
    public float[] Next()
    {
        var centre = _centres[_random.Next(_centres.Length)];
        return _type switch
        {
            ElementType.Bit => [.. centre.Select(c => c + Gauss() * 10 > 0 ? 1f : 0f)],
            ElementType.Int8 => [.. centre.Select(c => Math.Clamp(MathF.Round(c + Gauss() * 20), -128, 127))],
            _ => [.. centre.Select(c => c + Gauss() * 20)],
        };
    }

    /// <summary>The share of the exact neighbours that the index finds.</summary>
    public double Recall(IVectorIndex index, int k, SearchOptions options = default)
    {
        var (hits, all) = (0, 0);
        var (found, expected) = (new Neighbour[k], new Neighbour[k]);
        foreach (var query in Queries)
        {
            var count = index.Search(query, found, options, out _);
            var right = Exact.Search(query, expected, options with { Exact = true }, out _);
            Assert.Equal(right, count);
            // By distance, since one of several equally far ones is as good as another.
            var farthest = right == 0 ? 0 : expected[right - 1].Distance;
            hits += found.Take(count).Count(n => n.Distance <= farthest + (1e-4f * MathF.Abs(farthest)));
            all += right;
        }

        return all == 0 ? 1 : (double)hits / all;
    }

    public static byte[] Written(HnswIndex index)
    {
        using var stream = new MemoryStream();
        index.Write(stream);
        Assert.Equal(index.WrittenLength, stream.Length);
        return stream.ToArray();
    }

    public void Dispose() => Exact.Dispose();

    private float Gauss() => (float)(Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble()));
}
