using Basalt.Vectors;
using Basalt.Vectors.Flat;
using Basalt.Vectors.Ivf;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Tests.Vectors.Ivf;

/// <summary>An inverted file and the exact index of the same rows.</summary>
internal sealed class IvfSample : IDisposable
{
    private const int Dimension = 32;
    private readonly VectorBuffer _rows;

    public IvfSample(Metric metric, IvfCode code, int threads = 1, bool keepVectors = true, RotationKind? rotation = null, int count = 4_000)
    {
        _rows = MixtureSamples.BufferOf(MixtureSamples.Next(count, Dimension, 11), metric);
        Queries = MixtureSamples.Next(60, Dimension, 11, 1);
        Flat = new FlatIndex(metric, _rows.Rows);
        var options = new IvfPqOptions { Metric = metric, Lists = 32, Code = code, Subspaces = code == IvfCode.Bit ? 0 : 8, KeepVectors = keepVectors, Rotation = rotation, Seed = 3 };
        Index = IvfPqIndex.Train(_rows.Rows, options, threads);
        Index.Add(_rows.Rows, threads);
    }

    public IvfPqIndex Index { get; }

    public FlatIndex Flat { get; }

    public VectorRows Rows => _rows.Rows;

    public float[][] Queries { get; }

    public bool Remove(int ordinal) => Flat.Remove(ordinal) & Index.Remove(ordinal);

    public Neighbour[] Search(float[] query, int k, SearchOptions options) => Search(Index, query, k, options);

    public Neighbour[] Exact(float[] query, int k, SearchOptions options) => Search(Flat, query, k, options);

    public double Recall(SearchOptions options) => Queries.Average(query =>
    {
        var exact = Exact(query, 10, default).Select(static n => n.Ordinal).ToHashSet();
        return Search(query, 10, options).Count(n => exact.Contains(n.Ordinal)) / 10.0;
    });

    public byte[] Bytes()
    {
        using var stream = new MemoryStream();
        Index.Write(stream);
        return stream.ToArray();
    }

    public void Dispose()
    {
        Index.Dispose();
        Flat.Dispose();
        _rows.Dispose();
    }

    public static Neighbour[] Search(IVectorIndex index, float[] query, int k, SearchOptions options)
    {
        var results = new Neighbour[k];
        return results[..index.Search(query, results, options, out _)];
    }
}
