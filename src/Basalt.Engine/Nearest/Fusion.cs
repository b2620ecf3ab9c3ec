namespace Basalt.Engine.Nearest;

/// <summary>One ranking to be fused: keys with scores, the best first.</summary>
/// <param name="Keys">Each once.</param>
/// <param name="Scores">Per key, descending: more is better. Distances are negated by the caller. Finite.</param>
/// <param name="Weight">How much it counts, 0 or more. Default 1.</param>
internal readonly record struct Ranking<TKey>(IReadOnlyList<TKey> Keys, IReadOnlyList<double> Scores, double Weight = 1);

/// <summary>A key in a fused ranking.</summary>
/// <param name="Key">The key.</param>
/// <param name="Score">What it is ranked by; more is better.</param>
/// <param name="Parts">Per ranking its own score there, as it was given; null where it is not.</param>
internal readonly record struct Fused<TKey>(TKey Key, double Score, IReadOnlyList<double?> Parts);

/// <summary>Several rankings of the same things into one, such as that of a text and that of a vector.</summary>
internal static class Fusion
{
    /// <summary>The constant of reciprocal rank fusion that its authors found to do well.</summary>
    public const int DefaultRankConstant = 60;

    /// <summary>
    /// Reciprocal rank fusion: the sum of weight / (constant + rank) over the rankings, ranks from one, so scores of any scale go together
    /// (Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion Outperforms Condorcet and Individual Rank Learning Methods", 2009).
    /// </summary>
    /// <param name="rankings">What to fuse.</param>
    /// <param name="k">How many to return; 0 or more.</param>
    /// <param name="order">Which of two keys with equal scores comes first; null: the natural order.</param>
    /// <param name="rankConstant">How little the first ranks differ; 1 or more.</param>
    /// <exception cref="ArgumentException">A ranking has a key twice, or not as many scores as keys, or scores that ascend or are not finite, or a weight that makes no sense.</exception>
    public static IReadOnlyList<Fused<TKey>> ByRank<TKey>(IReadOnlyList<Ranking<TKey>> rankings, int k, IComparer<TKey>? order = null, int rankConstant = DefaultRankConstant) where TKey : notnull
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rankConstant, 1);
        return Fuse(rankings, k, order, (ranking, place) => 1.0 / ((double)rankConstant + place + 1));
    }

    /// <summary>
    /// The weighted sum of scores that are brought to the range 0 to 1 in each ranking: its least score becomes 0, its greatest 1 (all 1 when they are equal). A key that is
    /// not in a ranking gets 0 from it.
    /// </summary>
    /// <inheritdoc cref="ByRank"/>
    public static IReadOnlyList<Fused<TKey>> ByScore<TKey>(IReadOnlyList<Ranking<TKey>> rankings, int k, IComparer<TKey>? order = null) where TKey : notnull => Fuse(rankings, k, order, static (ranking, place) =>
    {
        var (greatest, least) = (ranking.Scores[0], ranking.Scores[^1]);
        // Halved, as the difference of two large scores may be past double.
        return greatest == least ? 1 : (ranking.Scores[place] / 2 - least / 2) / (greatest / 2 - least / 2);
    });

    private static List<Fused<TKey>> Fuse<TKey>(IReadOnlyList<Ranking<TKey>> rankings, int k, IComparer<TKey>? order, Func<Ranking<TKey>, int, double> worth) where TKey : notnull
    {
        ArgumentNullException.ThrowIfNull(rankings);
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        var sums = new Dictionary<TKey, (double Score, double?[] Parts)>();
        for (var r = 0; r < rankings.Count; r++)
        {
            var ranking = rankings[r];
            Check(ranking, r);
            for (var place = 0; place < ranking.Keys.Count; place++)
            {
                var key = ranking.Keys[place];
                var (score, parts) = sums.TryGetValue(key, out var known) ? known : (0, new double?[rankings.Count]);
                if (parts[r] is not null) throw new ArgumentException($"Ranking {r} has the key '{key}' twice.", nameof(rankings));
                parts[r] = ranking.Scores[place];
                sums[key] = (score + ranking.Weight * worth(ranking, place), parts);
            }
        }

        var fused = sums.Select(static sum => new Fused<TKey>(sum.Key, sum.Value.Score, sum.Value.Parts)).ToList();
        order ??= Comparer<TKey>.Default;
        fused.Sort((left, right) => right.Score.CompareTo(left.Score) is not 0 and var byScore ? byScore : order.Compare(left.Key, right.Key));
        return fused.Count > k ? fused.GetRange(0, k) : fused;
    }

    private static void Check<TKey>(Ranking<TKey> ranking, int number)
    {
        if (ranking.Keys.Count != ranking.Scores.Count) throw new ArgumentException($"Ranking {number} has {ranking.Keys.Count} keys and {ranking.Scores.Count} scores.", nameof(ranking));
        if (!(ranking.Weight >= 0) || double.IsInfinity(ranking.Weight)) throw new ArgumentException($"The weight of ranking {number} is {ranking.Weight}; it takes 0 or more.", nameof(ranking));
        for (var i = 0; i < ranking.Scores.Count; i++)
        {
            if (!double.IsFinite(ranking.Scores[i])) throw new ArgumentException($"Ranking {number} has a score {ranking.Scores[i]}.", nameof(ranking));
            if (i > 0 && ranking.Scores[i] > ranking.Scores[i - 1]) throw new ArgumentException($"The scores of ranking {number} ascend at place {i}.", nameof(ranking));
        }
    }
}
