namespace Basalt.Schemas;

/// <summary>How many keystrokes apart two names are: an insertion, deletion, change or swap of neighbours counts one.</summary>
internal static class EditDistance
{
    private const int LongestName = 128;

    /// <summary>The nearest of the candidates within a third of the name's length, case not counting; the first of equals.</summary>
    public static string? Nearest(string name, IEnumerable<string> candidates)
    {
        if (name.Length > LongestName) return null;
        string? nearest = null;
        var least = Math.Max(1, name.Length / 3) + 1;
        var folded = name.ToUpperInvariant();
        foreach (var candidate in candidates)
        {
            if (candidate.Length > LongestName || Math.Abs(candidate.Length - name.Length) >= least) continue;
            var distance = Between(folded, candidate.ToUpperInvariant());
            if (distance >= least) continue;
            least = distance;
            nearest = candidate;
        }

        return nearest;
    }

    public static int Between(string left, string right)
    {
        // Three rows of the optimal string alignment table: the one before last is needed for swaps.
        var before = new int[right.Length + 1];
        var last = new int[right.Length + 1];
        var row = new int[right.Length + 1];
        for (var j = 0; j <= right.Length; j++) last[j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var change = left[i - 1] == right[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(last[j], row[j - 1]) + 1, last[j - 1] + change);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) row[j] = Math.Min(row[j], before[j - 2] + 1);
            }

            (before, last, row) = (last, row, before);
        }

        return last[right.Length];
    }
}
