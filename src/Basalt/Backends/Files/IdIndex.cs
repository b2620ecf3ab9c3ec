using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Basalt.Backends.Files;

/// <summary>
/// Where the record of an id is in a file: an open-addressed table of 12 bytes a slot. It answers with candidates; whoever reads the record has
/// the last word. An id without a candidate is not in the file. Thread-safe.
/// </summary>
internal sealed class IdIndex
{
    // A slot keeps 56 bits of the hash: 32 that also choose the slot, so that growing needs no ids, and 24 beside 40 bits of the offset plus one.
    private const int OffsetBits = 40;
    private const ulong OffsetMask = (1UL << OffsetBits) - 1;

    private readonly Lock _gate = new();
    private readonly ulong _seed = MemoryMarshal.Read<ulong>(RandomNumberGenerator.GetBytes(sizeof(ulong)));
    private uint[] _low = new uint[1 << 8];
    private ulong[] _rest = new ulong[1 << 8];
    private int _count;

    public void Add(string id, long offset)
    {
        if ((ulong)offset >= OffsetMask) throw new NotSupportedException("Point operations on files cover 1 TB.");
        var hash = Hash(id);
        lock (_gate)
        {
            if (_count >= _rest.Length / 5 * 4) Grow();
            Insert((uint)hash, (hash >> OffsetBits << OffsetBits) | ((ulong)offset + 1));
            _count++;
        }
    }

    /// <summary>The offsets at which the record of that id may be; mostly none or one.</summary>
    public void Find(string id, List<long> candidates)
    {
        candidates.Clear();
        var hash = Hash(id);
        lock (_gate)
        {
            for (var at = Home((uint)hash); _rest[at] != 0; at = at + 1 == _rest.Length ? 0 : at + 1)
                if (_low[at] == (uint)hash && _rest[at] >> OffsetBits == hash >> OffsetBits) candidates.Add((long)(_rest[at] & OffsetMask) - 1);
        }
    }

    private int Home(uint low) => (int)((ulong)low * (ulong)_rest.Length >> 32);

    private void Insert(uint low, ulong rest)
    {
        var at = Home(low);
        while (_rest[at] != 0) at = at + 1 == _rest.Length ? 0 : at + 1;
        (_low[at], _rest[at]) = (low, rest);
    }

    private void Grow()
    {
        var (low, rest) = (_low, _rest);
        _low = new uint[low.Length * 2];
        _rest = new ulong[rest.Length * 2];
        for (var i = 0; i < rest.Length; i++)
            if (rest[i] != 0) Insert(low[i], rest[i]);
    }

    // Seeded, so that nobody can choose ids that collide.
    private ulong Hash(string id)
    {
        const ulong multiplier = 0x9E37_79B9_7F4A_7C15;
        var bytes = MemoryMarshal.AsBytes(id.AsSpan());
        var hash = _seed ^ (ulong)bytes.Length;
        for (; bytes.Length >= 8; bytes = bytes[8..]) hash = Mix(hash ^ MemoryMarshal.Read<ulong>(bytes), multiplier);
        ulong last = 0;
        for (var i = 0; i < bytes.Length; i++) last |= (ulong)bytes[i] << (8 * i);
        return Mix(Mix(hash ^ last, multiplier), _seed | 1);
    }

    private static ulong Mix(ulong a, ulong b)
    {
        var high = Math.BigMul(a, b, out var low);
        return high ^ low;
    }
}
