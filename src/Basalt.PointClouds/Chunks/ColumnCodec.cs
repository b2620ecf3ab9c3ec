namespace Basalt.PointClouds.Chunks;

/// <summary>
/// One column of a chunk: a varint of its length in bytes, a byte that says how it is kept, and what follows from it. The shortest way is taken.
/// <code>
/// 0 one value    varint
/// 1 few values   varint how many; the first, then differences, ascending, as varints; then runs until there are as many values as points: varint number, varint length less one
/// 2 differences  zigzag varints, the first one to 0
/// 3 planes       u8 width; width planes of a byte a point, lowest first
/// </code>
/// </summary>
internal static class ColumnCodec
{
    private const int MostDistinct = 4096;
    private const byte One = 0, Few = 1, Differences = 2, Planes = 3;

    public static void Write(ByteWriter writer, ReadOnlySpan<ulong> values)
    {
        var best = new ByteWriter();
        if (!TryOne(values, best))
        {
            WriteDifferences(values, best);
            var other = new ByteWriter();
            if (TryFew(values, other, best.Length)) (best, other) = (other, best);
            if (PlanesLength(values, out var width) < best.Length) WritePlanes(values, width, best);
        }

        writer.AddVarint((uint)best.Length);
        writer.Add(best.Written);
    }

    /// <summary>Reads the values of all points.</summary>
    /// <exception cref="InvalidDataException">The bytes are no column of so many values.</exception>
    public static void Read(ReadOnlySpan<byte> column, Span<ulong> values)
    {
        var reader = new ByteReader(column);
        switch (reader.ReadByte())
        {
            case One:
                values.Fill(reader.ReadVarint());
                break;
            case Few:
                ReadFew(ref reader, values);
                break;
            case Differences:
                var last = 0UL;
                for (var i = 0; i < values.Length; i++) values[i] = last += (ulong)Varint.UnZigZag(reader.ReadVarint());
                break;
            case Planes:
                var width = reader.ReadByte();
                if (width > sizeof(ulong)) throw new InvalidDataException($"a column has values of {width} bytes");
                PlaneCodec.Read(reader.Take((ulong)width * (uint)values.Length), width, values.Length, 0, values);
                break;
            default:
                throw new InvalidDataException("a column is kept in a way that is not known");
        }

        reader.RequireEnd();
    }

    private static bool TryOne(ReadOnlySpan<ulong> values, ByteWriter writer)
    {
        if (values.ContainsAnyExcept(values[0])) return false;
        writer.Add(One);
        writer.AddVarint(values[0]);
        return true;
    }

    private static bool TryFew(ReadOnlySpan<ulong> values, ByteWriter writer, int mostBytes)
    {
        var numbers = new Dictionary<ulong, int>();
        foreach (var value in values)
        {
            numbers.TryAdd(value, 0);
            if (numbers.Count > MostDistinct || numbers.Count >= mostBytes) return false;
        }

        var sorted = numbers.Keys.Order().ToArray();
        writer.Add(Few);
        writer.AddVarint((uint)sorted.Length);
        var last = 0UL;
        for (var i = 0; i < sorted.Length; i++)
        {
            numbers[sorted[i]] = i;
            writer.AddVarint(sorted[i] - last);
            last = sorted[i];
        }

        for (var start = 0; start < values.Length && writer.Length < mostBytes;)
        {
            var end = start + 1;
            while (end < values.Length && values[end] == values[start]) end++;
            writer.AddVarint((uint)numbers[values[start]]);
            writer.AddVarint((uint)(end - start - 1));
            start = end;
        }

        return writer.Length < mostBytes;
    }

    private static void ReadFew(ref ByteReader reader, Span<ulong> values)
    {
        var distinct = new ulong[reader.ReadCount(Math.Min(values.Length, reader.Remaining))];
        var last = 0UL;
        foreach (ref var value in distinct.AsSpan()) value = last += reader.ReadVarint();
        for (var at = 0; at < values.Length;)
        {
            var number = reader.ReadVarint();
            if (number >= (ulong)distinct.Length) throw new InvalidDataException("a column has a number of no value");
            var length = reader.ReadCount(values.Length - at - 1) + 1;
            values.Slice(at, length).Fill(distinct[number]);
            at += length;
        }
    }

    private static void WriteDifferences(ReadOnlySpan<ulong> values, ByteWriter writer)
    {
        writer.Add(Differences);
        var last = 0UL;
        foreach (var value in values)
        {
            writer.AddVarint(Varint.ZigZag((long)(value - last)));
            last = value;
        }
    }

    private static int PlanesLength(ReadOnlySpan<ulong> values, out int width)
    {
        var all = 0UL;
        foreach (var value in values) all |= value;
        width = PlaneCodec.WidthOf(all);
        return 2 + width * values.Length;
    }

    private static void WritePlanes(ReadOnlySpan<ulong> values, int width, ByteWriter writer)
    {
        writer.Clear();
        writer.Add(Planes);
        writer.Add((byte)width);
        PlaneCodec.Write(values, width, writer.Take(width * values.Length));
    }
}
