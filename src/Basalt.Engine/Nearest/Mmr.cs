namespace Basalt.Engine.Nearest;

/// <summary>
/// Maximal marginal relevance: takes candidates one by one, each time the one that is most relevant and least like what was taken before, so that an answer does not
/// say the same thing ten times (Carbonell and Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents and Producing Summaries", 1998).
/// </summary>
internal static class Mmr
{
    /// <summary>Chooses k candidates. It asks for about k times as many similarities as there are candidates.</summary>
    /// <param name="relevance">Per candidate how relevant it is, more is better; on the scale of the similarities. Finite.</param>
    /// <param name="similarity">How alike two candidates are; asked with the number of a candidate and of one that was taken.</param>
    /// <param name="lambda">0 to 1: 1 is relevance alone, 0 is difference alone (from the second one on).</param>
    /// <param name="k">How many; 0 or more.</param>
    /// <returns>The numbers of the chosen candidates in the order of choice; all of them when there are fewer than k. Ties go to the lower number.</returns>
    /// <exception cref="ArgumentException">Lambda is out of its range, or a relevance or similarity is not finite.</exception>
    public static int[] Choose(ReadOnlySpan<double> relevance, Func<int, int, double> similarity, double lambda, int k)
    {
        ArgumentNullException.ThrowIfNull(similarity);
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        if (!(lambda is >= 0 and <= 1)) throw new ArgumentException($"Lambda is {lambda}; it takes 0 to 1.", nameof(lambda));
        foreach (var each in relevance)
            if (!double.IsFinite(each)) throw new ArgumentException($"A relevance is {each}; it must be finite.", nameof(relevance));
        var chosen = new int[Math.Min(k, relevance.Length)];
        // How alike each is to what it is most like among the chosen; what was chosen itself is out.
        var most = new double[relevance.Length];
        Array.Fill(most, double.NegativeInfinity);
        var isChosen = new bool[relevance.Length];
        for (var n = 0; n < chosen.Length; n++)
        {
            var best = -1;
            var bestGain = double.NegativeInfinity;
            for (var i = 0; i < relevance.Length; i++)
            {
                if (isChosen[i]) continue;
                // The first one is like nothing yet, and is chosen by relevance.
                var gain = n == 0 ? relevance[i] : lambda * relevance[i] - (1 - lambda) * most[i];
                if (best < 0 || gain > bestGain) (best, bestGain) = (i, gain);
            }

            (chosen[n], isChosen[best]) = (best, true);
            if (n + 1 < chosen.Length) Note(best, similarity, isChosen, most);
        }

        return chosen;
    }

    private static void Note(int taken, Func<int, int, double> similarity, bool[] isChosen, double[] most)
    {
        for (var i = 0; i < most.Length; i++)
        {
            if (isChosen[i]) continue;
            var alike = similarity(i, taken);
            if (!double.IsFinite(alike)) throw new ArgumentException($"The similarity of {i} and {taken} is {alike}; it must be finite.", nameof(similarity));
            most[i] = Math.Max(most[i], alike);
        }
    }
}
