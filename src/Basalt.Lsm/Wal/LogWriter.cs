using Basalt.Lsm.IO;

namespace Basalt.Lsm.Wal;

/// <summary>Appends frames to a log. One thread at a time. After a failure the log must not be written any more.</summary>
internal sealed class LogWriter : IDisposable
{
    private const int KeptBuffer = 1 << 20;
    private readonly IWritableFile _file;
    private ByteBuffer _buffer = new();
    private long _length;
    private long _synced;

    private LogWriter(IWritableFile file, string path, ulong number, long length) => (_file, Path, Number, _length, _synced) = (file, path, number, length, length);

    public string Path { get; }

    public ulong Number { get; }

    public long Length => _length;

    public bool IsSynced => _synced == _length;

    /// <summary>A new log, durable with its name.</summary>
    public static LogWriter Create(IFileSystem disk, string path, ReadOnlySpan<byte> magic, ulong number, ulong sequence)
    {
        var file = disk.Create(path);
        try
        {
            Span<byte> head = stackalloc byte[LogFormat.HeadSize];
            LogFormat.WriteHead(head, magic, number, sequence);
            file.Append(head);
            file.Sync();
            disk.SyncFolder(System.IO.Path.GetDirectoryName(path)!);
            return new LogWriter(file, path, number, LogFormat.HeadSize);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Goes on behind the valid part of a log; what is behind it is cut off, durably.</summary>
    public static LogWriter Continue(IFileSystem disk, string path, ulong number, long validLength)
    {
        var file = disk.Append(path, validLength);
        try
        {
            file.Sync();
            return new LogWriter(file, path, number, validLength);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Adds a frame to what the next <see cref="Write"/> writes.</summary>
    public void Add(FrameKind kind, uint count, ulong sequence, ReadOnlySpan<byte> payload)
    {
        var at = _buffer.Take(FrameHead.Size + payload.Length);
        payload.CopyTo(at[FrameHead.Size..]);
        new FrameHead(kind, count, payload.Length, Crc32C.Of(payload), sequence, (ulong)_synced).Write(at, Number);
    }

    public void Write()
    {
        _file.Append(_buffer.Written);
        _length += _buffer.Length;
        if (_buffer.Length > KeptBuffer) _buffer = new ByteBuffer();
        else _buffer.Clear();
    }

    public void Sync()
    {
        if (IsSynced) return;
        var length = _length;
        _file.Sync();
        _synced = length;
    }

    /// <summary>Says that nothing follows, so that damage to the last frames cannot pass for a torn write.</summary>
    public void End(ulong sequence)
    {
        Sync();
        Add(FrameKind.End, 0, sequence, []);
        Write();
        Sync();
    }

    public void Dispose() => _file.Dispose();
}
