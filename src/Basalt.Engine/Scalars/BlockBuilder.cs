using Basalt.Lsm.IO;

namespace Basalt.Engine.Scalars;

/// <summary>
/// Puts a block together: up to 64 keys in ascending order with their lists of ordinals.
/// </summary>
/// <remarks>
/// Keys: a byte whose upper half is how many bytes the key shares with the one before it and whose lower half is how many follow, each up to 14, or 15 and the rest as a varint, behind
/// the byte in that order; then the bytes that follow. Lists: a byte; 0 when each key has one ordinal, which follow in the plain form; or 1, for each key the number of its ordinals (varint) and the
/// length of its list times two, plus one for a bitmap (varint), then the lists.
/// </remarks>
internal sealed class BlockBuilder
{
    /// <summary>Each key has one ordinal.</summary>
    public const byte Singles = 0;

    /// <summary>A directory, and lists.</summary>
    public const byte Lists = 1;

    private const int Nibble = 15;
    private readonly ByteBuffer _keys = new(4096);
    private readonly ByteBuffer _directory = new();
    private readonly ByteBuffer _lists = new(4096);
    private readonly byte[] _last = new byte[KeyWriter.CutBytes];
    private readonly int[] _ordinals = new int[ScalarFormat.BlockKeys];
    private int _lastLength;
    private bool _hasLists;

    public int Count { get; private set; }

    public int Entries { get; private set; }

    /// <summary>The first 8 bytes of the first key.</summary>
    public ulong Head { get; private set; }

    public ReadOnlySpan<byte> Keys => _keys.Written;

    public void Clear()
    {
        _keys.Clear();
        _directory.Clear();
        _lists.Clear();
        (Count, Entries, _lastLength, _hasLists) = (0, 0, 0, false);
    }

    public void Add(ReadOnlySpan<byte> key, PostingsBuilder ordinals)
    {
        if (Count == 0) Head = HeadOf(key);
        var shared = _last.AsSpan(0, _lastLength).CommonPrefixLength(key);
        var rest = key[shared..];
        _keys.Add((byte)(Math.Min(shared, Nibble) << 4 | Math.Min(rest.Length, Nibble)));
        if (shared >= Nibble) _keys.AddVarint((uint)(shared - Nibble));
        if (rest.Length >= Nibble) _keys.AddVarint((uint)(rest.Length - Nibble));
        _keys.Add(rest);
        rest.CopyTo(_last.AsSpan(shared));
        _lastLength = key.Length;

        var before = _lists.Length;
        var isBitmap = ordinals.Write(_lists);
        _directory.AddVarint((uint)ordinals.Count);
        _directory.AddVarint((uint)(_lists.Length - before) * 2UL + (isBitmap ? 1UL : 0UL));
        _hasLists |= ordinals.Count > 1;
        _ordinals[Count++] = ordinals.First;
        Entries += ordinals.Count;
    }

    /// <summary>What is behind the keys.</summary>
    public void WritePostings(ByteBuffer to, int entries)
    {
        if (_hasLists)
        {
            to.Add(Lists);
            to.Add(_directory.Written);
            to.Add(_lists.Written);
            return;
        }

        to.Add(Singles);
        var size = Postings.PlainBytes(entries);
        foreach (var ordinal in _ordinals.AsSpan(0, Count))
            for (var i = 0; i < size; i++) to.Add((byte)(ordinal >> 8 * i));
    }

    public static ulong HeadOf(ReadOnlySpan<byte> key)
    {
        var head = 0UL;
        for (var i = 0; i < sizeof(ulong); i++) head = head << 8 | (i < key.Length ? key[i] : (byte)0);
        return head;
    }
}
