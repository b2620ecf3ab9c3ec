using System.Buffers.Binary;
using Basalt.Vectors;
using Basalt.Vectors.Flat;
using Basalt.Vectors.Hnsw;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Cli.Bench;

/// <summary>An index that can be measured: what it is called, what may be said of it, and how it is made, written and opened again.</summary>
/// <param name="Name">The word for <c>--index</c>.</param>
/// <param name="EffortName">What its effort is called in figures, and the option that sets it; an exact index has none and says <c>ef</c> 0.</param>
/// <param name="Quantizations">What it can keep of a vector, the usual one first.</param>
/// <param name="Options">The options besides that mean something to it; others are refused.</param>
internal sealed unsafe record IndexKind(string Name, string EffortName, IReadOnlyList<Quantization> Quantizations, IReadOnlyList<string> Options)
{
    /// <summary>Those that there are.</summary>
    public static IReadOnlyList<IndexKind> All { get; } =
    [
        new("flat", "ef", [Quantization.None, Quantization.Sq8], ["--rescore"]) { Build = BuildFlat, Write = WriteFlat, Open = OpenFlat },
        new("hnsw", "ef", [Quantization.None, Quantization.Sq8], ["--m", "--ef-construction", "--ef", "--rescore"]) { Build = BuildHnsw, Write = static (index, stream) => ((HnswIndex)index).Write(stream), Open = OpenHnsw },
        IvfPqKind.Kind,
    ];

    public delegate IVectorIndex Builder(VectorRows rows, VectorBenchOptions options, CancellationToken cancellationToken);

    /// <summary>Opens what <see cref="Write"/> wrote where it lies; the vectors lie somewhere else.</summary>
    public delegate IVectorIndex Opener(byte* start, long length, VectorRows vectors, VectorBenchOptions options);

    /// <summary>Makes an index of all rows, which stay where they are as long as it lives.</summary>
    public required Builder Build { get; init; }

    /// <summary>Writes all of the index but the vectors.</summary>
    public required Action<IVectorIndex, Stream> Write { get; init; }

    public required Opener Open { get; init; }

    private static FlatIndex BuildFlat(VectorRows rows, VectorBenchOptions options, CancellationToken cancellationToken) =>
        options.Quantization == Quantization.Sq8 ? new FlatIndex(ScalarQuantiser.Train(rows, options.Metric), rows) : new FlatIndex(options.Metric, rows);

    private static HnswIndex BuildHnsw(VectorRows rows, VectorBenchOptions options, CancellationToken cancellationToken)
    {
        var usual = HnswOptions.Default;
        return HnswIndex.Build(rows, options.Metric, usual with
        {
            M = options.M ?? usual.M,
            EfConstruction = options.EfConstruction ?? usual.EfConstruction,
            Threads = options.Threads,
            Codes = options.Quantization == Quantization.Sq8 ? HnswCodes.Int8 : HnswCodes.None,
        }, cancellationToken);
    }

    private static HnswIndex OpenHnsw(byte* start, long length, VectorRows vectors, VectorBenchOptions options) => HnswIndex.Open(start, length, vectors);

    // The quantiser's length, the quantiser, and at the next multiple of 64 the codes.
    private static void WriteFlat(IVectorIndex index, Stream stream)
    {
        if (((FlatIndex)index).Quantiser is not { } quantiser) return;
        var bytes = quantiser.ToBytes();
        var header = new byte[CodesAt(bytes.Length)];
        BinaryPrimitives.WriteInt32LittleEndian(header, bytes.Length);
        bytes.CopyTo(header, sizeof(int));
        stream.Write(header);
        var codes = ((FlatIndex)index).Codes;
        for (var i = 0; i < codes.Count; i++) stream.Write(new ReadOnlySpan<byte>(codes[i], codes.Stride));
    }

    private static FlatIndex OpenFlat(byte* start, long length, VectorRows vectors, VectorBenchOptions options)
    {
        if (length == 0) return new FlatIndex(options.Metric, vectors);
        var size = BinaryPrimitives.ReadInt32LittleEndian(new ReadOnlySpan<byte>(start, sizeof(int)));
        var quantiser = ScalarQuantiser.FromBytes(new ReadOnlySpan<byte>(start + sizeof(int), size));
        return new FlatIndex(quantiser, vectors, new VectorRows(start + CodesAt(size), vectors.Count, vectors.Dimension, ElementType.Int8));
    }

    private static int CodesAt(int quantiserLength) => (sizeof(int) + quantiserLength + VectorRows.Alignment - 1) / VectorRows.Alignment * VectorRows.Alignment;
}
