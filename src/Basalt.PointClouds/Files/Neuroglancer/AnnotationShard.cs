using System.Buffers.Binary;

namespace Basalt.PointClouds.Files.Neuroglancer;

/// <summary>
/// The index by id as one file of the format <c>neuroglancer_uint64_sharded_v1</c>, as a file for each of millions of points serves nobody. First a table: for each minishard the first and the last byte of its index, counted from
/// the end of the table. Then, for each minishard, annotations with their relations, and its index: ids, places and sizes, three rows of 64-bit numbers, ids and places as differences. A minishard has 1,024 ids that follow each other.
/// </summary>
internal static class AnnotationShard
{
    /// <summary>The bits of an id that do not choose a minishard.</summary>
    public const int ShiftBits = 10;

    /// <summary>The only shard.</summary>
    public const string FileName = "0.shard";

    /// <summary>How many bits number the minishards.</summary>
    public static int MinishardBits(int annotations) => annotations == 0 ? 0 : 32 - int.LeadingZeroCount((annotations - 1) >> ShiftBits);

    public static void Write(string path, AnnotationTable table, CancellationToken cancellationToken)
    {
        using var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 17);
        var minishards = new byte[16 << MinishardBits(table.Count)];
        stream.Write(minishards);
        var (place, size) = (0L, table.Stride + 12);
        Span<byte> relation = stackalloc byte[12];
        for (var first = 0; first < table.Count; first += 1 << ShiftBits)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(1 << ShiftBits, table.Count - first);
            for (var id = first; id < first + count; id++)
            {
                stream.Write(table.Row(id));
                BinaryPrimitives.WriteUInt32LittleEndian(relation, 1);
                BinaryPrimitives.WriteUInt64LittleEndian(relation[4..], table.Label(id));
                stream.Write(relation);
            }

            var index = IndexOf(first, count, place, size);
            stream.Write(index);
            var begin = place + (long)count * size;
            place = begin + index.Length;
            var entry = minishards.AsSpan((first >> ShiftBits) * 16);
            BinaryPrimitives.WriteInt64LittleEndian(entry, begin);
            BinaryPrimitives.WriteInt64LittleEndian(entry[8..], place);
        }

        stream.Position = 0;
        stream.Write(minishards);
    }

    private static byte[] IndexOf(int first, int count, long place, int size)
    {
        var index = new byte[24 * count];
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(index.AsSpan(8 * i), i == 0 ? first : 1);
            // Counted from the end of the one before.
            BinaryPrimitives.WriteInt64LittleEndian(index.AsSpan(8 * (count + i)), i == 0 ? place : 0);
            BinaryPrimitives.WriteInt64LittleEndian(index.AsSpan(8 * (2 * count + i)), size);
        }

        return index;
    }
}
