using Basalt.PointClouds;
using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Columns;

namespace Basalt.Tests.PointClouds;

/// <summary>Points of a chunk, as they go in and have to come out.</summary>
internal sealed record ChunkSample(PointSchema Schema, PointRows Rows, Segment[] Segments, string[] Blocks)
{
    private static readonly string[] Names = ["x", "y", "z", "w"];

    /// <summary>Points of one label, given by the bits of their coordinates.</summary>
    public static ChunkSample Of(PointSchema schema, ulong[][] points)
    {
        var rows = new PointRows(schema.Axes.Count, schema.Attributes.Count, points.Length) { Count = points.Length };
        for (var i = 0; i < points.Length; i++)
        for (var axis = 0; axis < schema.Axes.Count; axis++)
            rows.Cells[axis][i] = schema.Lattice.CellOf(points[i][axis]);
        return new ChunkSample(schema, Sorted(rows, 0, rows.Count), [new Segment(7, 0, points.Length)], ["b"]);
    }

    /// <summary>Labels, blocks and attributes of all types, with coordinates that lie near each other or anywhere.</summary>
    public static ChunkSample Random(Random random, ColumnType type, int axes)
    {
        var attributes = Enum.GetValues<ColumnType>().Where(_ => random.Next(2) == 0).Select(static t => new PointAttribute(t.Word(), t)).ToArray();
        var schema = new PointSchema { Axes = Names[..axes], CoordinateType = type, Attributes = attributes };
        var isWild = random.Next(3) == 0;
        var rows = new PointRows(axes, attributes.Length);
        var segments = new List<Segment>();
        var label = 0UL;
        for (var count = random.Next(1, 6); count > 0; count--)
        {
            label += (ulong)random.NextInt64() >> random.Next(2, 60);
            label++;
            var (start, points) = (rows.Count, random.Next(1, 120));
            rows.Reserve(start + points);
            rows.Count += points;
            for (var i = start; i < rows.Count; i++)
            {
                for (var axis = 0; axis < axes; axis++) rows.Cells[axis][i] = schema.Lattice.CellOf(Coordinate(random, type, isWild));
                for (var a = 0; a < attributes.Length; a++) rows.Attributes[a][i] = Value(random, attributes[a].Type);
                rows.Blocks[i] = (ulong)random.Next(3);
            }

            segments.Add(new Segment(label, start, points));
        }

        foreach (var segment in segments) Sorted(rows, segment.Start, segment.Count);
        return new ChunkSample(schema, rows, [.. segments], ["", "block 1734", "größe"]);
    }

    public void AssertEqual(Chunk chunk)
    {
        Assert.Equal(Rows.Count, chunk.Count);
        Assert.Equal(Segments, chunk.Segments);
        var cells = new ulong[Rows.Axes][];
        for (var axis = 0; axis < cells.Length; axis++) cells[axis] = new ulong[Rows.Count];
        for (var i = 0; i < Segments.Length; i++)
        {
            Assert.Equal(i, chunk.Find(Segments[i].Label));
            chunk.ReadCells(i, cells, Segments[i].Start);
        }

        for (var axis = 0; axis < cells.Length; axis++) Assert.Equal(Rows.Cells[axis][..Rows.Count], cells[axis]);
        var column = new ulong[Rows.Count];
        for (var a = 0; a < Rows.Attributes.Length; a++)
        {
            chunk.ReadAttribute(a, column);
            Assert.Equal(Rows.Attributes[a][..Rows.Count], column);
        }

        chunk.ReadBlocks(column);
        for (var i = 0; i < column.Length; i++) Assert.Equal(Blocks[Rows.Blocks[i]], chunk.Blocks[column[i]]);
    }

    /// <summary>The bits of a number of a type, with all that is odd about it.</summary>
    public static ulong Value(Random random, ColumnType type)
    {
        var bits = (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> (random.Next(2) * random.Next(64));
        return type switch
        {
            ColumnType.Int32 => (ulong)(int)bits,
            ColumnType.UInt32 or ColumnType.Float32 => (uint)bits,
            ColumnType.UInt8 => (byte)bits,
            _ => bits,
        };
    }

    /// <summary>The bits of a coordinate: finite.</summary>
    public static ulong Coordinate(Random random, ColumnType type, bool isWild)
    {
        if (!isWild) return type switch
        {
            ColumnType.Float32 => BitConverter.SingleToUInt32Bits(random.Next(-400, 400) / 4f),
            ColumnType.Float64 => BitConverter.DoubleToUInt64Bits(random.Next(-400, 400) / 4.0),
            _ => (ulong)(long)random.Next(-100, 100),
        };
        while (true)
        {
            var bits = random.Next(8) switch
            {
                0 => type is ColumnType.Float32 ? 0x8000_0000UL : type is ColumnType.Float64 ? 1UL << 63 : type is ColumnType.Int32 ? unchecked((ulong)int.MinValue) : 1UL << 63,
                1 => type is ColumnType.Float32 ? 0x7F7F_FFFFUL : type is ColumnType.Float64 ? BitConverter.DoubleToUInt64Bits(double.MaxValue) : type is ColumnType.Int32 ? (ulong)int.MaxValue : long.MaxValue,
                _ => Value(random, type),
            };
            if (type.IsInteger() || double.IsFinite(Bits.ToDouble(type, bits))) return bits;
        }
    }

    private static PointRows Sorted(PointRows rows, int start, int count)
    {
        var order = Enumerable.Range(start, count).ToArray();
        Array.Sort(order, (a, b) => PointRows.Compare(rows, a, rows, b));
        var copy = new PointRows(rows.Axes, rows.Attributes.Length, count);
        copy.Gather(rows, order);
        for (var axis = 0; axis < rows.Axes; axis++) copy.Cells[axis].AsSpan(0, count).CopyTo(rows.Cells[axis].AsSpan(start));
        for (var a = 0; a < rows.Attributes.Length; a++) copy.Attributes[a].AsSpan(0, count).CopyTo(rows.Attributes[a].AsSpan(start));
        copy.Blocks.AsSpan(0, count).CopyTo(rows.Blocks.AsSpan(start));
        return rows;
    }
}
