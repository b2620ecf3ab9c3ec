using System.Buffers.Binary;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Files;

/// <summary>
/// Reads images in the IDX format (two zero bytes, the type of elements, the number of dimensions, then a big-endian int32 for each dimension, then the elements):
/// the first dimension counts the vectors, the others together are theirs. Only unsigned bytes. Memory for one vector; one thread at a time.
/// </summary>
public sealed class IdxReader
{
    private const byte UnsignedByte = 0x08;
    private const int HeaderLength = 4;
    private readonly Stream _stream;
    private readonly byte[] _row;

    /// <summary>A reader of an uncompressed stream, which it does not close.</summary>
    /// <exception cref="InvalidDataException">It does not begin like such a file.</exception>
    public IdxReader(Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        _stream = stream;
        Span<byte> header = stackalloc byte[HeaderLength];
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length || header[0] != 0 || header[1] != 0) throw new InvalidDataException("The file is not in the IDX format.");
        if (header[2] != UnsignedByte) throw new InvalidDataException($"The elements have the type 0x{header[2]:X2}; only unsigned bytes (0x08) are read.");
        if (header[3] == 0) throw new InvalidDataException("The file has no dimensions.");
        Count = ReadSize(stream, 0);
        var dimension = 1L;
        for (var i = 1; i < header[3]; i++)
        {
            dimension *= ReadSize(stream, i);
            if (dimension is < 1 or > VectorRows.MaxDimension) throw new InvalidDataException($"A vector has 1 to {VectorRows.MaxDimension} elements; those of the file have {dimension} in {i} dimensions.");
        }

        _row = new byte[dimension];
    }

    /// <summary>How many vectors the file says it has.</summary>
    public int Count { get; }

    /// <summary>Elements of a vector.</summary>
    public int Dimension => _row.Length;

    /// <summary>How many vectors were given out.</summary>
    public int Position { get; private set; }

    /// <summary>The next vector, elements from 0 to 255; false at the end.</summary>
    /// <exception cref="ArgumentException">The room has another length than <see cref="Dimension"/>.</exception>
    /// <exception cref="InvalidDataException">The file is shorter, or longer, than it says.</exception>
    public bool Read(Span<float> vector)
    {
        if (vector.Length != Dimension) throw new ArgumentException($"There is room for {vector.Length} elements, and a vector has {Dimension}.", nameof(vector));
        if (Position == Count)
        {
            if (_stream.ReadByte() >= 0) throw new InvalidDataException($"The file goes on behind the {Count} vectors that it says it has.");
            return false;
        }

        if (_stream.ReadAtLeast(_row, _row.Length, throwOnEndOfStream: false) < _row.Length) throw new InvalidDataException($"Vector {Position} of {Count} is cut off.");
        for (var i = 0; i < vector.Length; i++) vector[i] = _row[i];
        Position++;
        return true;
    }

    private static int ReadSize(Stream stream, int dimension)
    {
        Span<byte> size = stackalloc byte[sizeof(int)];
        if (stream.ReadAtLeast(size, size.Length, throwOnEndOfStream: false) < size.Length) throw new InvalidDataException($"The size of dimension {dimension} is cut off.");
        var value = BinaryPrimitives.ReadInt32BigEndian(size);
        return value >= 0 ? value : throw new InvalidDataException($"Dimension {dimension} has the size {value}.");
    }
}
