using System.Runtime.InteropServices;

namespace Basalt.Engine.Terms;

/// <summary>A stream of bytes in a <see cref="SlicePool"/>: 16 bytes, so a term may have some of its own. Zero is an empty one.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct SliceList
{
    /// <summary>The first slice, and the one that is written, as units of the pool plus one.</summary>
    internal uint First;
    internal uint Last;

    /// <summary>How many bytes of the last slice are taken.</summary>
    internal ushort Used;

    /// <summary>Its size: 16 shifted by this.</summary>
    internal byte Level;
}

/// <summary>
/// Many growing streams of bytes in few arrays: each is a chain of slices, from 16 bytes on, each twice as long as the one before, up to 2 KiB, that end with the place of the next. At most 64 GiB together. One thread.
/// </summary>
internal sealed class SlicePool
{
    private const int ChunkBytes = 64 << 10;
    private const int Unit = 16;
    private const int Link = sizeof(uint);
    private const byte MostLevel = 7;

    private readonly List<byte[]> _chunks = [];
    private int _used = ChunkBytes;

    /// <summary>What it holds.</summary>
    public long Bytes => (long)_chunks.Count * ChunkBytes;

    public void AppendVarint(ref SliceList list, uint value)
    {
        for (; value >= 0x80; value >>= 7) Append(ref list, (byte)(value | 0x80));
        Append(ref list, (byte)value);
    }

    public void Append(ref SliceList list, byte value)
    {
        if (list.Last == 0)
        {
            list.First = list.Last = Take(0);
        }
        else if (list.Used == (Unit << list.Level) - Link)
        {
            var level = (byte)Math.Min(list.Level + 1, MostLevel);
            var next = Take(level);
            MemoryMarshal.Write(At(list.Last).Slice(list.Used, Link), next);
            (list.Last, list.Used, list.Level) = (next, 0, level);
        }

        At(list.Last)[list.Used++] = value;
    }

    public Reader Read(in SliceList list) => new(this, list);

    private Span<byte> At(uint place)
    {
        var at = (long)(place - 1) * Unit;
        return _chunks[(int)(at / ChunkBytes)].AsSpan((int)(at % ChunkBytes));
    }

    private uint Take(byte level)
    {
        var size = Unit << level;
        if (_used + size > ChunkBytes)
        {
            if (Bytes / Unit + ChunkBytes / Unit >= uint.MaxValue) throw new InvalidOperationException("The postings of one table exceed 64 GiB. Make tables smaller.");
            _chunks.Add(GC.AllocateUninitializedArray<byte>(ChunkBytes));
            _used = 0;
        }

        var at = (long)(_chunks.Count - 1) * ChunkBytes + _used;
        _used += size;
        return (uint)(at / Unit) + 1;
    }

    /// <summary>Reads a stream from its beginning. The caller knows when it ends.</summary>
    internal ref struct Reader(SlicePool pool, in SliceList list)
    {
        private readonly SlicePool _pool = pool;
        private ReadOnlySpan<byte> _slice = list.First == 0 ? default : pool.At(list.First)[..Unit];
        private int _at;
        private byte _level;

        public uint ReadVarint()
        {
            uint value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var b = ReadByte();
                value |= (uint)(b & 0x7F) << shift;
                if (b < 0x80) return value;
            }
        }

        public byte ReadByte()
        {
            if (_at == _slice.Length - Link)
            {
                _level = (byte)Math.Min(_level + 1, MostLevel);
                _slice = _pool.At(MemoryMarshal.Read<uint>(_slice[_at..]))[..(Unit << _level)];
                _at = 0;
            }

            return _slice[_at++];
        }
    }
}
