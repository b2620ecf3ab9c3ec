using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Wal;

/// <summary>
/// Reads the frames of a log in order. A torn end, which only the last log of a store can have, ends the reading at <see cref="ValidLength"/>;
/// damage anywhere else is an error that names the place. Memory is bounded by the longest frame and a window.
/// </summary>
internal sealed class LogReader : IDisposable
{
    private const int Window = 256 << 10;
    private readonly IReadableFile _file;
    private readonly string _path;
    private readonly bool _mayBeTorn;
    private readonly long _fileLength;
    private FileCipher? _cipher;
    private byte[] _plain = [];
    private byte[] _window = [];
    private long _windowAt;
    private int _windowLength;
    private ulong _sequence;

    private LogReader(IReadableFile file, string path, bool mayBeTorn) => (_file, _path, _mayBeTorn, _fileLength) = (file, path, mayBeTorn, file.Length);

    /// <summary>The number that the file's head carries.</summary>
    public ulong Number { get; private set; }

    /// <summary>How much of the file has been read and found whole; zero when the head itself is torn.</summary>
    public long ValidLength { get; private set; }

    /// <summary>The sequence of the last entry read; at first the one that the log begins behind.</summary>
    public ulong LastSequence => _sequence;

    /// <summary>What the file says of its key; null when it is not encrypted.</summary>
    public CipherHeader? Encryption { get; private set; }

    /// <summary>Opens a log and reads its head. The key of an encrypted one is proved here, before any frame.</summary>
    public static LogReader Open(IFileSystem disk, string path, ReadOnlySpan<byte> magic, ulong expectedNumber, bool mayBeTorn, IKeyProvider? keys) =>
        Open(disk.Open(path), path, magic, expectedNumber, mayBeTorn, keys);

    public static LogReader Open(IReadableFile file, string path, ReadOnlySpan<byte> magic, ulong expectedNumber, bool mayBeTorn, IKeyProvider? keys)
    {
        var reader = new LogReader(file, path, mayBeTorn);
        try
        {
            reader.ReadHead(magic, expectedNumber, keys);
            return reader;
        }
        catch
        {
            reader.Dispose();
            throw;
        }
    }

    private void ReadHead(ReadOnlySpan<byte> magic, ulong expectedNumber, IKeyProvider? keys)
    {
        if (LogFormat.TryReadHead(Bytes(0, LogFormat.HeadSize), magic, _path, out var number, out _sequence, out var isEncrypted))
        {
            if (number != expectedNumber) throw LsmException.Corrupt(_path, 16, $"it is log {number}, not {expectedNumber}");
            if (isEncrypted) Encryption = CipherHeader.TryRead(Bytes(LogFormat.HeadSize, CipherHeader.MaxSize), _path);
            if (!isEncrypted || Encryption is not null)
            {
                if (Encryption is not null) _cipher = FileCipher.Open(keys, Encryption, _path);
                (Number, ValidLength) = (number, LogFormat.HeadSize + (Encryption?.Size ?? 0));
                return;
            }
        }

        // The head is made durable before anything is logged: with a frame behind it, it was once whole.
        Number = expectedNumber;
        if (!_mayBeTorn || HasFrameBehind(LogFormat.HeadSize - 1)) throw LsmException.Corrupt(_path, 0, "the head is not that of a log");
    }

    /// <summary>The next entry or reservation; false at the end. The payload is valid until the next call.</summary>
    public bool Read(out FrameHead head, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        while (true)
        {
            head = default;
            var at = ValidLength;
            if (at == 0 || at == _fileLength) return false;
            var bytes = Bytes(at, FrameHead.Size);
            if (bytes.Length < FrameHead.Size) return Damaged(at, "a frame is cut short");
            if (!FrameHead.TryRead(bytes, Number, out head)) return Damaged(at, "the head of a frame fails its checksum");
            payload = Bytes(at + FrameHead.Size, head.PayloadLength);
            if (payload.Length < head.PayloadLength) return Damaged(at, "the payload of a frame is cut short");
            if (Crc32C.Of(payload) != head.PayloadChecksum) return Damaged(at, "the payload of a frame fails its checksum");
            if (head.Synced > (ulong)at) throw LsmException.Corrupt(_path, at, "a frame claims that bytes behind it were synced before it");
            if (head.Kind != FrameKind.End)
            {
                if (head.Count == 0 || head.Sequence != _sequence + 1) throw LsmException.Corrupt(_path, at, $"sequence {head.Sequence} follows {_sequence}");
                _sequence += head.Count;
            }

            if (_cipher is not null) payload = Unseal(head, payload, at);
            ValidLength = at + FrameHead.Size + head.PayloadLength;
            if (head.Kind != FrameKind.End) return true;
        }
    }

    /// <summary>The checksum held, so this is no torn write: what cannot be opened was changed on purpose.</summary>
    private ReadOnlySpan<byte> Unseal(FrameHead head, ReadOnlySpan<byte> stored, long at)
    {
        Span<byte> bound = stackalloc byte[FrameHead.BoundSize];
        head.WriteBound(bound, Number);
        var length = Math.Max(0, stored.Length - FileCipher.StoredNonceOverhead);
        if (_plain.Length < length) _plain = new byte[Math.Max(length, Window)];
        _cipher!.OpenWithNonce(bound, stored, _plain.AsSpan(0, length), _path, at);
        return _plain.AsSpan(0, length);
    }

    private bool Damaged(long at, string what)
    {
        if (!_mayBeTorn) throw LsmException.Corrupt(_path, at, what);
        if (HasFrameBehind(at)) throw LsmException.Corrupt(_path, at, what + ", and a later frame proves that it was once whole");
        return false;
    }

    /// <summary>Whether a frame behind this place was written when the place had been synced.</summary>
    private bool HasFrameBehind(long place)
    {
        for (var at = place + 1; at + FrameHead.Size <= _fileLength; at++)
            if (FrameHead.TryRead(Bytes(at, FrameHead.Size), Number, out var head) && head.Synced > (ulong)place && head.Synced <= (ulong)at) return true;
        return false;
    }

    /// <summary>So many bytes from the place on, fewer at the end of the file.</summary>
    private ReadOnlySpan<byte> Bytes(long at, int count)
    {
        count = (int)Math.Min(count, _fileLength - at);
        if (at < _windowAt || at + count > _windowAt + _windowLength)
        {
            var wanted = (int)Math.Min(Math.Max(count, Window), _fileLength - at);
            if (_window.Length < wanted) _window = new byte[wanted];
            _windowLength = _file.Read(at, _window.AsSpan(0, wanted));
            _windowAt = at;
            count = Math.Min(count, _windowLength);
        }

        return _window.AsSpan((int)(at - _windowAt), count);
    }

    public void Dispose()
    {
        _file.Dispose();
        _cipher?.Dispose();
    }
}
