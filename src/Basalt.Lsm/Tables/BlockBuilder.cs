using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>Puts a block together out of entries in ascending order of keys.</summary>
internal sealed class BlockBuilder
{
    private readonly ByteBuffer _bytes = new(8192);
    private readonly List<int> _restarts = [];
    private byte[] _lastKey = new byte[256];
    private int _lastKeyLength;

    public int Count { get; private set; }

    /// <summary>What the content would take if it were closed here.</summary>
    public int Size => _bytes.Length + _restarts.Count * sizeof(int) + BlockFormat.TailSize;

    public ReadOnlySpan<byte> LastKey => _lastKey.AsSpan(0, _lastKeyLength);

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, EntryKind kind)
    {
        var shared = 0;
        if (Count % BlockFormat.RestartInterval == 0) _restarts.Add(_bytes.Length);
        else shared = LastKey.CommonPrefixLength(key);
        _bytes.AddVarint((uint)shared);
        _bytes.AddVarint((uint)(key.Length - shared));
        _bytes.AddVarint(kind.IsTombstone ? 0 : (ulong)value.Length * 2 + (kind.Expiry > 0 ? 2UL : 1UL));
        if (kind.Expiry > 0) _bytes.AddVarint(kind.Expiry);
        _bytes.Add(key[shared..]);
        if (!kind.IsTombstone) _bytes.Add(value);
        if (_lastKey.Length < key.Length) Array.Resize(ref _lastKey, Math.Max(key.Length, _lastKey.Length * 2));
        key[shared..].CopyTo(_lastKey.AsSpan(shared));
        _lastKeyLength = key.Length;
        Count++;
    }

    /// <summary>The content of the finished block. Valid until <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        foreach (var restart in _restarts) _bytes.AddUInt32((uint)restart);
        _bytes.AddUInt32((uint)_restarts.Count);
        return _bytes.Written;
    }

    public void Clear()
    {
        _bytes.Clear();
        _restarts.Clear();
        (_lastKeyLength, Count) = (0, 0);
    }
}
