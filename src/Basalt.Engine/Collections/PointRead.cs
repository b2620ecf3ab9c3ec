using System.Buffers;
using System.Text;
using Basalt.Engine.Records;
using Basalt.Lsm;
using Basalt.Records;

namespace Basalt.Engine.Collections;

/// <summary>Reads single records. Each thread keeps a buffer. Thread-safe.</summary>
internal static class PointRead
{
    private const int MostKeptBytes = 1 << 20;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    /// <summary>The record of an id, now or as of a snapshot; null when there is none.</summary>
    public static Record? Read(EngineCollection collection, string id, LsmSnapshot? snapshot)
    {
        // Who holds it while another read begins, as from a callback, makes an own one.
        var buffer = _buffer ?? new ArrayBufferWriter<byte>(512);
        _buffer = null;
        try
        {
            Span<byte> key = stackalloc byte[Record.MaxIdBytes];
            // A longer one names no record; nor does one that is no Unicode.
            if (!Encoding.UTF8.TryGetBytes(id, key, out var length) || Text.FirstUnpairedSurrogate(id) >= 0) return null;
            if (!collection.Tree.TryGet(key[..length], buffer, snapshot)) return null;
            try
            {
                return new RecordReader(collection.Names.Names).Read(id, buffer.WrittenSpan);
            }
            catch (InvalidDataException e)
            {
                throw EngineFaults.Damaged(collection.Name, id, e);
            }
        }
        finally
        {
            buffer.ResetWrittenCount();
            if (buffer.Capacity <= MostKeptBytes) _buffer = buffer;
        }
    }
}
