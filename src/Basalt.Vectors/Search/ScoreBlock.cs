using System.Numerics;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Search;

/// <summary>Takes what is near enough out of a block of scores; most blocks have nothing, so they are looked at many at a time.</summary>
internal static unsafe class ScoreBlock
{
    /// <summary>The first score at or after <paramref name="from"/> that is at most the limit, or <paramref name="count"/>.</summary>
    public static int NextWithin(float* scores, int from, int count, float limit)
    {
        var limits = Vector256.Create(limit);
        for (; from <= count - Vector256<float>.Count; from += Vector256<float>.Count)
        {
            var within = Vector256.LessThanOrEqual(Vector256.Load(scores + from), limits).ExtractMostSignificantBits();
            if (within != 0) return from + BitOperations.TrailingZeroCount(within);
        }

        while (from < count && !(scores[from] <= limit)) from++;
        return from;
    }

    /// <summary>The same of scores that something has to be added to.</summary>
    public static int NextWithin(float* scores, float* addends, int from, int count, float limit)
    {
        var limits = Vector256.Create(limit);
        for (; from <= count - Vector256<float>.Count; from += Vector256<float>.Count)
        {
            var within = Vector256.LessThanOrEqual(Vector256.Load(scores + from) + Vector256.Load(addends + from), limits).ExtractMostSignificantBits();
            if (within != 0) return from + BitOperations.TrailingZeroCount(within);
        }

        while (from < count && !(scores[from] + addends[from] <= limit)) from++;
        return from;
    }
}
