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

    /// <summary>What the block would take if it were closed here.</summary>
    public int Size => _bytes.Length + _restarts.Count * sizeof(int) + BlockFormat.TailSize;

    public ReadOnlySpan<byte> LastKey => _lastKey.AsSpan(0, _lastKeyLength);

    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isTombstone)
    {
        var shared = 0;
        if (Count % BlockFormat.RestartInterval == 0) _restarts.Add(_bytes.Length);
        else shared = LastKey.CommonPrefixLength(key);
        _bytes.AddVarint((uint)shared);
        _bytes.AddVarint((uint)(key.Length - shared));
        _bytes.AddVarint(isTombstone ? 0 : (uint)value.Length + 1);
        _bytes.Add(key[shared..]);
        if (!isTombstone) _bytes.Add(value);
        if (_lastKey.Length < key.Length) Array.Resize(ref _lastKey, Math.Max(key.Length, _lastKey.Length * 2));
        key[shared..].CopyTo(_lastKey.AsSpan(shared));
        _lastKeyLength = key.Length;
        Count++;
    }

    /// <summary>The finished block. Valid until <see cref="Clear"/>.</summary>
    public ReadOnlySpan<byte> Finish()
    {
        foreach (var restart in _restarts) _bytes.AddUInt32((uint)restart);
        _bytes.AddUInt32((uint)_restarts.Count);
        _bytes.AddUInt32(Crc32C.Of(_bytes.Written));
        return _bytes.Written;
    }

    public void Clear()
    {
        _bytes.Clear();
        _restarts.Clear();
        (_lastKeyLength, Count) = (0, 0);
    }
}
