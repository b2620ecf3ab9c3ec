namespace Basalt.PointClouds.Chunks;

/// <summary>Numbers in groups of seven bits, lowest first; all but the last byte have the highest bit set.</summary>
internal static class Varint
{
    /// <summary>What the largest number takes.</summary>
    public const int MostBytes = 10;

    public static int Write(Span<byte> room, ulong value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7) room[length++] = (byte)(value | 0x80);
        room[length++] = (byte)value;
        return length;
    }

    /// <summary>How many bytes the number took; 0 when the bytes are none.</summary>
    public static int Read(ReadOnlySpan<byte> bytes, out ulong value)
    {
        value = 0;
        for (var i = 0; i < bytes.Length && i < MostBytes; i++)
        {
            var b = bytes[i];
            if (i == MostBytes - 1 && b > 1) return 0;
            value |= (ulong)(b & 0x7F) << (7 * i);
            if (b < 0x80) return i + 1;
        }

        return 0;
    }

    public static ulong ZigZag(long value) => (ulong)(value << 1) ^ (ulong)(value >> 63);

    public static long UnZigZag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    /// <summary>Ascending numbers as the first and the differences, added up while they are read. The loop of a label's points: one, two and three bytes are told apart without a loop of their own.</summary>
    /// <returns>How many bytes were read.</returns>
    /// <exception cref="InvalidDataException">The bytes are fewer, or no numbers.</exception>
    public static int ReadSums(ReadOnlySpan<byte> bytes, Span<ulong> sums)
    {
        var (sum, at) = (0UL, 0);
        for (var i = 0; i < sums.Length; i++)
        {
            // Behind the last three bytes no number of three can be read at once.
            if (at + 3 <= bytes.Length)
            {
                uint first = bytes[at];
                if (first < 0x80)
                {
                    at++;
                    sums[i] = sum += first;
                    continue;
                }

                uint second = bytes[at + 1];
                if (second < 0x80)
                {
                    at += 2;
                    sums[i] = sum += (first & 0x7F) | second << 7;
                    continue;
                }

                uint third = bytes[at + 2];
                if (third < 0x80)
                {
                    at += 3;
                    sums[i] = sum += (first & 0x7F) | (second & 0x7F) << 7 | third << 14;
                    continue;
                }
            }

            var length = Read(bytes[at..], out var difference);
            if (length == 0) throw ByteReader.CutShort();
            at += length;
            sums[i] = sum += difference;
        }

        return at;
    }
}
