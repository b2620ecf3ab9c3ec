using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Basalt.Engine.Nearest;
using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;
using Basalt.Vectors;
using Basalt.Vectors.Hnsw;

namespace Basalt.Fuzz;

/// <summary>Sections of vectors in memory that ends where they end, opened and searched in every way.</summary>
public abstract unsafe class SegmentTarget : VectorTarget
{
    private protected const int Dimension = 3;
    private const int Entries = 30;

    private protected static byte[] RowsOf(Metric metric, ElementType type, bool isWhole)
    {
        using var builder = new RowsBuilder(metric, type, Dimension);
        for (var i = 0; i < Entries; i++)
            if (isWhole || i % 3 != 1) builder.Add(i, [1, i % 2, type == ElementType.Bit ? 0 : i]);
        return Written(section => builder.Finish(section, Entries));
    }

    private protected static byte[] Written(Action<SectionWriter> write)
    {
        var disk = new MemoryFileSystem();
        using (var file = new TableFile(disk.Create("section")))
        {
            write(new SectionWriter(file, null));
            file.Sync();
        }

        using var read = disk.Open("section");
        var bytes = new byte[read.Length];
        read.Read(0, bytes);
        return bytes;
    }

    private protected static void Use(byte[] rows, byte[]? graph, Action<VectorSegment> use)
    {
        var (rowMemory, graphMemory) = ((nint)Held(rows), graph is null ? 0 : (nint)Held(graph));
        try
        {
            using var segment = VectorSegment.Open((byte*)rowMemory, rows.Length, (byte*)graphMemory, graph?.Length ?? 0);
            use(segment);
        }
        finally
        {
            NativeMemory.AlignedFree((void*)rowMemory);
            NativeMemory.AlignedFree((void*)graphMemory);
        }
    }

    private protected static void Search(VectorSegment segment)
    {
        for (var row = 0; row < segment.Count; row++) Assert.Equal(row, segment.ToRow(segment.ToOrdinal(row)));
        var (even, dead) = (new OrdinalSet(segment.Entries), new OrdinalSet(Math.Min(segment.Entries, 4)));
        for (var i = 0; i < segment.Entries; i += 2) even.Add(i);
        if (dead.Capacity > 0) dead.Add(0);
        var query = new float[segment.Dimension];
        query[0] = 1;
        var search = new NearestSearch(segment.Metric, segment.ElementType, segment.Dimension);
        foreach (var part in new SegmentPart[] { new(segment), new(segment, even), new(segment, even, dead) })
        foreach (var isExact in new[] { true, false })
        {
            var options = new NearestOptions { Exact = isExact, Verify = (_, ordinal) => ordinal % 3 != 0 };
            var hits = search.Nearest(query, 5, [part], null, options).Hits.Concat(search.Within(query, 2, [part], null, options).Hits);
            Assert.All(hits, hit => Assert.True(hit.Ordinal < segment.Entries && hit.Ordinal % 3 != 0 && segment.ToRow(hit.Ordinal) >= 0));
        }
    }

    private static byte* Held(byte[] bytes)
    {
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(64, bytes.Length), 64);
        bytes.CopyTo(new Span<byte>(memory, bytes.Length));
        return memory;
    }
}

/// <summary>Rows of any bytes; lengths are put right, so that what is behind the header is reached.</summary>
public sealed class VectorRowsTarget : SegmentTarget
{
    private const int HeaderBytes = 64;

    protected override IReadOnlyList<byte[]> Seeds =>
    [
        RowsOf(Metric.L2, ElementType.Float32, isWhole: false), RowsOf(Metric.Cosine, ElementType.Float32, isWhole: true), RowsOf(Metric.Dot, ElementType.Float16, isWhole: false),
        RowsOf(Metric.Hamming, ElementType.Bit, isWhole: false), RowsOf(Metric.L1, ElementType.Int8, isWhole: true),
    ];

    protected override void Decode(byte[] input)
    {
        if (input.Length >= HeaderBytes && BinaryPrimitives.ReadInt64LittleEndian(input.AsSpan(40)) is >= HeaderBytes and < 1 << 16 and var length) Array.Resize(ref input, (int)length);
        Use(input, null, Search);
    }
}

/// <summary>A graph of any bytes over sound rows; the header's checksum is put right.</summary>
public sealed class SegmentGraphTarget : SegmentTarget
{
    private static readonly byte[] Rows = RowsOf(Metric.L2, ElementType.Float32, isWhole: false);
    private readonly Lazy<int[]> _lengths;

    public SegmentGraphTarget() => _lengths = new Lazy<int[]>(() => [.. Seeds.Select(static seed => seed.Length)]);

    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var seeds = new List<byte[]>();
            foreach (var codes in new[] { HnswCodes.None, HnswCodes.Int8 })
                Use(Rows, null, segment => seeds.Add(Written(section => GraphBuilder.Write(segment, new GraphOptions { Kind = GraphKind.Hnsw, M = 2, EfConstruction = 8, Ef = 4, Codes = codes }, section))));
            return seeds;
        }
    }

    protected override void Decode(byte[] input)
    {
        if (input.Length % 8 != 0) Array.Resize(ref input, _lengths.Value.MinBy(length => Math.Abs(length - input.Length)));
        if (input.Length >= HnswFormat.HeaderSize)
        {
            var crc = uint.MaxValue;
            for (var i = 0; i < HnswFormat.HeaderSize; i++)
                if (i is < 12 or >= 16) crc = BitOperations.Crc32C(crc, input[i]);
            BinaryPrimitives.WriteUInt32LittleEndian(input.AsSpan(12), ~crc);
        }

        Use(Rows, input, Search);
    }
}
