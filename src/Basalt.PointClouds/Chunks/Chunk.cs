
namespace Basalt.PointClouds.Chunks;

/// <summary>A chunk that was opened: its directory is read, points are decoded when they are asked for. Immutable and thread-safe.</summary>
internal sealed class Chunk
{
    private readonly byte[] _body;
    private readonly int[] _coordinatesAt;
    private readonly byte _coordinates;
    private readonly int _bits;
    private readonly ulong[] _shared;
    private readonly int[] _widths;
    private readonly int[] _planesAt;
    private readonly (int At, int Length)[] _columns;

    private Chunk(byte[] body, PointSchema schema)
    {
        _body = body;
        var reader = new ByteReader(body);
        Axes = reader.ReadByte();
        if (Axes != schema.Axes.Count || reader.ReadByte() != (byte)schema.CoordinateType) throw new InvalidDataException("its coordinates are not those of the cloud");
        if (reader.ReadVarint() != (ulong)schema.Attributes.Count) throw new InvalidDataException("its attributes are not those of the cloud");
        foreach (var attribute in schema.Attributes)
            if (reader.ReadByte() != (byte)attribute.Type) throw new InvalidDataException("its attributes are not those of the cloud");
        Count = reader.ReadCount(ChunkFormat.MostPoints);
        Segments = new Segment[reader.ReadCount(Math.Min(Count, reader.Remaining))];
        _coordinatesAt = new int[Segments.Length + 1];
        ReadSegments(ref reader);
        _coordinates = reader.ReadByte();
        (_shared, _widths, _planesAt) = (new ulong[Axes], new int[Axes], new int[Axes]);
        switch (_coordinates)
        {
            case ChunkFormat.MortonCodes:
                _bits = reader.ReadByte();
                if (_bits > Morton.BitsPerAxis(Axes)) throw new InvalidDataException($"its codes have {_bits} bits an axis");
                foreach (ref var shared in _shared.AsSpan()) shared = reader.ReadVarint() << _bits;
                for (var i = 0; i < _coordinatesAt.Length; i++) _coordinatesAt[i] += reader.Position;
                reader.Take((ulong)(_coordinatesAt[^1] - reader.Position));
                break;
            case ChunkFormat.Planes:
                for (var axis = 0; axis < Axes; axis++)
                {
                    _shared[axis] = reader.ReadVarint();
                    _widths[axis] = reader.ReadByte();
                    if (_widths[axis] > sizeof(ulong)) throw new InvalidDataException("its planes are too many");
                    _planesAt[axis] = reader.Position;
                    reader.Take((ulong)_widths[axis] * (uint)Count);
                }

                break;
            default:
                throw new InvalidDataException("its coordinates are kept in a way that is not known");
        }

        Blocks = new string[reader.ReadCount(Math.Min(Count, reader.Remaining))];
        foreach (ref var block in Blocks.AsSpan()) block = reader.ReadText();
        _columns = new (int, int)[1 + schema.Attributes.Count];
        foreach (ref var column in _columns.AsSpan())
        {
            var length = reader.ReadCount(reader.Remaining);
            column = (reader.Position, length);
            reader.Take((ulong)length);
        }

        reader.RequireEnd();
    }

    public int Axes { get; }

    public int Count { get; }

    /// <summary>Ascending by label.</summary>
    public Segment[] Segments { get; }

    /// <summary>The blocks of its points.</summary>
    public string[] Blocks { get; }

    /// <summary>What it takes in memory.</summary>
    public int Bytes => _body.Length + Segments.Length * 24 + Blocks.Length * 64 + 256;

    /// <summary>Opens a chunk.</summary>
    /// <exception cref="InvalidDataException">The bytes are damaged, or of another cloud.</exception>
    public static Chunk Open(ReadOnlySpan<byte> bytes, PointSchema schema) => new(Envelope.Open(Content.Chunk, bytes), schema);

    /// <summary>The segment of a label; -1 when the chunk has none.</summary>
    public int Find(ulong label)
    {
        var (low, high) = (0, Segments.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (Segments[middle].Label == label) return middle;
            if (Segments[middle].Label < label) low = middle + 1;
            else high = middle - 1;
        }

        return -1;
    }

    /// <summary>The cells of the points of a segment, into as many places of each axis from a start on.</summary>
    /// <exception cref="InvalidDataException">The bytes are no points.</exception>
    public void ReadCells(int segment, ulong[][] cells, int start)
    {
        var (_, first, count) = Segments[segment];
        if (_coordinates == ChunkFormat.Planes)
        {
            for (var axis = 0; axis < Axes; axis++)
            {
                var into = cells[axis].AsSpan(start, count);
                PlaneCodec.Read(_body.AsSpan(_planesAt[axis], _widths[axis] * Count), _widths[axis], Count, first, into);
                var last = _shared[axis];
                foreach (ref var cell in into) cell = last += (ulong)Varint.UnZigZag(cell);
            }

            return;
        }

        // The last axis has the codes until it is its turn.
        var codes = cells[Axes - 1].AsSpan(start, count);
        var bytes = _body.AsSpan(_coordinatesAt[segment], _coordinatesAt[segment + 1] - _coordinatesAt[segment]);
        if (Varint.ReadSums(bytes, codes) != bytes.Length) throw new InvalidDataException("the coordinates of a segment are shorter than it says");
        for (var axis = 0; axis < Axes; axis++) Morton.Decode(codes, axis, Axes, _shared[axis], cells[axis].AsSpan(start, count));
    }

    /// <summary>The numbers of the blocks of all points, in <see cref="Blocks"/>.</summary>
    public void ReadBlocks(Span<ulong> numbers)
    {
        ReadColumn(0, numbers);
        foreach (var number in numbers)
            if (number >= (ulong)Blocks.Length) throw new InvalidDataException("a point is of no block");
    }

    /// <summary>The bits of an attribute of all points.</summary>
    public void ReadAttribute(int attribute, Span<ulong> bits) => ReadColumn(attribute + 1, bits);

    private void ReadColumn(int column, Span<ulong> values)
    {
        var (at, length) = _columns[column];
        ColumnCodec.Read(_body.AsSpan(at, length), values[..Count]);
    }

    private void ReadSegments(ref ByteReader reader)
    {
        var (label, start, at) = (0UL, 0, 0);
        for (var i = 0; i < Segments.Length; i++)
        {
            var difference = reader.ReadVarint();
            if (i > 0 && (difference == 0 || label + difference < label)) throw new InvalidDataException("its labels do not ascend");
            label += difference;
            var count = reader.ReadCount(Count - start);
            if (count == 0) throw new InvalidDataException("a segment has no points");
            Segments[i] = new Segment(label, start, count);
            _coordinatesAt[i] = at;
            start += count;
            at += reader.ReadCount(Envelope.MostBytes - at);
        }

        _coordinatesAt[^1] = at;
        if (start != Count) throw new InvalidDataException("its segments are not all of its points");
    }
}
