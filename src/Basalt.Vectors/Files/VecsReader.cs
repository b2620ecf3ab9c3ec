using System.Buffers.Binary;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Files;

/// <summary>
/// Reads a file of vectors row by row, with memory for one row. All rows must have the same number of elements, up to <see cref="VectorRows.MaxDimension"/>.
/// One thread at a time.
/// </summary>
public sealed class VecsReader
{
    private readonly Stream _stream;
    private readonly VecsFormat _format;
    private byte[] _row = [];
    private long _offset;

    /// <summary>A reader of a stream, which it does not close. The first row is read to learn the dimension.</summary>
    /// <exception cref="InvalidDataException">The first row is broken.</exception>
    public VecsReader(Stream stream, VecsFormat format)
    {
        ArgumentNullException.ThrowIfNull(stream);
        (_stream, _format) = (stream, format);
        IsPending = ReadRow();
    }

    /// <summary>Elements of a row; 0 when the file is empty.</summary>
    public int Dimension { get; private set; }

    /// <summary>How many rows were given out.</summary>
    public long Count { get; private set; }

    private bool IsPending { get; set; }

    private int Size => _format == VecsFormat.Byte ? sizeof(byte) : sizeof(float);

    /// <summary>The next row; false at the end.</summary>
    /// <exception cref="ArgumentException">The room has another length than <see cref="Dimension"/>.</exception>
    /// <exception cref="InvalidDataException">The row is cut off, or has another number of elements than the first.</exception>
    /// <exception cref="InvalidOperationException">The file holds int32.</exception>
    public bool Read(Span<float> vector)
    {
        if (_format == VecsFormat.Int32) throw new InvalidOperationException("The file holds int32, not elements of vectors.");
        if (!Next(vector.Length, nameof(vector))) return false;
        if (_format == VecsFormat.Byte)
        {
            for (var i = 0; i < vector.Length; i++) vector[i] = _row[i];
        }
        else
        {
            for (var i = 0; i < vector.Length; i++) vector[i] = BinaryPrimitives.ReadSingleLittleEndian(_row.AsSpan(i * sizeof(float)));
        }

        return true;
    }

    /// <summary>The next row; false at the end.</summary>
    /// <exception cref="ArgumentException">The room has another length than <see cref="Dimension"/>.</exception>
    /// <exception cref="InvalidDataException">The row is cut off, or has another number of elements than the first.</exception>
    /// <exception cref="InvalidOperationException">The file does not hold int32.</exception>
    public bool Read(Span<int> numbers)
    {
        if (_format != VecsFormat.Int32) throw new InvalidOperationException("The file holds elements of vectors, not int32.");
        if (!Next(numbers.Length, nameof(numbers))) return false;
        for (var i = 0; i < numbers.Length; i++) numbers[i] = BinaryPrimitives.ReadInt32LittleEndian(_row.AsSpan(i * sizeof(int)));
        return true;
    }

    private bool Next(int room, string parameter)
    {
        if (!IsPending && !ReadRow()) return false;
        if (room != Dimension) throw new ArgumentException($"There is room for {room} elements, and a row has {Dimension}.", parameter);
        IsPending = false;
        Count++;
        return true;
    }

    private bool ReadRow()
    {
        var row = Count + (IsPending ? 1 : 0);
        Span<byte> prefix = stackalloc byte[sizeof(int)];
        var got = _stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false);
        if (got == 0) return false;
        if (got < prefix.Length) throw Cut(row, got);
        var dimension = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (dimension is < 1 or > VectorRows.MaxDimension) throw new InvalidDataException($"Row {row} at byte {_offset} says that it has {dimension} elements; a row has 1 to {VectorRows.MaxDimension}.");
        if (Dimension == 0) (Dimension, _row) = (dimension, new byte[dimension * Size]);
        if (dimension != Dimension) throw new InvalidDataException($"Row {row} at byte {_offset} has {dimension} elements, and the rows before have {Dimension}.");
        got = _stream.ReadAtLeast(_row, _row.Length, throwOnEndOfStream: false);
        if (got < _row.Length) throw Cut(row, prefix.Length + got);
        _offset += prefix.Length + got;
        return true;
    }

    private InvalidDataException Cut(long row, int got) => new($"Row {row} at byte {_offset} is cut off after {got} bytes.");
}
