using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Basalt.Vectors;
using Basalt.Vectors.Ivf;
using Basalt.Vectors.Memory;

namespace Basalt.Fuzz;

/// <summary>An inverted file is searched where it lies, whatever its bytes say; headers are sealed anew, so that what follows them is reached.</summary>
public sealed unsafe class InvertedFileTarget : VectorTarget
{
    private const int Trained = 300;
    private const int Kept = 50;

    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var seeds = new List<byte[]>();
            foreach (var code in Enum.GetValues<IvfCode>())
            foreach (var metric in new[] { Metric.L2, Metric.Dot })
            {
                // Small enough for the mutator, which cuts what is longer.
                using var rows = Rows(code == IvfCode.Product8 ? 1 : 4);
                using var index = IvfPqIndex.Build(rows.Rows, new IvfPqOptions { Metric = metric, Lists = 2, Code = code, Subspaces = code == IvfCode.Bit ? 0 : code == IvfCode.Product8 ? 1 : 2, Iterations = 2 });
                for (var i = Kept; i < Trained; i++) index.Remove(i);
                using var stream = new MemoryStream();
                index.Write(stream);
                seeds.Add(stream.ToArray());
            }

            return seeds;
        }
    }

    protected override void Decode(byte[] input)
    {
        // The length follows from the header, so most inputs would be refused by it alone.
        if (input.Length >= IvfFormat.HeaderBytes) Array.Resize(ref input, (input.Length + 32) / 64 * 64);
        // The memory ends where the bytes end.
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, input.Length), 64);
        try
        {
            input.CopyTo(new Span<byte>(memory, input.Length));
            if (input.Length >= IvfFormat.HeaderBytes)
            {
                BinaryPrimitives.WriteInt64LittleEndian(new Span<byte>(memory + 64, 8), input.Length);
                BinaryPrimitives.WriteUInt32LittleEndian(new Span<byte>(memory + 12, 4), IvfFormat.Checksum(new ReadOnlySpan<byte>(memory, IvfFormat.HeaderBytes)));
            }

            using var index = IvfPqIndex.Open(memory, input.Length);
            if (index.Metric == Metric.Cosine || index.Dimension > 1000) return;
            var (query, results, within) = (new float[index.Dimension], new Neighbour[5], new List<Neighbour>());
            query.AsSpan().Fill(0.5f);
            var found = index.Search(query, results, new SearchOptions { Effort = 3 }, out _);
            for (var i = 0; i < found; i++) Assert.False(index.IsRemoved(results[i].Ordinal));
            index.SearchWithin(query, 1, within, default, out _);
            Assert.All(within, neighbour => Assert.False(index.IsRemoved(neighbour.Ordinal)));
            index.Write(Stream.Null);
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    private static VectorBuffer Rows(int dimension)
    {
        var random = new Random(1);
        var rows = new VectorBuffer(ElementType.Float32, dimension, Trained);
        for (var i = 0; i < Trained; i++)
        {
            foreach (ref var x in new Span<float>(rows.Next(), dimension)) x = random.NextSingle();
            rows.Publish();
        }

        return rows;
    }
}
