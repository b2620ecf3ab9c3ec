using System.Numerics;

namespace Basalt.Vectors;

/// <summary>A set of ordinals as a bitmap. One writer, or any number of readers.</summary>
public sealed partial class OrdinalSet : IOrdinalFilter
{
    private readonly ulong[] _words;

    /// <summary>An empty set.</summary>
    /// <param name="capacity">One more than the largest ordinal that it can hold.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative.</exception>
    public OrdinalSet(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        Capacity = capacity;
        _words = new ulong[(capacity + 63L) / 64];
    }

    /// <summary>A set of the bits of words, which it takes over: 64 ordinals a word, the lowest first, and none past the capacity.</summary>
    internal OrdinalSet(int capacity, ulong[] words)
    {
        (Capacity, _words) = (capacity, words);
        foreach (var word in words) Count += BitOperations.PopCount(word);
    }

    /// <summary>One more than the largest ordinal that it can hold.</summary>
    public int Capacity { get; }

    /// <summary>How many ordinals it holds.</summary>
    public int Count { get; private set; }

    /// <summary>64 ordinals a word, the lowest first.</summary>
    internal ReadOnlySpan<ulong> Words => _words;

    /// <summary>Adds an ordinal; false when it was there.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ordinal is negative or past the capacity.</exception>
    public bool Add(int ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ordinal, Capacity);
        ref var word = ref _words[ordinal >> 6];
        var bit = 1UL << ordinal;
        if ((word & bit) != 0) return false;
        word |= bit;
        Count++;
        return true;
    }

    /// <summary>Removes an ordinal; false when it was not there.</summary>
    public bool Remove(int ordinal)
    {
        if (!Accepts(ordinal)) return false;
        _words[ordinal >> 6] &= ~(1UL << ordinal);
        Count--;
        return true;
    }

    /// <summary>Whether the ordinal is in the set; false for any that it cannot hold.</summary>
    public bool Accepts(int ordinal) => (uint)ordinal < (uint)Capacity && (_words[ordinal >> 6] >> ordinal & 1) != 0;

    /// <summary>The first ordinal in the set at or after <paramref name="from"/>, or -1.</summary>
    public int Next(int from)
    {
        if ((uint)from >= (uint)Capacity) return -1;
        var at = from >> 6;
        var word = _words[at] >> from << from;
        while (word == 0)
        {
            if (++at == _words.Length) return -1;
            word = _words[at];
        }

        return (at << 6) + BitOperations.TrailingZeroCount(word);
    }

    /// <summary>Lists the ordinals of the set from <paramref name="from"/> on and below <paramref name="end"/>, as many as there is room for, and moves <paramref name="from"/> behind them.</summary>
    /// <returns>How many; fewer than there is room for only at the end.</returns>
    internal int CopyTo(ref int from, int end, Span<uint> ordinals)
    {
        end = Math.Min(end, Capacity);
        var count = 0;
        while (from < end && count < ordinals.Length)
        {
            var first = from & ~63;
            var word = _words[from >> 6] >> from << from;
            if (end - first < 64) word &= (1UL << end) - 1;
            var passing = BitOperations.PopCount(word);
            from = first > int.MaxValue - 64 ? int.MaxValue : first + 64;
            if (ordinals.Length - count >= 64)
            {
                // Four at a time, the last ones perhaps for nothing: how many there are cannot be predicted.
                for (var at = count; word != 0; at += 4)
                {
                    var four = ordinals.Slice(at, 4);
                    four[0] = (uint)(first + BitOperations.TrailingZeroCount(word));
                    word &= word - 1;
                    four[1] = (uint)(first + BitOperations.TrailingZeroCount(word));
                    word &= word - 1;
                    four[2] = (uint)(first + BitOperations.TrailingZeroCount(word));
                    word &= word - 1;
                    four[3] = (uint)(first + BitOperations.TrailingZeroCount(word));
                    word &= word - 1;
                }

                count += passing;
                continue;
            }

            for (; word != 0 && count < ordinals.Length; word &= word - 1) ordinals[count++] = (uint)(first + BitOperations.TrailingZeroCount(word));
            if (word != 0) from = first + BitOperations.TrailingZeroCount(word);
        }

        return count;
    }
}
