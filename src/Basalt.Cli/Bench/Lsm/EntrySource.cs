using System.Buffers.Binary;

namespace Basalt.Cli.Bench.Lsm;

/// <summary>
/// The entries of a workload by index, made on the fly: a reader can tell from a key alone which entry it is, so that every answer is checked
/// without a copy of the data. A key is eight bytes that carry the index, and filler. Not thread-safe, and nothing is allocated after construction.
/// </summary>
internal sealed class EntrySource
{
    public const int LeastKeyBytes = sizeof(ulong);

    // The steps of SplitMix64 (Steele, Lea, Flood 2014), whose output function is a bijection: different indexes have different keys.
    private const ulong Gamma = 0x9E3779B97F4A7C15, First = 0xBF58476D1CE4E5B9, Second = 0x94D049BB133111EB;
    private static readonly ulong FirstInverse = Inverse(First), SecondInverse = Inverse(Second);
    private readonly byte[] _key, _value;
    private readonly KeyOrder _order;
    private readonly ulong _seed;
    private readonly int _distinct;

    public EntrySource(Workload workload, KeyOrder order)
    {
        (_key, _value, _order) = (new byte[workload.KeyBytes], new byte[workload.ValueBytes], order);
        _seed = Mix(unchecked((ulong)workload.Seed) + Gamma);
        _distinct = Math.Max(Math.Min(workload.ValueBytes, sizeof(ulong)), (int)((long)workload.ValueBytes * (100 - workload.CompressiblePercent) / 100));
    }

    /// <summary>The key last made.</summary>
    public ReadOnlySpan<byte> Key => _key;

    /// <summary>The value last made.</summary>
    public ReadOnlySpan<byte> Value => _value;

    /// <summary>Makes key and value of an entry.</summary>
    public void Make(long index)
    {
        MakeKey(index);
        MakeValue(index);
    }

    public void MakeKey(long index) => MakeKey((ulong)index * 2);

    /// <summary>A key that no entry has, between those of entries.</summary>
    public void MakeMissingKey(long index) => MakeKey((ulong)index * 2 + 1);

    /// <summary>Whether the bytes are the value of an entry, to the last of them.</summary>
    public bool IsValue(long index, ReadOnlySpan<byte> value)
    {
        MakeValue(index);
        return value.SequenceEqual(_value);
    }

    /// <summary>The index of the entry that has this key; negative when none has.</summary>
    public long IndexOf(ReadOnlySpan<byte> key)
    {
        if (key.Length != _key.Length) return -1;
        var place = BinaryPrimitives.ReadUInt64BigEndian(key);
        if (_order == KeyOrder.Random) place = Unmix(place) ^ _seed;
        MakeKey(place);
        return (place & 1) == 0 && place <= long.MaxValue && key.SequenceEqual(_key) ? (long)(place / 2) : -1;
    }

    private void MakeKey(ulong place)
    {
        BinaryPrimitives.WriteUInt64BigEndian(_key, _order == KeyOrder.Random ? Mix(place ^ _seed) : place);
        Fill(_key.AsSpan(LeastKeyBytes), place ^ ~_seed);
    }

    private void MakeValue(long index)
    {
        Fill(_value.AsSpan(0, _distinct), (ulong)index + _seed);
        for (var made = _distinct; made < _value.Length;)
        {
            var length = Math.Min(_distinct, _value.Length - made);
            _value.AsSpan(0, length).CopyTo(_value.AsSpan(made));
            made += length;
        }
    }

    private static void Fill(Span<byte> bytes, ulong start)
    {
        var state = Mix(start);
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..]) BinaryPrimitives.WriteUInt64LittleEndian(bytes, Mix(state += Gamma));
        for (var last = Mix(state + Gamma); !bytes.IsEmpty; bytes = bytes[1..], last >>= 8) bytes[0] = (byte)last;
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * First;
        x = (x ^ (x >> 27)) * Second;
        return x ^ (x >> 31);
    }

    private static ulong Unmix(ulong x)
    {
        x = (x ^ (x >> 31) ^ (x >> 62)) * SecondInverse;
        x = (x ^ (x >> 27) ^ (x >> 54)) * FirstInverse;
        return x ^ (x >> 30) ^ (x >> 60);
    }

    /// <summary>The inverse of an odd number modulo 2^64, by Newton's iteration: each step doubles the correct bits, beginning with three.</summary>
    private static ulong Inverse(ulong odd)
    {
        var inverse = odd;
        for (var step = 0; step < 5; step++) inverse *= 2 - odd * inverse;
        return inverse;
    }
}
