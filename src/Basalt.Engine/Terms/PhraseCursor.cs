namespace Basalt.Engine.Terms;

/// <summary>A phrase: its words, each of which may be any of several terms, at their distances. It weighs what its words weigh together, as if it were one term.</summary>
/// <param name="words">The postings that each word means, by word.</param>
/// <param name="offsets">How far each word is behind the first.</param>
/// <param name="weight">What it weighs.</param>
/// <param name="norm">What makes a score of a frequency.</param>
internal sealed class PhraseCursor(PostingsCursor[][] words, int[] offsets, double weight, LengthNorm norm) : ClauseCursor
{
    private readonly List<int>[] _positions = [.. words.Select(static _ => new List<int>())];
    private int _from;

    public override int Ordinal => _from;

    public override void Advance(int target)
    {
        _from = Math.Max(_from, target);
        Meet();
    }

    public override void Collect(int from, int to, ScoreWindow window)
    {
        while (Meet() is var ordinal && ordinal < to)
        {
            var frequency = Frequency(ordinal);
            if (frequency > 0) window.Offer(ordinal - from, weight * norm.Of(ordinal, frequency));
            _from = ordinal + 1;
        }
    }

    // The first entry at or behind where it stands that has all words.
    private int Meet()
    {
        while (true)
        {
            var agreed = 0;
            foreach (var word in words)
            {
                foreach (var cursor in word) cursor.Advance(_from);
                var ordinal = OrdinalOf(word);
                if (ordinal == PostingsCursor.End) return _from = ordinal;
                if (ordinal > _from) _from = ordinal;
                else agreed++;
            }

            if (agreed == words.Length) return _from;
        }
    }

    private int Frequency(int ordinal)
    {
        for (var i = 0; i < words.Length; i++)
        {
            _positions[i].Clear();
            foreach (var cursor in words[i])
                if (cursor.Ordinal == ordinal) cursor.ReadPositions(_positions[i]);
            _positions[i].Sort();
        }

        // Each list is gone through once, as the places of the first word ascend.
        Span<int> at = stackalloc int[words.Length];
        at.Clear();
        var frequency = 0;
        foreach (var start in _positions[0])
        {
            var isThere = true;
            for (var i = 1; i < words.Length && isThere; i++)
            {
                var (positions, wanted) = (_positions[i], start + offsets[i]);
                while (at[i] < positions.Count && positions[at[i]] < wanted) at[i]++;
                if (at[i] == positions.Count) return frequency;
                isThere = positions[at[i]] == wanted;
            }

            if (isThere) frequency++;
        }

        return frequency;
    }

    private static int OrdinalOf(PostingsCursor[] word)
    {
        var least = PostingsCursor.End;
        foreach (var cursor in word) least = Math.Min(least, cursor.Ordinal);
        return least;
    }
}
