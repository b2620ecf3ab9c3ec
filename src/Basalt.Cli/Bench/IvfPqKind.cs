using Basalt.Vectors;
using Basalt.Vectors.Ivf;
using Basalt.Vectors.Memory;

namespace Basalt.Cli.Bench;

/// <summary>The inverted file as an index that can be measured.</summary>
internal static unsafe class IvfPqKind
{
    private const int DefaultCodeBits = 8;

    public static IndexKind Kind { get; } =
        new("ivfpq", "nprobe", [Quantization.Pq, Quantization.Bit], ["--nlist", "--pq", "--pq-bits", "--rescore", "--nprobe"]) { Build = Build, Write = Write, Open = Open };

    private static IvfPqIndex Build(VectorRows rows, VectorBenchOptions options, CancellationToken cancellationToken)
    {
        var isBit = options.Quantization == Quantization.Bit;
        if (isBit && (options.Subspaces ?? options.CodeBits) is not null) throw new UsageException("--pq and --pq-bits are of product codes, not of one bit an element.");
        return IvfPqIndex.Build(rows, new IvfPqOptions
        {
            Metric = options.Metric,
            Lists = options.Lists ?? Math.Max(1, (int)Math.Sqrt(rows.Count)),
            Code = isBit ? IvfCode.Bit : (IvfCode)(options.CodeBits ?? DefaultCodeBits),
            Subspaces = isBit ? 0 : options.Subspaces ?? Math.Max(1, rows.Dimension / 4),
            Rescore = options.Rescore ?? 0,
        }, options.Threads, cancellationToken: cancellationToken);
    }

    private static void Write(IVectorIndex index, Stream stream) => ((IvfPqIndex)index).Write(stream);

    private static IvfPqIndex Open(byte* start, long length, VectorRows vectors, VectorBenchOptions options) => IvfPqIndex.Open(start, length, vectors);
}
