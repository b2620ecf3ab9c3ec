using System.Buffers.Binary;
using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Columns;

namespace Basalt.PointClouds.Runs;

/// <summary>
/// Pages of the three directories of a run, each an <see cref="Envelope"/>. Normative: docs/formats/points.md.
/// <code>
/// u8       axes
/// varint   entries
/// base     for each axis: varint, the lowest rank of all entries
/// label    varint label less the one before; varint points less one; varint first chunk; varint chunks less one; extent
/// chunk    varint points; varint bytes; varint labels; varint first label; varint last label less the first; extent
/// block    varint bytes that its id shares with the one before; text, the rest of it; 16 bytes hash, little-endian; varint points; extent
/// extent   for each axis: varint lowest rank less the base; varint highest less lowest
/// </code>
/// </summary>
internal static class DirectoryPage
{
    /// <summary>Labels or chunks of a page: with the widest numbers a page has less than <see cref="ChunkFormat.MostBytes"/>.</summary>
    public const int MostEntries = 1024;

    /// <summary>Blocks of a page, whose ids may be longer.</summary>
    public const int MostBlocks = 256;

    public static byte[] Write(ReadOnlySpan<LabelEntry> entries, int axes)
    {
        var total = Extent.Empty;
        foreach (ref readonly var entry in entries) total.Add(entry.Extent, axes);
        var writer = Begin(entries.Length, axes, total);
        var last = 0UL;
        foreach (ref readonly var entry in entries)
        {
            writer.AddVarint(entry.Label - last);
            writer.AddVarint((ulong)entry.Points - 1);
            writer.AddVarint((uint)entry.FirstChunk);
            writer.AddVarint((uint)entry.Chunks - 1);
            Write(writer, entry.Extent, total, axes);
            last = entry.Label;
        }

        return Envelope.Seal(Content.LabelPage, writer.Written);
    }

    public static byte[] Write(ReadOnlySpan<ChunkEntry> entries, int axes)
    {
        var total = Extent.Empty;
        foreach (ref readonly var entry in entries) total.Add(entry.Extent, axes);
        var writer = Begin(entries.Length, axes, total);
        foreach (ref readonly var entry in entries)
        {
            writer.AddVarint((uint)entry.Points);
            writer.AddVarint((uint)entry.Bytes);
            writer.AddVarint((uint)entry.Labels);
            writer.AddVarint(entry.FirstLabel);
            writer.AddVarint(entry.LastLabel - entry.FirstLabel);
            Write(writer, entry.Extent, total, axes);
        }

        return Envelope.Seal(Content.ChunkPage, writer.Written);
    }

    public static byte[] Write(ReadOnlySpan<BlockEntry> entries, int axes)
    {
        var total = Extent.Empty;
        foreach (ref readonly var entry in entries) total.Add(entry.Extent, axes);
        var writer = Begin(entries.Length, axes, total);
        var last = "";
        foreach (ref readonly var entry in entries)
        {
            var shared = last.AsSpan().CommonPrefixLength(entry.Id);
            // Not in the middle of a pair of surrogates.
            if (shared > 0 && char.IsHighSurrogate(entry.Id[shared - 1])) shared--;
            writer.AddVarint((uint)shared);
            writer.AddText(entry.Id[shared..]);
            BinaryPrimitives.WriteUInt128LittleEndian(writer.Take(16), entry.Hash);
            writer.AddVarint((ulong)entry.Points);
            Write(writer, entry.Extent, total, axes);
            last = entry.Id;
        }

        return Envelope.Seal(Content.BlockPage, writer.Written);
    }

    /// <summary>Reads the entries, ascending by label.</summary>
    /// <exception cref="InvalidDataException">The bytes are no such page.</exception>
    public static LabelEntry[] ReadLabels(ReadOnlySpan<byte> bytes, int axes)
    {
        var reader = new ByteReader(Envelope.Open(Content.LabelPage, bytes));
        Span<ulong> lowest = stackalloc ulong[4];
        var entries = new LabelEntry[ReadHead(ref reader, axes, lowest)];
        var last = 0UL;
        for (var i = 0; i < entries.Length; i++)
        {
            var difference = reader.ReadVarint();
            if (i > 0 && (difference == 0 || last + difference < last)) throw new InvalidDataException("its labels do not ascend");
            last += difference;
            var points = reader.ReadVarint();
            if (points >= long.MaxValue) throw new InvalidDataException("a label has more points than can be");
            var (first, chunks) = (reader.ReadCount(int.MaxValue), reader.ReadCount(int.MaxValue - 1) + 1);
            if (first > int.MaxValue - chunks) throw new InvalidDataException("a label has chunks that cannot be");
            entries[i] = new LabelEntry(last, (long)points + 1, first, chunks, ReadExtent(ref reader, axes, lowest));
        }

        reader.RequireEnd();
        return entries;
    }

    /// <summary>Reads the entries, in the order of chunks.</summary>
    /// <inheritdoc cref="ReadLabels"/>
    public static ChunkEntry[] ReadChunks(ReadOnlySpan<byte> bytes, int axes)
    {
        var reader = new ByteReader(Envelope.Open(Content.ChunkPage, bytes));
        Span<ulong> lowest = stackalloc ulong[4];
        var entries = new ChunkEntry[ReadHead(ref reader, axes, lowest)];
        foreach (ref var entry in entries.AsSpan())
        {
            var (points, length, labels) = (reader.ReadCount(ChunkFormat.MostPoints), reader.ReadCount(ChunkFormat.MostBytes), reader.ReadCount(ChunkFormat.MostPoints));
            var first = reader.ReadVarint();
            entry = new ChunkEntry(points, length, labels, first, first + reader.ReadVarint(), ReadExtent(ref reader, axes, lowest));
        }

        reader.RequireEnd();
        return entries;
    }

    /// <summary>Reads the entries, ascending by id.</summary>
    /// <inheritdoc cref="ReadLabels"/>
    public static BlockEntry[] ReadBlocks(ReadOnlySpan<byte> bytes, int axes)
    {
        var reader = new ByteReader(Envelope.Open(Content.BlockPage, bytes));
        Span<ulong> lowest = stackalloc ulong[4];
        var entries = new BlockEntry[ReadHead(ref reader, axes, lowest)];
        var last = "";
        foreach (ref var entry in entries.AsSpan())
        {
            var shared = reader.ReadCount(last.Length);
            var id = string.Concat(last.AsSpan(0, shared), reader.ReadText());
            var hash = BinaryPrimitives.ReadUInt128LittleEndian(reader.Take(16));
            var points = reader.ReadVarint();
            if (points > long.MaxValue) throw new InvalidDataException("a block has more points than can be");
            entry = new BlockEntry(last = id, hash, (long)points, ReadExtent(ref reader, axes, lowest));
        }

        reader.RequireEnd();
        return entries;
    }

    private static ByteWriter Begin(int entries, int axes, in Extent total)
    {
        var writer = new ByteWriter();
        writer.Add((byte)axes);
        writer.AddVarint((uint)entries);
        for (var axis = 0; axis < axes; axis++) writer.AddVarint(total.Lowest(axis));
        return writer;
    }

    private static void Write(ByteWriter writer, in Extent extent, in Extent total, int axes)
    {
        for (var axis = 0; axis < axes; axis++)
        {
            writer.AddVarint(extent.Lowest(axis) - total.Lowest(axis));
            writer.AddVarint(extent.Highest(axis) - extent.Lowest(axis));
        }
    }

    private static int ReadHead(scoped ref ByteReader reader, int axes, scoped Span<ulong> lowest)
    {
        if (reader.ReadByte() != axes) throw new InvalidDataException("its axes are not those of the cloud");
        var entries = reader.ReadCount(Math.Min(MostEntries, reader.Remaining));
        for (var axis = 0; axis < axes; axis++) lowest[axis] = reader.ReadVarint();
        return entries;
    }

    private static Extent ReadExtent(scoped ref ByteReader reader, int axes, scoped ReadOnlySpan<ulong> lowest)
    {
        var extent = default(Extent);
        for (var axis = 0; axis < axes; axis++)
        {
            var low = lowest[axis] + reader.ReadVarint();
            extent.Set(axis, low, low + reader.ReadVarint());
        }

        return extent;
    }
}
