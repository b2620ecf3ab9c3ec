using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>A table file being written: small appends become large writes.</summary>
internal sealed class TableFile(IWritableFile file) : IDisposable
{
    private const int FlushAt = 256 << 10;
    private readonly ByteBuffer _pending = new(64 << 10);
    private long _written;

    public long Length => _written + _pending.Length;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length >= FlushAt)
        {
            Flush();
            file.Append(bytes);
            _written += bytes.Length;
            return;
        }

        _pending.Add(bytes);
        if (_pending.Length >= FlushAt) Flush();
    }

    /// <summary>Zeros up to the next multiple.</summary>
    public void Align(int multiple)
    {
        var gap = (int)((multiple - Length % multiple) % multiple);
        Span<byte> zeros = stackalloc byte[256];
        zeros.Clear();
        for (; gap > 0; gap -= Math.Min(gap, zeros.Length)) Append(zeros[..Math.Min(gap, zeros.Length)]);
    }

    public void Sync()
    {
        Flush();
        file.Sync();
    }

    /// <summary>Hands everything to the system, so that who opens the file sees it.</summary>
    public void Flush()
    {
        file.Append(_pending.Written);
        _written += _pending.Length;
        _pending.Clear();
    }

    public void Dispose() => file.Dispose();
}
