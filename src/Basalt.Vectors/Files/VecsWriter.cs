using System.Buffers.Binary;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Files;

/// <summary>Writes a file of vectors row by row, as <see cref="VecsReader"/> reads it. One thread at a time.</summary>
/// <param name="stream">Takes the bytes; it is not closed.</param>
/// <param name="format">What an element is.</param>
public sealed class VecsWriter(Stream stream, VecsFormat format)
{
    private int _dimension;
    private byte[] _row = [];

    /// <summary>Writes a row. Nothing is written when it is refused.</summary>
    /// <exception cref="ArgumentException">It has another number of elements than the first, or none, or too many, or an element that is no byte in a file of bytes.</exception>
    /// <exception cref="InvalidOperationException">The file holds int32.</exception>
    public void Write(ReadOnlySpan<float> vector)
    {
        if (format == VecsFormat.Int32) throw new InvalidOperationException("The file holds int32, not elements of vectors.");
        Begin(vector.Length, nameof(vector));
        for (var i = 0; i < vector.Length; i++)
        {
            if (format == VecsFormat.Float32) BinaryPrimitives.WriteSingleLittleEndian(_row.AsSpan((i + 1) * sizeof(float)), vector[i]);
            else _row[sizeof(int) + i] = vector[i] is >= 0 and <= byte.MaxValue && vector[i] == MathF.Truncate(vector[i]) ? (byte)vector[i] : throw new ArgumentException($"Element {i} is {vector[i]}, and the file holds bytes.", nameof(vector));
        }

        stream.Write(_row);
    }

    /// <summary>Writes a row.</summary>
    /// <exception cref="ArgumentException">It has another number of elements than the first, or none, or too many.</exception>
    /// <exception cref="InvalidOperationException">The file does not hold int32.</exception>
    public void Write(ReadOnlySpan<int> numbers)
    {
        if (format != VecsFormat.Int32) throw new InvalidOperationException("The file holds elements of vectors, not int32.");
        Begin(numbers.Length, nameof(numbers));
        for (var i = 0; i < numbers.Length; i++) BinaryPrimitives.WriteInt32LittleEndian(_row.AsSpan((i + 1) * sizeof(int)), numbers[i]);
        stream.Write(_row);
    }

    private void Begin(int length, string parameter)
    {
        if (length is < 1 or > VectorRows.MaxDimension) throw new ArgumentException($"A row has 1 to {VectorRows.MaxDimension} elements, not {length}.", parameter);
        if (_dimension == 0) (_dimension, _row) = (length, new byte[sizeof(int) + length * (format == VecsFormat.Byte ? sizeof(byte) : sizeof(float))]);
        if (length != _dimension) throw new ArgumentException($"The row has {length} elements, and the rows before have {_dimension}.", parameter);
        BinaryPrimitives.WriteInt32LittleEndian(_row, length);
    }
}
