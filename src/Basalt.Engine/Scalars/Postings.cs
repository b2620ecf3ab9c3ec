using System.Buffers.Binary;
using System.Numerics;
using Basalt.Vectors;

namespace Basalt.Engine.Scalars;

/// <summary>How a list of ordinals lies.</summary>
internal enum PostingsForm : byte
{
    /// <summary>Gaps as varints.</summary>
    Gaps,

    /// <summary>A bitmap.</summary>
    Bitmap,

    /// <summary>Numbers of as many bytes as the greatest ordinal takes, in any order.</summary>
    Plain,
}

/// <summary>
/// A list of ordinals in mapped memory, as <see cref="PostingsBuilder"/> wrote it, read in order. Every ordinal is checked to be below the number of entries, and the list to end
/// where it says.
/// </summary>
internal unsafe struct Postings
{
    private const int Batch = 256;
    private readonly int _entries;
    private readonly PostingsForm _form;
    private readonly byte* _end;
    private byte* _at;
    private int _left;
    private int _ordinal;
    private ulong _word;

    /// <exception cref="InvalidDataException">A bitmap is not made of words within the entries.</exception>
    public Postings(ReadOnlySpan<byte> bytes, PostingsForm form, int count, int entries)
    {
        (_form, _entries, _left, _ordinal) = (form, entries, count, -1);
        // The bytes are mapped or pinned for as long as the section is held.
        fixed (byte* start = bytes)
        {
            _at = start;
            _end = start + bytes.Length;
        }

        if (form == PostingsForm.Bitmap)
        {
            _ordinal = ReadVarint() is var word and <= int.MaxValue / 64 ? (int)word * 64 - 64 : throw Damage();
            var bits = (_end - _at) * 8;
            if (bits % 64 != 0 || _ordinal + 64 + bits > ((long)entries + 63) / 64 * 64) throw Damage();
        }
        else if (form == PostingsForm.Plain && bytes.Length != (long)count * PlainBytes(entries))
        {
            throw Damage();
        }
    }

    /// <summary>How many bytes an ordinal takes in the plain form.</summary>
    public static int PlainBytes(int entries) => entries <= 1 << 8 ? 1 : entries <= 1 << 16 ? 2 : entries <= 1 << 24 ? 3 : 4;

    /// <summary>Adds all ordinals that were not read to a set, or removes them from it.</summary>
    public void MoveTo(OrdinalSet set, bool remove)
    {
        if (_form == PostingsForm.Bitmap && _word == 0)
        {
            MoveBits(set, remove);
            return;
        }

        Span<int> batch = stackalloc int[Batch];
        for (var read = Read(batch); read > 0; read = Read(batch))
        {
            if (remove) set.Remove(batch[..read]);
            else set.Add(batch[..read]);
        }
    }

    /// <summary>Reads as many as fit; 0 at the end.</summary>
    /// <exception cref="InvalidDataException">The list is damaged.</exception>
    public int Read(Span<int> ordinals)
    {
        var count = Math.Min(_left, ordinals.Length);
        ordinals = ordinals[..count];
        if (_form == PostingsForm.Gaps) ReadGaps(ordinals);
        else if (_form == PostingsForm.Bitmap) ReadBits(ordinals);
        else ReadPlain(ordinals);
        _left -= count;
        if (_left == 0 && count > 0) RequireEnd();
        return count;
    }

    private void ReadGaps(Span<int> ordinals)
    {
        long ordinal = _ordinal;
        foreach (ref var read in ordinals)
        {
            ordinal += (_at < _end && *_at < 0x80 ? *_at++ : ReadVarint()) + 1L;
            if (ordinal >= _entries) throw Damage();
            read = (int)ordinal;
        }

        _ordinal = (int)ordinal;
    }

    private void ReadBits(Span<int> ordinals)
    {
        foreach (ref var read in ordinals)
        {
            while (_word == 0)
            {
                if (_at == _end) throw Damage();
                _word = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(_at, sizeof(ulong)));
                _at += sizeof(ulong);
                _ordinal += 64;
            }

            read = _ordinal + BitOperations.TrailingZeroCount(_word);
            if (read >= _entries) throw Damage();
            _word &= _word - 1;
        }
    }

    private void ReadPlain(Span<int> ordinals)
    {
        var size = PlainBytes(_entries);
        var mask = uint.MaxValue >> (32 - 8 * size);
        foreach (ref var read in ordinals)
        {
            // Four bytes at a time, but for the last ordinals, behind which the block ends.
            var ordinal = _end - _at >= sizeof(uint) ? BinaryPrimitives.ReadUInt32LittleEndian(new ReadOnlySpan<byte>(_at, sizeof(uint))) & mask : ReadLast(size);
            _at += size;
            if (ordinal >= (uint)_entries) throw Damage();
            read = (int)ordinal;
        }
    }

    private readonly uint ReadLast(int size)
    {
        var ordinal = 0U;
        for (var i = 0; i < size; i++) ordinal |= (uint)_at[i] << 8 * i;
        return ordinal;
    }

    private void MoveBits(OrdinalSet set, bool remove)
    {
        var bits = new ReadOnlySpan<byte>(_at, (int)(_end - _at));
        var count = 0L;
        for (var at = 0; at < bits.Length; at += sizeof(ulong)) count += BitOperations.PopCount(BinaryPrimitives.ReadUInt64LittleEndian(bits[at..]));
        // The constructor has seen to it that less than a word is spare.
        var spare = _ordinal + 64L + bits.Length * 8L - _entries;
        if (count != _left || (spare > 0 && bits.Length > 0 && BinaryPrimitives.ReadUInt64LittleEndian(bits[^sizeof(ulong)..]) >> (int)(64 - spare) != 0)) throw Damage();
        if (remove) set.RemoveBits(_ordinal + 64, bits);
        else set.AddBits(_ordinal + 64, bits);
        _at = _end;
        _left = 0;
    }

    private readonly void RequireEnd()
    {
        if (_at != _end || _word != 0) throw Damage();
    }

    private uint ReadVarint()
    {
        var value = 0U;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (_at == _end) break;
            var b = *_at++;
            if (shift == 28 && b > 0xF) break;
            value |= (uint)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }

        throw Damage();
    }

    private static InvalidDataException Damage() => new("A list of ordinals of the scalar index is damaged.");
}
