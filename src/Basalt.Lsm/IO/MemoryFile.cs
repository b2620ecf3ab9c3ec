namespace Basalt.Lsm.IO;

/// <summary>The content of a file in memory: what is there, and what would be there after a power cut at least.</summary>
internal sealed class MemoryFile
{
    private const int Sector = 512;
    private byte[] _bytes = [];
    private int _length;
    private byte[] _synced = [];

    public MemoryFile()
    {
    }

    private MemoryFile(byte[] content) => (_bytes, _length, _synced) = (content, content.Length, content.AsSpan().ToArray());

    public int Length => _length;

    public int Read(long offset, Span<byte> buffer)
    {
        if (offset >= _length) return 0;
        var count = (int)Math.Min(buffer.Length, _length - offset);
        _bytes.AsSpan((int)offset, count).CopyTo(buffer);
        return count;
    }

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_bytes.Length < _length + bytes.Length) Array.Resize(ref _bytes, Math.Max(_length + bytes.Length, _bytes.Length * 2));
        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }

    public void Cut(long length)
    {
        if (length > _length) throw new IOException($"Cannot cut a file of {_length} bytes to {length}.");
        _length = (int)length;
    }

    public void Sync() => _synced = _bytes.AsSpan(0, _length).ToArray();

    public void Damage(long offset, byte mask) => _bytes[checked((int)offset)] ^= mask;

    /// <summary>The file after a power cut: each unsynced sector was written or not, a hole in the middle reads as zeros.</summary>
    public MemoryFile AfterCrash(Random random, double keepProbability)
    {
        bool Keeps() => random.NextDouble() < keepProbability;
        var common = _synced.AsSpan().CommonPrefixLength(_bytes.AsSpan(0, _length));
        if (common == _synced.Length && common == _length) return new MemoryFile(_synced.AsSpan().ToArray());
        var length = Keeps() ? _length : Math.Max(common, Math.Min(_synced.Length, _length));
        if (length == _length && _length > common && !Keeps()) length = common + random.Next(_length - common + 1);
        if (_synced.Length > _length && !Keeps()) length = _synced.Length;
        var content = new byte[length];
        for (var at = 0; at < length; at += Sector)
        {
            var end = Math.Min(at + Sector, length);
            var isNew = Keeps();
            for (var i = at; i < end; i++)
                content[i] = i < common ? _synced[i] : isNew && i < _length ? _bytes[i] : i < _synced.Length ? _synced[i] : (byte)0;
        }

        return new MemoryFile(content);
    }
}
