using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>
/// What a builder has no memory for: bytes that are written, and then read from the beginning, in a file that goes with the stream. Encrypted like a sidecar, if the store is. It has the name of one
/// that no version lists, so what a crash leaves is removed at the next open. One thread.
/// </summary>
internal sealed class ScratchFile : Stream
{
    private readonly TableResources _resources;
    private readonly string _path;
    private readonly FileCipher? _cipher;
    private readonly TableFile _file;
    private readonly SectionWriter _writer;
    private IReadableFile? _readable;
    private SectionContent? _content;
    private long _position;
    private bool _isDisposed;

    public ScratchFile(TableResources resources, string path)
    {
        (_resources, _path) = (resources, path);
        _cipher = resources.Keys is null ? null : FileCipher.Create(resources.Keys);
        try
        {
            _file = new TableFile(resources.Disk.Create(path));
        }
        catch
        {
            _cipher?.Dispose();
            throw;
        }

        _writer = new SectionWriter(_file, _cipher);
    }

    public override bool CanRead => !_isDisposed;

    public override bool CanSeek => !_isDisposed;

    public override bool CanWrite => !_isDisposed && _content is null;

    public override long Length => _writer.Length;

    /// <summary>Where the next byte is read. It can only be set to zero, behind the last write.</summary>
    public override long Position
    {
        get => _content is null ? _writer.Length : _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(value, 0);
            EndWriting();
            _position = 0;
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_content is not null) throw new InvalidOperationException("It is being read; nothing can be added.");
        _writer.Append(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        EndWriting();
        var taken = (int)Math.Min(buffer.Length, Length - _position);
        _content!.Read(_position, buffer[..taken], verify: false);
        _position += taken;
        return taken;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override long Seek(long offset, SeekOrigin origin)
    {
        if (origin != SeekOrigin.Begin) throw new NotSupportedException();
        return Position = offset;
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (!disposing || _isDisposed) return;
        _isDisposed = true;
        _readable?.Dispose();
        _file.Dispose();
        _cipher?.Dispose();
        _resources.Disk.Delete(_path);
    }

    private void EndWriting()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_content is not null) return;
        _writer.Complete();
        _file.Flush();
        _readable = _resources.Disk.Open(_path);
        _content = new SectionContent(_readable, new SectionPlace(_path, "scratch", 0, _writer.StoredLength, Math.Max(1, _writer.StoredLength), []), _cipher, _resources.Memory);
    }
}
