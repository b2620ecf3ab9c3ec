using Basalt.Vectors.Search;

namespace Basalt.Vectors.Hnsw;

// Searching. Any number of threads at once, also while one changes the index.
public sealed unsafe partial class HnswIndex
{
    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, Span<Neighbour> results, in SearchOptions options, out SearchStatistics statistics)
    {
        Check(query, options);
        statistics = default;
        if (results.Length == 0) return 0;
        using var nodes = Use();
        using var search = new HnswSearch(nodes, _codec, _sketches, new RowTable(_given, _own?.Rows ?? default), _walkers, _measurers, Options.Ef, query, options);
        var found = search.Nearest(results);
        statistics = search.Statistics;
        return found;
    }

    /// <inheritdoc/>
    public void SearchWithin(ReadOnlySpan<float> query, float distance, ICollection<Neighbour> results, in SearchOptions options, out SearchStatistics statistics)
    {
        Check(query, options);
        ArgumentNullException.ThrowIfNull(results);
        if (float.IsNaN(distance)) throw new ArgumentException("The distance is NaN.", nameof(distance));
        results.Clear();
        using var nodes = Use();
        using var search = new HnswSearch(nodes, _codec, _sketches, new RowTable(_given, _own?.Rows ?? default), _walkers, _measurers, Options.Ef, query, options);
        search.Within(distance, results);
        statistics = search.Statistics;
    }

    /// <inheritdoc/>
    public SearchStatistics SearchBatch(ReadOnlyMemory<float> queries, int k, Memory<Neighbour> results, Memory<int> found, in SearchOptions options, int threads = 1)
    {
        SearchOptions.Check(options);
        return new QueryBatch(this, queries, k, results, found, threads).SearchEach(this, options);
    }

    private void Check(ReadOnlySpan<float> query, in SearchOptions options)
    {
        SearchOptions.Check(options);
        if (options.Effort > HnswOptions.MostEf) throw new ArgumentException($"The effort is {options.Effort}; it takes at most {HnswOptions.MostEf}.", nameof(options));
        VectorRules.ThrowIf(VectorRules.CheckQuery(query, Dimension, Metric, ElementType), query.Length, Dimension, nameof(query));
    }
}
