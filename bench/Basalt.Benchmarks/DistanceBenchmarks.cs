using System.Numerics.Tensors;
using Basalt.Vectors;
using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;
using BenchmarkDotNet.Attributes;

namespace Basalt.Benchmarks;

/// <summary>One kernel over rows that stay in the cache: a row a call, four, and four queries by four; the platform's primitives beside it. One operation is one distance.</summary>
public class DistanceBenchmarks
{
    private const int Rows = 64;
    private RowScorer _scorer = RowScorer.For(Metric.L2, ElementType.Float32);
    private VectorRows _rows;
    private object? _memory;
    private readonly AlignedBytes _queries = new();
    private readonly AlignedBytes _scores = new();
    private readonly float[][] _plain = new float[Rows][];

    public static IEnumerable<string> Kernels => ["L2 Float32", "Dot Float32", "L2 BFloat16", "L2 Float16", "L2 Int8", "Dot Int8", "Hamming Bit"];

    [ParamsSource(nameof(Kernels))]
    public string Kernel { get; set; } = "";

    [Params(128, 784)]
    public int Dimension { get; set; }

    [GlobalSetup]
    public unsafe void Setup()
    {
        var words = Kernel.Split(' ');
        var (metric, type) = (Enum.Parse<Metric>(words[0]), Enum.Parse<ElementType>(words[1]));
        _scorer = RowScorer.For(metric, type);
        var buffer = new VectorBuffer(type, Dimension, Rows);
        _memory = buffer;
        var random = new Random(1);
        var queryStride = RowCodec.QueryStrideOf(type, Dimension);
        for (var i = 0; i < Rows; i++)
        {
            _plain[i] = new float[Dimension];
            for (var d = 0; d < Dimension; d++) _plain[i][d] = type == ElementType.Int8 ? random.Next(-127, 128) : type == ElementType.Bit ? random.Next(2) : random.NextSingle();
            buffer.Add(_plain[i], metric);
            if (i < 4) RowCodec.EncodeQuery(_plain[i], metric, type, _queries.Take(4L * queryStride) + i * queryStride);
        }

        _rows = buffer.Rows;
    }

    [GlobalCleanup]
    public void Cleanup() => (_memory as IDisposable)?.Dispose();

    [Benchmark(OperationsPerInvoke = Rows)]
    public unsafe void FourRows() => _scorer.Score(_queries.Take(1), _rows, 0, Rows, (float*)_scores.Take(Rows * sizeof(float)));

    [Benchmark(OperationsPerInvoke = 4 * Rows)]
    public unsafe void FourQueriesByFourRows() => _scorer.ScoreMany(_queries.Take(1), 4, _rows, 0, Rows, (float*)_scores.Take(4L * Rows * sizeof(float)), Rows);

    /// <summary>Over the float32 vectors, whatever the kernel's elements are.</summary>
    [Benchmark(OperationsPerInvoke = Rows)]
    public float Platform()
    {
        var sum = 0f;
        foreach (var row in _plain) sum += Kernel.StartsWith("Dot", StringComparison.Ordinal) ? TensorPrimitives.Dot<float>(_plain[0], row) : TensorPrimitives.Distance<float>(_plain[0], row);
        return sum;
    }
}
