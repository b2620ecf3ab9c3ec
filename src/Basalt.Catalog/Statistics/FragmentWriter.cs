using System.Buffers;
using System.Buffers.Binary;

namespace Basalt.Catalog.Statistics;

/// <summary>Writes the series of one file, in the order of their names, as chunks. Bytes: docs/formats/fragment.md.</summary>
internal sealed class FragmentWriter
{
    /// <summary>The first byte of every chunk.</summary>
    public const byte Version = 1;

    private const int ChunkBytes = 128 << 10;
    private readonly ArrayBufferWriter<byte> _chunk = new(ChunkBytes + 4096);
    private byte[] _last = [];
    private int _lastLength;

    /// <summary>Whether the chunk is large enough to be taken.</summary>
    public bool IsFull => _chunk.WrittenCount >= ChunkBytes;

    public bool IsEmpty => _chunk.WrittenCount == 0;

    public void Add(ReadOnlySpan<byte> name, in SeriesTally tally)
    {
        if (_chunk.WrittenCount == 0) _chunk.Write([Version]);
        var shared = _last.AsSpan(0, _lastLength).CommonPrefixLength(name);
        Number((ulong)shared);
        Number((ulong)(name.Length - shared));
        _chunk.Write(name[shared..]);
        Number((ulong)tally.Rows);
        Number((ulong)tally.Timed);
        if (tally.Timed > 0)
        {
            _chunk.Write([(byte)tally.Flaws]);
            BinaryPrimitives.WriteInt64LittleEndian(_chunk.GetSpan(8), tally.First);
            _chunk.Advance(8);
            Number((ulong)(tally.Last - tally.First));
            Number((ulong)(tally.Step + 1));
        }

        if (_last.Length < name.Length) _last = new byte[name.Length * 2];
        name.CopyTo(_last);
        _lastLength = name.Length;
    }

    /// <summary>The chunk; the next series begins another one.</summary>
    public byte[] Take()
    {
        var chunk = _chunk.WrittenSpan.ToArray();
        _chunk.ResetWrittenCount();
        _lastLength = 0;
        return chunk;
    }

    private void Number(ulong value)
    {
        var span = _chunk.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7) span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        _chunk.Advance(length);
    }
}
