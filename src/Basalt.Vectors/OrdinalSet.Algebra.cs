using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Basalt.Vectors;

/// <summary>Whole sets and runs of ordinals at a time; every operation keeps <see cref="Count"/> right.</summary>
public sealed partial class OrdinalSet
{
    private const int WordBits = 64;

    /// <summary>A copy of a set, of the same capacity.</summary>
    public OrdinalSet(OrdinalSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        (Capacity, Count) = (other.Capacity, other.Count);
        _words = (ulong[])other._words.Clone();
    }

    /// <summary>Adds ordinals, in any order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is negative or past the capacity; those before it were added.</exception>
    public void Add(ReadOnlySpan<int> ordinals)
    {
        var words = _words;
        var added = 0;
        foreach (var ordinal in ordinals)
        {
            if ((uint)ordinal >= (uint)Capacity)
            {
                Count += added;
                throw new ArgumentOutOfRangeException(nameof(ordinals), ordinal, $"The set holds ordinals below {Capacity}.");
            }

            ref var word = ref words[ordinal >> 6];
            added += (int)(~word >> ordinal & 1);
            word |= 1UL << ordinal;
        }

        Count += added;
    }

    /// <summary>Removes ordinals, in any order; those that are not there are passed over.</summary>
    public void Remove(ReadOnlySpan<int> ordinals)
    {
        var words = _words;
        foreach (var ordinal in ordinals)
        {
            if ((uint)ordinal >= (uint)Capacity) continue;
            ref var word = ref words[ordinal >> 6];
            Count -= (int)(word >> ordinal & 1);
            word &= ~(1UL << ordinal);
        }
    }

    /// <summary>Adds the ordinals from <paramref name="from"/> up to, and not including, <paramref name="to"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A bound is negative or past the capacity, or they are reversed.</exception>
    public void AddRange(int from, int to)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, Capacity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(from, to);
        if (from == to) return;
        var (first, last) = (from >> 6, (to - 1) >> 6);
        var (head, tail) = (ulong.MaxValue << from, ulong.MaxValue >> -to);
        if (first == last)
        {
            Join(ref _words[first], head & tail);
            return;
        }

        Join(ref _words[first], head);
        for (var i = first + 1; i < last; i++) Join(ref _words[i], ulong.MaxValue);
        Join(ref _words[last], tail);
    }

    /// <summary>Adds the ordinals of a bitmap: bit b of its word w, little-endian, is <paramref name="from"/> + 64 w + b.</summary>
    /// <param name="from">A multiple of 64.</param>
    /// <param name="bits">Whole words of 8 bytes, at any address.</param>
    /// <exception cref="ArgumentException">The bitmap is not in words, or has an ordinal past the capacity.</exception>
    public void AddBits(int from, ReadOnlySpan<byte> bits)
    {
        var words = WordsFor(from, bits);
        for (var i = 0; i < words.Length; i++) Join(ref words[i], WordAt(bits, i));
    }

    /// <summary>Removes the ordinals of a bitmap as <see cref="AddBits"/> has it.</summary>
    /// <exception cref="ArgumentException">The bitmap is not in words, or has an ordinal past the capacity.</exception>
    public void RemoveBits(int from, ReadOnlySpan<byte> bits)
    {
        var words = WordsFor(from, bits);
        for (var i = 0; i < words.Length; i++) Keep(ref words[i], ~WordAt(bits, i));
    }

    /// <summary>Adds what the other set holds.</summary>
    /// <exception cref="ArgumentException">The other set has a greater capacity.</exception>
    public void UnionWith(OrdinalSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Capacity > Capacity) throw new ArgumentException($"A set of {Capacity} ordinals cannot take in one of {other.Capacity}.", nameof(other));
        if (other.Count == 0) return;
        for (var i = 0; i < other._words.Length; i++) Join(ref _words[i], other._words[i]);
    }

    /// <summary>Keeps what the other set holds too.</summary>
    public void IntersectWith(OrdinalSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var shared = Math.Min(_words.Length, other._words.Length);
        for (var i = 0; i < shared; i++) Keep(ref _words[i], other._words[i]);
        for (var i = shared; i < _words.Length; i++) Keep(ref _words[i], 0);
    }

    /// <summary>Removes what the other set holds.</summary>
    public void ExceptWith(OrdinalSet other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Count == 0) return;
        var shared = Math.Min(_words.Length, other._words.Length);
        for (var i = 0; i < shared; i++) Keep(ref _words[i], ~other._words[i]);
    }

    /// <summary>Holds from now on exactly what it did not hold.</summary>
    public void Complement()
    {
        for (var i = 0; i < _words.Length; i++) _words[i] = ~_words[i];
        ClearSpare();
        Count = Capacity - Count;
    }

    /// <summary>Adds every ordinal that it can hold.</summary>
    public void Fill()
    {
        _words.AsSpan().Fill(ulong.MaxValue);
        ClearSpare();
        Count = Capacity;
    }

    /// <summary>Removes everything.</summary>
    public void Clear()
    {
        _words.AsSpan().Clear();
        Count = 0;
    }

    // Bits past the capacity are never set, or the count and the walk would be wrong.
    private void ClearSpare()
    {
        if (Capacity % WordBits != 0) _words[^1] &= ulong.MaxValue >> -Capacity;
    }

    private Span<ulong> WordsFor(int from, ReadOnlySpan<byte> bits)
    {
        if (from < 0 || from % WordBits != 0 || bits.Length % sizeof(ulong) != 0) throw new ArgumentException("A bitmap begins at a multiple of 64 and has whole words.", nameof(from));
        var (first, count) = (from / WordBits, bits.Length / sizeof(ulong));
        if (first > _words.Length - count) throw new ArgumentException($"The set holds ordinals below {Capacity}.", nameof(bits));
        if (count > 0 && first + count == _words.Length && Capacity % WordBits != 0 && WordAt(bits, count - 1) >> Capacity != 0)
            throw new ArgumentException($"The set holds ordinals below {Capacity}.", nameof(bits));
        return _words.AsSpan(first, count);
    }

    private static ulong WordAt(ReadOnlySpan<byte> bits, int index)
    {
        var word = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref MemoryMarshal.GetReference(bits), index * sizeof(ulong)));
        return BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word);
    }

    private void Join(ref ulong word, ulong bits)
    {
        Count += BitOperations.PopCount(bits & ~word);
        word |= bits;
    }

    private void Keep(ref ulong word, ulong bits)
    {
        Count -= BitOperations.PopCount(word & ~bits);
        word &= bits;
    }
}
