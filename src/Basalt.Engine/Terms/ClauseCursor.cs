using System.Numerics;
using System.Runtime.CompilerServices;

namespace Basalt.Engine.Terms;

/// <summary>Entries of a stretch of a section, and what they score so far. The bits are cleared by the user.</summary>
internal sealed class ScoreWindow
{
    /// <summary>How many entries.</summary>
    public const int Size = 4096;

    public double[] Scores { get; } = new double[Size];

    public ulong[] Bits { get; } = new ulong[Size / 64];

    /// <summary>Notes a score; of several for one entry, the highest counts.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Offer(int at, double score)
    {
        ref var word = ref Bits[at >> 6];
        var bit = 1UL << at;
        if ((word & bit) == 0) Scores[at] = score;
        else if (score > Scores[at]) Scores[at] = score;
        word |= bit;
    }

    public int Count()
    {
        var count = 0;
        foreach (var word in Bits) count += BitOperations.PopCount(word);
        return count;
    }
}

/// <summary>How BM25 weighs how often a term is in an entry against how long the entry is (Robertson and Zaragoza 2009), with k1 = 1.2 and b = 0.75.</summary>
internal readonly struct LengthNorm(TextSection section, double averageLength)
{
    private const double K1 = 1.2;
    private const double B = 0.75;
    private readonly double _perTerm = averageLength > 0 ? K1 * B / averageLength : 0;

    /// <summary>The share of a weight that an entry gets.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Of(int ordinal, int frequency) => frequency * (K1 + 1) / (frequency + (K1 * (1 - B)) + _perTerm * section.LengthOf(ordinal));

    /// <summary>What a term weighs that so many of all documents have.</summary>
    public static double Rarity(long documents, long all) => Math.Log(1 + (all - documents + 0.5) / (documents + 0.5));
}

/// <summary>The entries of one section that a clause of a query matches, by ascending ordinal. One thread.</summary>
internal abstract class ClauseCursor
{
    /// <summary>The entry that it stands at, or one before the next that it matches.</summary>
    public abstract int Ordinal { get; }

    /// <summary>Goes to an ordinal, or the first behind it that can match.</summary>
    public abstract void Advance(int target);

    /// <summary>Offers what it matches from where it stands up to an ordinal, and stands behind it.</summary>
    public abstract void Collect(int from, int to, ScoreWindow window);
}

/// <summary>A word: any of the terms that it means. An entry's score is that of the best of them.</summary>
internal sealed class WordCursor(PostingsCursor[] postings, double[] weights, LengthNorm norm) : ClauseCursor
{
    public override int Ordinal
    {
        get
        {
            var least = PostingsCursor.End;
            foreach (var cursor in postings) least = Math.Min(least, cursor.Ordinal);
            return least;
        }
    }

    public override void Advance(int target)
    {
        foreach (var cursor in postings) cursor.Advance(target);
    }

    public override void Collect(int from, int to, ScoreWindow window)
    {
        for (var i = 0; i < postings.Length; i++)
        {
            var (cursor, weight) = (postings[i], weights[i]);
            for (var ordinal = cursor.Ordinal; ordinal < to; ordinal = cursor.Next()) window.Offer(ordinal - from, weight * norm.Of(ordinal, cursor.Frequency));
        }
    }
}
