namespace Basalt.Catalog.Statistics;

/// <summary>The lengths of series, exactly: how many series have each length.</summary>
internal sealed class LengthStatistics
{
    private readonly SortedDictionary<long, long> _counts = [];

    public long Series { get; private set; }

    public long Rows { get; private set; }

    public long? Least => Series == 0 ? null : _counts.First().Key;

    public long? Most { get; private set; }

    public double? Mean => Series == 0 ? null : (double)Rows / Series;

    public void See(long length)
    {
        _counts[length] = _counts.GetValueOrDefault(length) + 1;
        Series++;
        Rows += length;
        Most = Math.Max(Most ?? length, length);
    }

    /// <summary>
    /// Quantiles as SQL's <c>percentile_cont</c> has them: between two lengths they are interpolated. One pass for all of them, which must ascend; null without series.
    /// </summary>
    public IReadOnlyList<double?> Quantiles(params IReadOnlyList<double> shares)
    {
        if (Series == 0) return [.. shares.Select(static _ => (double?)null)];
        var quantiles = new List<double?>();
        using var counts = _counts.GetEnumerator();
        counts.MoveNext();
        var seen = counts.Current.Value;
        foreach (var share in shares)
        {
            var place = share * (Series - 1);
            var (low, fraction) = ((long)place, place - (long)place);
            while (seen <= low)
            {
                counts.MoveNext();
                seen += counts.Current.Value;
            }

            double at = counts.Current.Key;
            // The next series may be the first of a greater length.
            if (fraction > 0 && seen == low + 1) at += (Next(counts.Current.Key) - at) * fraction;
            quantiles.Add(at);
        }

        return quantiles;
    }

    private long Next(long length) => _counts.Keys.First(key => key > length);
}
