using System.Buffers.Binary;
using System.Numerics;

namespace Basalt.Lsm.Tables;

/// <summary>
/// A bloom filter of 64-byte lines: a key sets its bits in one line, so that asking costs one cache miss. The bytes are the lines and, last,
/// the number of bits per key. Normative, the hash included: docs/formats/table.md.
/// </summary>
internal static class BloomFilter
{
    private const int LineBytes = 64;
    private const int MostProbes = 12;

    public static byte[] Build(IReadOnlyList<ulong> hashes, int bitsPerKey)
    {
        var lines = Math.Max(1, (int)Math.Min(int.MaxValue / LineBytes - 1, ((long)hashes.Count * bitsPerKey + LineBytes * 8 - 1) / (LineBytes * 8)));
        var filter = new byte[lines * LineBytes + 1];
        var probes = Probes(bitsPerKey);
        filter[^1] = (byte)probes;
        foreach (var hash in hashes)
        {
            var line = filter.AsSpan(Line(hash, lines), LineBytes);
            var (bit, step) = Start(hash);
            for (var i = 0; i < probes; i++, bit += step) line[(int)(bit >> 3 & 63)] |= (byte)(1 << (int)(bit & 7));
        }

        return filter;
    }

    public static bool IsFilter(ReadOnlySpan<byte> filter) => filter.Length > LineBytes && filter.Length % LineBytes == 1 && filter[^1] is > 0 and <= MostProbes;

    /// <summary>False when the key is certainly not there.</summary>
    public static bool MayContain(ReadOnlySpan<byte> filter, ulong hash)
    {
        var line = filter.Slice(Line(hash, filter.Length / LineBytes), LineBytes);
        var (bit, step) = Start(hash);
        for (var i = filter[^1]; i > 0; i--, bit += step)
            if ((line[(int)(bit >> 3 & 63)] & 1 << (int)(bit & 7)) == 0) return false;
        return true;
    }

    /// <summary>64 bits of the key's bytes, eight at a time, the rest padded with zeros.</summary>
    public static ulong Hash(ReadOnlySpan<byte> key)
    {
        const ulong first = 0x9E3779B97F4A7C15, second = 0xBF58476D1CE4E5B9, third = 0x94D049BB133111EB;
        var hash = (ulong)key.Length * first;
        for (; key.Length >= 8; key = key[8..]) hash = BitOperations.RotateLeft(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(key) * second, 29) * first;
        if (key.Length > 0)
        {
            Span<byte> rest = stackalloc byte[8];
            rest.Clear();
            key.CopyTo(rest);
            hash = BitOperations.RotateLeft(hash ^ BinaryPrimitives.ReadUInt64LittleEndian(rest) * second, 29) * first;
        }

        hash = (hash ^ hash >> 30) * second;
        hash = (hash ^ hash >> 27) * third;
        return hash ^ hash >> 31;
    }

    private static int Probes(int bitsPerKey) => Math.Clamp(bitsPerKey * 7 / 10, 1, MostProbes);

    private static int Line(ulong hash, int lines) => (int)((hash >> 32) * (ulong)lines >> 32) * LineBytes;

    private static (uint Bit, uint Step) Start(ulong hash) => ((uint)hash & 511, (uint)hash >> 9 | 1);
}
