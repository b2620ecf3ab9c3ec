using System.Buffers.Binary;
using System.Globalization;
using Basalt.Backends.Files.Formats;
using Basalt.Records;

namespace Basalt.Migration;

/// <summary>
/// Reads a file of vectors, of which each row is its number of elements as a little-endian int32, then the elements: little-endian float32, or bytes. Every row is a record
/// with one field. Its id is the number of the row, from 0, which the ordinals of .ivecs files mean, with zeros in front so that ids sort as rows.
/// </summary>
internal sealed class VecsRecordReader(Stream stream, long length, RecordFormat format, string field, string idPrefix) : RecordReader
{
    public const int MaxDimension = 65_536;
    private readonly BufferedStream _stream = new(stream, 1 << 17);
    private readonly int _size = format == RecordFormat.Bvecs ? sizeof(byte) : sizeof(float);
    private byte[] _row = [];
    private int _dimension;
    private int _digits;
    private long _offset;
    private long _number = -1;

    public override bool EndsWithNewLine => false;

    public override long Position => _offset;

    public override bool MoveNext()
    {
        Span<byte> prefix = stackalloc byte[sizeof(int)];
        var got = _stream.ReadAtLeast(prefix, prefix.Length, throwOnEndOfStream: false);
        if (got == 0) return false;
        _number++;
        Place = new RecordPlace(_offset, _number, _number + 1);
        if (got < prefix.Length) throw Broken($"row {_number + 1} is cut off after {got} bytes");
        var dimension = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (dimension is < 1 or > MaxDimension) throw Broken($"row {_number + 1} says that it has {dimension} elements; a row has 1 to {MaxDimension}");
        if (_number == 0) Begin(dimension);
        if (dimension != _dimension) throw Broken($"row {_number + 1} has {dimension} elements, and the rows before have {_dimension}");
        got = _stream.ReadAtLeast(_row, _row.Length, throwOnEndOfStream: false);
        if (got < _row.Length) throw Broken($"row {_number + 1} is cut off after {prefix.Length + got} bytes");
        _offset += prefix.Length + got;
        return true;
    }

    public override Record Read()
    {
        var vector = new float[_dimension];
        for (var i = 0; i < vector.Length; i++)
        {
            vector[i] = _size == sizeof(byte) ? _row[i] : BinaryPrimitives.ReadSingleLittleEndian(_row.AsSpan(i * sizeof(float)));
            if (!float.IsFinite(vector[i])) throw Broken($"element {i} of row {_number + 1} is {vector[i].ToString(CultureInfo.InvariantCulture)}, not a finite number");
        }

        var id = idPrefix + _number.ToString(CultureInfo.InvariantCulture).PadLeft(_digits, '0');
        return new Record(ValueMap.From([new(field, Value.OwnVector(vector))])) { Id = id };
    }

    public override void Dispose() => _stream.Dispose();

    private void Begin(int dimension)
    {
        (_dimension, _row) = (dimension, new byte[dimension * _size]);
        _digits = (length / (sizeof(int) + _row.Length)).ToString(CultureInfo.InvariantCulture).Length;
    }

    private MalformedException Broken(string problem) => new(problem, 0, 0, Place.Offset);
}
