using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Basalt.Vectors;
using Basalt.Vectors.Files;
using Basalt.Vectors.Ivf;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Fuzz;

/// <summary>Files of vectors say in one way that they are broken.</summary>
public abstract class VectorTarget : FuzzTarget
{
    protected override bool IsRefusal(Exception exception) => exception is InvalidDataException;
}

public sealed class VecsTarget : VectorTarget
{
    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var seeds = new List<byte[]>();
            foreach (var format in new[] { VecsFormat.Float32, VecsFormat.Byte })
            {
                using var stream = new MemoryStream();
                var writer = new VecsWriter(stream, format);
                for (var i = 0; i < 4; i++) writer.Write([i, 2, 3f]);
                seeds.Add(stream.ToArray());
            }

            return seeds;
        }
    }

    protected override void Decode(byte[] input)
    {
        var format = (VecsFormat)(input.Length % 3);
        var reader = new VecsReader(new MemoryStream(input), format);
        var (vector, numbers) = (new float[reader.Dimension], new int[reader.Dimension]);
        while (format == VecsFormat.Int32 ? reader.Read(numbers) : reader.Read(vector))
            Assert.True(reader.Count * (reader.Dimension + sizeof(int)) <= input.Length);
    }
}

public sealed class IdxTarget : VectorTarget
{
    protected override IReadOnlyList<byte[]> Seeds => [[0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3, 253, 254, 255], [0, 0, 8, 1, 0, 0, 0, 2, 5, 6]];

    protected override void Decode(byte[] input)
    {
        var reader = new IdxReader(new MemoryStream(input));
        var image = new float[reader.Dimension];
        while (reader.Read(image)) Assert.True(reader.Position * (long)reader.Dimension <= input.Length);
    }
}

public sealed class ScalarQuantiserTarget : VectorTarget
{
    protected override unsafe IReadOnlyList<byte[]> Seeds
    {
        get
        {
            using var rows = new VectorBuffer(ElementType.Float32, 3, 4);
            for (var i = 0; i < 4; i++)
            {
                new Span<float>([i, -i, 7]).CopyTo(new Span<float>(rows.Next(), 3));
                rows.Publish();
            }

            return [ScalarQuantiser.Train(rows.Rows, Metric.L2).ToBytes(), ScalarQuantiser.Train(rows.Rows, Metric.Dot, QuantiserRange.PerDimension).ToBytes()];
        }
    }

    protected override void Decode(byte[] input)
    {
        var quantiser = ScalarQuantiser.FromBytes(input);
        var (vector, code) = (new float[quantiser.Dimension], new sbyte[quantiser.Stride]);
        quantiser.Decode(code, vector);
        quantiser.Encode(vector, code);
        Assert.Equal(input, quantiser.ToBytes());
    }
}

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
