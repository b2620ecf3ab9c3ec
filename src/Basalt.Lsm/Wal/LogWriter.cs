using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Wal;

/// <summary>Appends frames to a log, sealed when it has a cipher, which it owns. One thread at a time. After a failure the log must not be written any more.</summary>
internal sealed class LogWriter : IDisposable
{
    private const int KeptBuffer = 1 << 20;
    private IWritableFile _file;
    private ByteBuffer _buffer = new();
    private long _length;
    private long _synced;

    private readonly FileCipher? _cipher;

    private LogWriter(IWritableFile file, string path, ulong number, long length, FileCipher? cipher) =>
        (_file, Path, Number, _length, _synced, _cipher) = (file, path, number, length, length, cipher);

    public string Path { get; }

    public ulong Number { get; }

    public long Length => _length;

    /// <summary>The id of the key that it is encrypted under; null: it is not.</summary>
    public string? KeyId => _cipher?.KeyId;

    public bool IsSynced => _synced == _length;

    /// <summary>A new log, durable with its name.</summary>
    public static LogWriter Create(IFileSystem disk, string path, ReadOnlySpan<byte> magic, ulong number, ulong sequence, FileCipher? cipher)
    {
        IWritableFile? file = null;
        try
        {
            file = disk.Create(path);
            var header = cipher is null ? default : cipher.Header;
            var head = (stackalloc byte[LogFormat.HeadSize + CipherHeader.MaxSize])[..(LogFormat.HeadSize + header.Length)];
            LogFormat.WriteHead(head, magic, number, sequence, cipher is not null);
            header.CopyTo(head[LogFormat.HeadSize..]);
            file.Append(head);
            file.Sync();
            disk.SyncFolder(System.IO.Path.GetDirectoryName(path)!);
            return new LogWriter(file, path, number, head.Length, cipher);
        }
        catch
        {
            file?.Dispose();
            cipher?.Dispose();
            throw;
        }
    }

    /// <summary>Goes on behind the valid part of a log; what is behind it is cut off, durably.</summary>
    public static LogWriter Continue(IFileSystem disk, string path, ulong number, long validLength, FileCipher? cipher)
    {
        IWritableFile? file = null;
        try
        {
            file = disk.Append(path, validLength);
            file.Sync();
            return new LogWriter(file, path, number, validLength, cipher);
        }
        catch
        {
            file?.Dispose();
            cipher?.Dispose();
            throw;
        }
    }

    /// <summary>Adds a frame to what the next <see cref="Write"/> writes.</summary>
    public void Add(FrameKind kind, uint count, ulong sequence, ReadOnlySpan<byte> payload)
    {
        var stored = payload.Length + (_cipher is null ? 0 : FileCipher.StoredNonceOverhead);
        var at = _buffer.Take(FrameHead.Size + stored);
        var head = new FrameHead(kind, count, stored, 0, sequence, (ulong)_synced);
        Store(head, payload, at[FrameHead.Size..]);
        (head with { PayloadChecksum = Crc32C.Of(at[FrameHead.Size..]) }).Write(at, Number);
    }

    private void Store(FrameHead head, ReadOnlySpan<byte> payload, Span<byte> stored)
    {
        if (_cipher is null)
        {
            payload.CopyTo(stored);
            return;
        }

        Span<byte> bound = stackalloc byte[FrameHead.BoundSize];
        head.WriteBound(bound, Number);
        _cipher.SealWithNonce(bound, payload, stored);
    }

    /// <summary>Adds a frame that passes over sequences.</summary>
    public void Reserve(uint count, ulong sequence) => Add(FrameKind.Reserved, count, sequence, []);

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

    /// <summary>Takes back what was added behind a length, and what is not written yet. When it throws, what the file holds is not known.</summary>
    public void Rewind(IFileSystem disk, long length)
    {
        _buffer.Clear();
        _file.Dispose();
        _file = disk.Append(Path, length);
        // The cut is durable before anybody hears that the write was not done: it must not be there after a power cut.
        _file.Sync();
        (_length, _synced) = (length, length);
    }

    /// <summary>Says that nothing follows, so that damage to the last frames cannot pass for a torn write.</summary>
    public void End(ulong sequence)
    {
        Sync();
        Add(FrameKind.End, 0, sequence, []);
        Write();
        Sync();
    }

    public void Dispose()
    {
        _file.Dispose();
        _cipher?.Dispose();
    }
}
