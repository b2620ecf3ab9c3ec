using System.Numerics;
using Basalt.Lsm.IO;

namespace Basalt.Engine.Scalars;

/// <summary>
/// Puts a list of ascending ordinals together: as gaps, or as a bitmap where that is shorter. Gaps: the first ordinal, then each less the one before it less one, as varints.
/// Bitmap: the number of its first word as a varint, then words of 64 bits, little-endian. Holds the gaps. Not thread-safe.
/// </summary>
internal sealed class PostingsBuilder
{
    private readonly ByteBuffer _gaps = new();
    private int _first;
    private int _last = -1;

    public int Count { get; private set; }

    /// <summary>The only ordinal, of a list of one.</summary>
    public int First => _first;

    public void Clear()
    {
        _gaps.Clear();
        (_first, _last, Count) = (0, -1, 0);
    }

    /// <summary>Adds an ordinal above all others.</summary>
    public void Add(int ordinal)
    {
        if (Count++ == 0) _first = ordinal;
        _gaps.AddVarint((uint)(ordinal - _last - 1));
        _last = ordinal;
    }

    /// <summary>Writes the list; returns whether it is a bitmap.</summary>
    public bool Write(ByteBuffer to)
    {
        var firstWord = _first >> 6;
        var words = Count == 0 ? 0 : (_last >> 6) - firstWord + 1;
        var bitmapBytes = (BitOperations.Log2((uint)firstWord | 1) / 7) + 1 + (long)words * sizeof(ulong);
        if (bitmapBytes >= _gaps.Length)
        {
            to.Add(_gaps.Written);
            return false;
        }

        to.AddVarint((uint)firstWord);
        var bitmap = to.Take(words * sizeof(ulong));
        bitmap.Clear();
        var gaps = new ByteReader(_gaps.Written);
        for (var ordinal = -1; !gaps.IsAtEnd;)
        {
            ordinal += (int)gaps.ReadVarint() + 1;
            bitmap[(ordinal >> 3) - firstWord * sizeof(ulong)] |= (byte)(1 << (ordinal & 7));
        }

        return true;
    }
}
