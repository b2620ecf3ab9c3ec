using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Search;

/// <summary>
/// Keeps the lowest of many scored numbers: it collects up to four times as many as are wanted, then drops the rest by selection, which is cheaper than a heap
/// that is kept in order. Equal scores go to the lower number; the outcome does not depend on the order of offers.
/// </summary>
internal sealed class CandidateReservoir
{
    private const int LeastCapacity = 512;
    private ulong[] _keys = [];
    private int _wanted;
    private int _capacity;

    /// <summary>How many there are: after <see cref="Cut"/> at most what was wanted.</summary>
    public int Count { get; private set; }

    /// <summary>A score above this is of no use. Infinity until there are enough.</summary>
    public float Limit { get; private set; }

    /// <summary>Empties it.</summary>
    /// <param name="wanted">How many to keep, 1 or more.</param>
    /// <param name="offers">About how many will be offered; collecting more than that at once is of no use.</param>
    public void Reset(int wanted, long offers)
    {
        _wanted = wanted;
        _capacity = checked((int)Math.Min(Math.Max(wanted * 4L, LeastCapacity), Math.Max(wanted, offers) + 1));
        if (_keys.Length < _capacity) _keys = new ulong[Math.Max(_capacity, LeastCapacity)];
        (Count, Limit) = (0, float.PositiveInfinity);
    }

    /// <summary>Takes a number from 0 on with its score.</summary>
    public void Offer(int number, float score)
    {
        if (score > Limit) return;
        _keys[Count++] = KeyOf(number, score);
        if (Count == _capacity) Cut();
    }

    /// <summary>Takes as many numbers with their scores, of which most are above the limit once there are enough.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Offer(ReadOnlySpan<uint> numbers, ReadOnlySpan<float> scores)
    {
        var at = 0;
        for (; at <= scores.Length - Vector512<float>.Count; at += Vector512<float>.Count)
        {
            var lower = Vector512.LessThanOrEqual(Vector512.Create(scores[at..]), Vector512.Create(Limit)).ExtractMostSignificantBits();
            for (; lower != 0; lower &= lower - 1)
            {
                var i = at + BitOperations.TrailingZeroCount(lower);
                Offer((int)numbers[i], scores[i]);
            }
        }

        for (; at < scores.Length; at++) Offer((int)numbers[at], scores[at]);
    }

    /// <summary>
    /// Lowers the limit to what is probably above the score of the last one wanted, by the part of all offers that was made so far and did not fill it. When all are made and there are fewer
    /// than wanted, the guess was wrong, and they have to be made again.
    /// </summary>
    public void Guess(long made, long offers)
    {
        // The rank that the last one wanted has among those made, twice, and some more for small numbers.
        var rank = (int)Math.Min(Count, _wanted * 2.0 * made / offers + 8);
        if (rank >= _wanted || rank >= Count) return;
        var keys = _keys.AsSpan(0, Count);
        Select(keys, rank);
        Limit = ScoreOf(keys[rank]);
    }

    /// <summary>Drops all but those wanted, in no order.</summary>
    public ReadOnlySpan<ulong> Cut()
    {
        if (Count > _wanted)
        {
            Select(_keys.AsSpan(0, Count), _wanted - 1);
            Count = _wanted;
        }

        if (Count == _wanted) Limit = ScoreOf(_keys[_wanted - 1]);
        return _keys.AsSpan(0, Count);
    }

    /// <summary>Those wanted, the lowest first.</summary>
    public ReadOnlySpan<ulong> Sorted()
    {
        Cut();
        _keys.AsSpan(0, Count).Sort();
        return _keys.AsSpan(0, Count);
    }

    public static ulong KeyOf(int number, float score) => (ulong)Sortable(score) << 32 | (uint)number;

    public static int NumberOf(ulong key) => (int)(uint)key;

    public static float ScoreOf(ulong key)
    {
        var bits = (uint)(key >> 32);
        return BitConverter.UInt32BitsToSingle((bits & 0x8000_0000) != 0 ? bits & 0x7FFF_FFFF : ~bits);
    }

    // Ordered as unsigned numbers like the floats: negative ones are turned over.
    private static uint Sortable(float score)
    {
        var bits = BitConverter.SingleToUInt32Bits(score);
        return (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
    }

    /// <summary>Puts the key of a rank in its place, lower ones before it (Hoare's selection, the median of three as pivot).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Select(Span<ulong> keys, int rank)
    {
        var (from, to) = (0, keys.Length - 1);
        while (from < to)
        {
            var pivot = Median(keys[from], keys[(from + to) >>> 1], keys[to]);
            var (i, j) = (from, to);
            while (i <= j)
            {
                while (keys[i] < pivot) i++;
                while (keys[j] > pivot) j--;
                if (i > j) break;
                (keys[i], keys[j]) = (keys[j], keys[i]);
                i++;
                j--;
            }

            if (rank <= j) to = j;
            else if (rank >= i) from = i;
            else return;
        }
    }

    private static ulong Median(ulong a, ulong b, ulong c) => Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}
