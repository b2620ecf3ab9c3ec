using System.Numerics;

namespace Basalt.PointClouds.Chunks;

/// <summary>Writes chunks. Not thread-safe; cheap to make.</summary>
internal sealed class ChunkWriter(PointSchema schema)
{
    private readonly ByteWriter _body = new();
    private readonly ByteWriter _codes = new();
    private ulong[] _scratch = [];
    private ulong _lastLabel;

    /// <summary>The bytes of a chunk; null when they would be more than a chunk may have, so that it has to be cut.</summary>
    /// <param name="rows">The points, segment by segment, each in Morton order.</param>
    /// <param name="segments">Ascending by label; together all of the points.</param>
    /// <param name="blocks">The list that the points' blocks are numbers of.</param>
    public byte[]? Write(PointRows rows, ReadOnlySpan<Segment> segments, IReadOnlyList<string> blocks)
    {
        _body.Clear();
        _codes.Clear();
        _lastLabel = 0;
        if (_scratch.Length < 2 * rows.Count) _scratch = new ulong[2 * Math.Max(rows.Count, ChunkFormat.MostPoints)];
        _body.Add((byte)rows.Axes);
        _body.Add((byte)schema.CoordinateType);
        _body.AddVarint((uint)schema.Attributes.Count);
        foreach (var attribute in schema.Attributes) _body.Add((byte)attribute.Type);
        _body.AddVarint((uint)rows.Count);
        _body.AddVarint((uint)segments.Length);
        var bits = DifferingBits(rows);
        if (bits <= Morton.BitsPerAxis(rows.Axes)) WriteCodes(rows, segments, bits);
        else WritePlanes(rows, segments);
        WriteBlocks(rows, blocks);
        foreach (var attribute in rows.Attributes) ColumnCodec.Write(_body, attribute.AsSpan(0, rows.Count));
        if (_body.Length > Envelope.MostBytes) return null;
        var written = Envelope.Seal(Content.Chunk, _body.Written);
        return written.Length <= ChunkFormat.MostBytes ? written : null;
    }

    /// <summary>How many low bits of the cells are not the same in all points, on the axis where they are most.</summary>
    private static int DifferingBits(PointRows rows)
    {
        var differing = 0UL;
        foreach (var axis in rows.Cells)
            for (var i = 1; i < rows.Count; i++) differing |= axis[i] ^ axis[0];
        return 64 - BitOperations.LeadingZeroCount(differing);
    }

    private void WriteCodes(PointRows rows, ReadOnlySpan<Segment> segments, int bits)
    {
        var low = (1UL << bits) - 1;
        var codes = _scratch.AsSpan(0, rows.Count);
        var cells = _scratch.AsSpan(rows.Count, rows.Count);
        codes.Clear();
        for (var axis = 0; axis < rows.Axes; axis++)
        {
            for (var i = 0; i < cells.Length; i++) cells[i] = rows.Cells[axis][i] & low;
            Morton.Encode(cells, axis, rows.Axes, codes);
        }

        foreach (var segment in segments)
        {
            var before = _codes.Length;
            var room = _codes.Take(segment.Count * Varint.MostBytes);
            var (last, at) = (0UL, 0);
            foreach (var code in codes.Slice(segment.Start, segment.Count))
            {
                at += Varint.Write(room[at..], code - last);
                last = code;
            }

            _codes.GiveBack(room.Length - at);
            AddSegment(segment, _codes.Length - before);
        }

        _body.Add(ChunkFormat.MortonCodes);
        _body.Add((byte)bits);
        foreach (var axis in rows.Cells) _body.AddVarint(axis[0] >> bits);
        _body.Add(_codes.Written);
    }

    private void WritePlanes(PointRows rows, ReadOnlySpan<Segment> segments)
    {
        foreach (var segment in segments) AddSegment(segment, 0);
        _body.Add(ChunkFormat.Planes);
        var differences = _scratch.AsSpan(0, rows.Count);
        foreach (var axis in rows.Cells)
        {
            var all = 0UL;
            foreach (var segment in segments)
            {
                var last = axis[0];
                for (var i = segment.Start; i < segment.Start + segment.Count; i++)
                {
                    all |= differences[i] = Varint.ZigZag((long)(axis[i] - last));
                    last = axis[i];
                }
            }

            var width = PlaneCodec.WidthOf(all);
            _body.AddVarint(axis[0]);
            _body.Add((byte)width);
            PlaneCodec.Write(differences, width, _body.Take(width * rows.Count));
        }
    }

    private void AddSegment(Segment segment, int bytes)
    {
        _body.AddVarint(segment.Label - _lastLabel);
        _body.AddVarint((uint)segment.Count);
        _body.AddVarint((uint)bytes);
        _lastLabel = segment.Label;
    }

    private void WriteBlocks(PointRows rows, IReadOnlyList<string> blocks)
    {
        var numbers = _scratch.AsSpan(0, rows.Count);
        var known = new Dictionary<ulong, ulong>();
        for (var i = 0; i < numbers.Length; i++)
        {
            // Neighbours are mostly of one block.
            if (i > 0 && rows.Blocks[i] == rows.Blocks[i - 1]) numbers[i] = numbers[i - 1];
            else if (known.TryGetValue(rows.Blocks[i], out var number)) numbers[i] = number;
            else known.Add(rows.Blocks[i], numbers[i] = (ulong)known.Count);
        }

        _body.AddVarint((uint)known.Count);
        foreach (var block in known.Keys) _body.AddText(blocks[(int)block]);
        ColumnCodec.Write(_body, numbers);
    }
}
