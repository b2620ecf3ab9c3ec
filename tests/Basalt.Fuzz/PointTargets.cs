using System.Buffers.Binary;
using Basalt.Backends.Files;
using Basalt.PointClouds;
using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Files;
using Basalt.PointClouds.Runs;

namespace Basalt.Fuzz;

/// <summary>A chunk is decoded where its body lies. The checksum is made good, so that the decoder behind it is what is tried.</summary>
public sealed class PointChunkTarget : FuzzTarget
{
    private static readonly PointSchema Schema = new() { Attributes = [new("id", ColumnType.UInt64), new("w", ColumnType.Float32)] };

    protected override IReadOnlyList<byte[]> Seeds => [.. Enumerable.Range(0, 6).Select(Body)];

    protected override bool IsRefusal(Exception exception) => exception is InvalidDataException;

    protected override void Decode(byte[] input)
    {
        if (input.Length > Envelope.MostBytes) return;
        var chunk = Chunk.Open(Envelope.Seal(Content.Chunk, input), Schema);
        var cells = new[] { new ulong[chunk.Count], new ulong[chunk.Count], new ulong[chunk.Count] };
        for (var i = 0; i < chunk.Segments.Length; i++)
        {
            if (chunk.Find(chunk.Segments[i].Label) != i) throw new InvalidOperationException("A segment is not found by its label.");
            chunk.ReadCells(i, cells, chunk.Segments[i].Start);
        }

        var column = new ulong[chunk.Count];
        chunk.ReadBlocks(column);
        for (var i = 0; i < Schema.Attributes.Count; i++) chunk.ReadAttribute(i, column);
    }

    private static byte[] Body(int seed)
    {
        var random = new Random(seed);
        var rows = new PointRows(3, 2, 40) { Count = 40 };
        for (var i = 0; i < 40; i++)
        {
            for (var axis = 0; axis < 3; axis++) rows.Cells[axis][i] = (ulong)(seed < 3 ? (i / 20 << 4) + i : random.NextInt64());
            (rows.Attributes[0][i], rows.Attributes[1][i], rows.Blocks[i]) = ((ulong)(seed % 2 == 0 ? i / 9 : random.NextInt64()), (uint)random.Next(), (ulong)(i / 15));
        }

        return Envelope.Open(Content.Chunk, new ChunkWriter(Schema).Write(rows, [new Segment(3, 0, 20), new Segment(ulong.MaxValue, 20, 20)], ["a", "b", "c"])!);
    }
}

/// <summary>Pages of directories, and the envelope itself.</summary>
public sealed class PointPageTarget : FuzzTarget
{
    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var extent = Extent.Empty;
            for (var axis = 0; axis < 3; axis++) extent.Set(axis, 5, 900);
            return
            [
                Mark('L', Envelope.Open(Content.LabelPage, DirectoryPage.Write([new LabelEntry(7, 100, 0, 2, extent), new LabelEntry(1UL << 60, 1, 2, 1, extent)], 3))),
                Mark('D', Envelope.Open(Content.ChunkPage, DirectoryPage.Write([new ChunkEntry(100, 500, 3, 4, 900, extent)], 3))),
                Mark('B', Envelope.Open(Content.BlockPage, DirectoryPage.Write([new BlockEntry("block 1", 77, 5, extent), new BlockEntry("block 17", 78, 6, extent)], 3))),
                Mark('E', Envelope.Seal(Content.ChunkPage, new byte[300])),
            ];
        }
    }

    protected override bool IsRefusal(Exception exception) => exception is InvalidDataException;

    protected override void Decode(byte[] input)
    {
        if (input.Length == 0) throw new InvalidDataException("nothing");
        var body = input.AsSpan(1);
        switch ((char)input[0])
        {
            case 'L':
                DirectoryPage.ReadLabels(Envelope.Seal(Content.LabelPage, body), 3);
                break;
            case 'D':
                DirectoryPage.ReadChunks(Envelope.Seal(Content.ChunkPage, body), 3);
                break;
            case 'B':
                DirectoryPage.ReadBlocks(Envelope.Seal(Content.BlockPage, body), 3);
                break;
            default:
                // With a checksum that fits, so that more than the checksum is tried.
                if (body.Length >= 4) BinaryPrimitives.WriteUInt32LittleEndian(body[^4..], Crc32C.Of(body[..^4]));
                Envelope.Open(Content.ChunkPage, body);
                break;
        }
    }

    private static byte[] Mark(char mark, byte[] bytes) => [(byte)mark, .. bytes];
}

/// <summary>Files of NumPy and PLY that others wrote.</summary>
public sealed class PointFileTarget : FuzzTarget
{
    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            using var array = new MemoryStream();
            NpyArray.WriteHeader(array, ColumnType.Int32, 2, 3);
            NpyArray.WriteRows(array, [Column.Of("x", [1, 2, 3]), Column.Of("y", [4, 5, 6])], 3);
            return
            [
                array.ToArray(),
                "ply\nformat ascii 1.0\ncomment c\nelement vertex 2\nproperty float x\nproperty int y\nproperty uchar c\nend_header\n1.5 2 3\n-1e9 -5 255\n"u8.ToArray(),
                [.. "ply\nformat binary_big_endian 1.0\nelement vertex 1\nproperty double x\nproperty short y\nend_header\n"u8, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
            ];
        }
    }

    protected override IReadOnlyList<string> Tokens => ["property list uchar int i\n", "element face 1\n", "'fortran_order': True", "<f8", "(3, 2)", "(999999999, 9999)", "end_header\n"];

    protected override bool IsRefusal(Exception exception) => exception is InvalidDataException or EndOfStreamException;

    protected override void Decode(byte[] input)
    {
        using var stream = new MemoryStream(input);
        if (input.Length > 0 && input[0] == 0x93) NpyArray.Read(stream, "", input.Length);
        else PlyVertices.Read(stream, input.Length);
    }
}
