using System.Buffers.Binary;
using System.Text;

namespace Basalt.Migration;

/// <summary>
/// What a move wrote, in order, on disk: for reading it back from a destination that holds other records too. Each entry is the length of the
/// id (uint16, little-endian), the id in UTF-8 and the content hash (16 bytes, little-endian).
/// </summary>
internal sealed class WrittenLog : IDisposable
{
    private readonly FileStream _file;
    private readonly byte[] _entry = new byte[sizeof(ushort) + Records.Record.MaxIdBytes + 16];

    /// <summary>Opens the log at its length of the checkpoint: what was added later belongs to a batch that will be done again.</summary>
    public WrittenLog(string? path, long length)
    {
        _file = path is null
            ? new FileStream(Path.Combine(Path.GetTempPath(), "basalt-written-" + Guid.NewGuid().ToString("N")), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose)
            : new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1 << 16);
        if (_file.Length < length)
        {
            _file.Dispose();
            throw new BasaltException(ErrorCode.Corrupt, $"The log '{path}' is shorter than its checkpoint says; start from the beginning without resuming.") { Target = path };
        }

        _file.SetLength(length);
        _file.Position = length;
    }

    public void Add(string id, UInt128 hash)
    {
        var length = Encoding.UTF8.GetBytes(id, _entry.AsSpan(sizeof(ushort)));
        BinaryPrimitives.WriteUInt16LittleEndian(_entry, (ushort)length);
        BinaryPrimitives.WriteUInt128LittleEndian(_entry.AsSpan(sizeof(ushort) + length), hash);
        _file.Write(_entry, 0, sizeof(ushort) + length + 16);
    }

    /// <summary>Makes what was added durable.</summary>
    /// <returns>The length of the log.</returns>
    public long Sync(bool isDurable)
    {
        _file.Flush(isDurable);
        return _file.Position;
    }

    /// <summary>All entries, from the first.</summary>
    public IEnumerable<(string Id, UInt128 Hash)> Read()
    {
        _file.Flush();
        _file.Position = 0;
        while (_file.ReadAtLeast(_entry.AsSpan(0, sizeof(ushort)), sizeof(ushort), throwOnEndOfStream: false) == sizeof(ushort))
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(_entry);
            _file.ReadExactly(_entry, 0, length + 16);
            yield return (Encoding.UTF8.GetString(_entry, 0, length), BinaryPrimitives.ReadUInt128LittleEndian(_entry.AsSpan(length)));
        }
    }

    public void Dispose() => _file.Dispose();
}
