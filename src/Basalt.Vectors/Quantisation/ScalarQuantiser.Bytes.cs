using System.Buffers.Binary;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Quantisation;

// The bytes, little-endian: metric (1), range (1), zero (2), dimension (4), then a float32 middle for each dimension, then a float32 step for each,
// or one for all when the range is global.
public sealed partial class ScalarQuantiser
{
    private const int HeaderLength = 8;

    /// <summary>All that it has learned, to be read back by <see cref="FromBytes"/>.</summary>
    public byte[] ToBytes()
    {
        var steps = Range == QuantiserRange.Global ? _steps.AsSpan(0, 1) : _steps;
        var bytes = new byte[HeaderLength + (_middles.Length + steps.Length) * sizeof(float)];
        (bytes[0], bytes[1]) = ((byte)Metric, (byte)Range);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), Dimension);
        for (var i = 0; i < _middles.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(HeaderLength + i * sizeof(float)), _middles[i]);
        for (var i = 0; i < steps.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(HeaderLength + (_middles.Length + i) * sizeof(float)), steps[i]);
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> gave.</summary>
    /// <exception cref="InvalidDataException">They are not such bytes.</exception>
    public static ScalarQuantiser FromBytes(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < HeaderLength || bytes[0] > (byte)Metric.L1 || bytes[1] > (byte)QuantiserRange.PerDimension || bytes[2] != 0 || bytes[3] != 0)
            throw new InvalidDataException("These bytes are no scalar quantiser.");
        var (metric, range, dimension) = ((Metric)bytes[0], (QuantiserRange)bytes[1], BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]));
        if (dimension is < 1 or > VectorRows.MaxDimension) throw new InvalidDataException($"A scalar quantiser cannot have {dimension} dimensions.");
        var stepCount = range == QuantiserRange.Global ? 1 : dimension;
        if (bytes.Length != HeaderLength + (dimension + stepCount) * sizeof(float)) throw new InvalidDataException($"A scalar quantiser of {dimension} dimensions is not {bytes.Length} bytes long.");
        var (middles, steps) = (new float[dimension], new float[dimension]);
        for (var i = 0; i < dimension; i++)
        {
            middles[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(HeaderLength + i * sizeof(float))..]);
            steps[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(HeaderLength + (dimension + Math.Min(i, stepCount - 1)) * sizeof(float))..]);
            if (!float.IsFinite(middles[i]) || !float.IsFinite(steps[i]) || !(steps[i] > 1e-38f)) throw new InvalidDataException($"Dimension {i} has the middle {middles[i]} and the step {steps[i]}.");
        }

        return new ScalarQuantiser(metric, range, middles, steps);
    }
}
