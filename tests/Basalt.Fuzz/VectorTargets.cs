using Basalt.Vectors;
using Basalt.Vectors.Files;
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
