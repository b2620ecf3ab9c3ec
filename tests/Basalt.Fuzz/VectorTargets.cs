using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Basalt.Vectors;
using Basalt.Vectors.Files;
using Basalt.Vectors.Hnsw;
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

/// <summary>An index is searched in the very bytes that it was given, so no bytes may lead a search out of them.</summary>
public sealed unsafe class HnswIndexTarget : VectorTarget
{
    // Small enough for the mutator's limit.
    private const int Vectors = 20;
    private const int Dimension = 3;
    private readonly Lazy<int[]> _lengths;

    public HnswIndexTarget() => _lengths = new Lazy<int[]>(() => [.. Seeds.Select(static seed => seed.Length)]);

    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var seeds = new List<byte[]>();
            // The last one has sketches.
            foreach (var (codes, dimension) in new[] { (HnswCodes.None, Dimension), (HnswCodes.Int8, Dimension), (HnswCodes.None, 64) })
            {
                using var rows = Rows(dimension);
                using var index = HnswIndex.Build(rows.Rows, Metric.L2, new HnswOptions { M = 2, EfConstruction = 8, Codes = codes, RepairAt = 1 });
                index.Remove(3);
                using var stream = new MemoryStream();
                index.Write(stream);
                seeds.Add(stream.ToArray());
            }

            return seeds;
        }
    }

    // Memory that ends with the bytes; the sanitizers and the allocator's own checks see what is touched behind.
    protected override void Decode(byte[] input)
    {
        // Another length is refused at once, so most inputs get that of a seed.
        if (input.Length % 8 != 0) Array.Resize(ref input, _lengths.Value.MinBy(length => Math.Abs(length - input.Length)));
        Seal(input);
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(64, input.Length), 64);
        try
        {
            input.CopyTo(new Span<byte>(memory, input.Length));
            using var rows = Rows();
            using var index = HnswIndex.Open(memory, input.Length, rows.Rows);
            Search(index);
        }
        catch (ArgumentException e) when (e.ParamName is "vectors" or "query" or "options")
        {
            throw new InvalidDataException("Another dimension, type or number of vectors than those at hand.", e);
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    private static void Search(HnswIndex index)
    {
        var (query, results, even) = (new float[index.Dimension], new Neighbour[8], new OrdinalSet(Math.Min(1_000, index.OrdinalCount)));
        query[0] = 1;
        for (var i = 0; i < even.Capacity; i += 2) even.Add(i);
        foreach (var options in new[] { default, new SearchOptions { Effort = 100 }, new SearchOptions { Filter = even }, new SearchOptions { Exact = true } })
        {
            var found = index.Search(query, results, options, out _);
            Assert.All(results[..found], neighbour => Assert.InRange(neighbour.Ordinal, 0, index.OrdinalCount - 1));
        }
    }

    // Without a fitting checksum nothing behind the header would ever be looked at.
    private static void Seal(byte[] input)
    {
        if (input.Length < 128) return;
        var crc = uint.MaxValue;
        for (var i = 0; i < 128; i++)
            if (i is < 12 or >= 16) crc = BitOperations.Crc32C(crc, input[i]);
        BinaryPrimitives.WriteUInt32LittleEndian(input.AsSpan(12), ~crc);
    }

    private static VectorBuffer Rows(int dimension = Dimension)
    {
        var rows = new VectorBuffer(ElementType.Float32, dimension, Vectors);
        for (var i = 0; i < Vectors; i++)
        {
            new Span<float>([i % 7, i % 5, i % 3]).CopyTo(new Span<float>(rows.Next(), dimension));
            rows.Publish();
        }

        return rows;
    }
}
