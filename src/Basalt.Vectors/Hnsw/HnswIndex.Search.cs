namespace Basalt.Vectors.Hnsw;

// Searching. Any number of threads at once, also while one changes the index.
public sealed unsafe partial class HnswIndex
{
    private const int MostEffort = 1 << 20;

    /// <inheritdoc/>
    public int Search(ReadOnlySpan<float> query, Span<Neighbour> results, in SearchOptions options, out SearchStatistics statistics)
    {
        Check(query, options);
        statistics = default;
        if (results.Length == 0) return 0;
        using var nodes = Use();
        using var search = new HnswSearch(nodes, _codec, new RowTable(_given, _own?.Rows ?? default), _walkers, _measurers, Options.Ef, query, options);
        var found = search.Nearest(results);
        statistics = search.Statistics;
        return found;
    }

    /// <inheritdoc/>
    public void SearchWithin(ReadOnlySpan<float> query, float distance, ICollection<Neighbour> results, in SearchOptions options, out SearchStatistics statistics)
    {
        Check(query, options);
        if (float.IsNaN(distance)) throw new ArgumentException("The distance is NaN.", nameof(distance));
        results.Clear();
        using var nodes = Use();
        using var search = new HnswSearch(nodes, _codec, new RowTable(_given, _own?.Rows ?? default), _walkers, _measurers, Options.Ef, query, options);
        search.Within(distance, results);
        statistics = search.Statistics;
    }

    /// <inheritdoc/>
    public SearchStatistics SearchBatch(ReadOnlyMemory<float> queries, int k, Memory<Neighbour> results, Memory<int> found, in SearchOptions options, int threads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var count = found.Length;
        if (queries.Length != (long)count * Dimension) throw new ArgumentException($"{queries.Length} elements are not {count} queries of {Dimension}.", nameof(queries));
        if (results.Length != (long)count * k) throw new ArgumentException($"Room for {results.Length} neighbours is not room for {k} of each of {count} queries.", nameof(results));
        for (var i = 0; i < count; i++) Check(queries.Span.Slice(i * Dimension, Dimension), options);
        var all = options;
        var sum = new long[3];
        if (threads == 1) Some(0, count);
        else
            Parallel.For(0, Math.Min(threads, count), new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = options.CancellationToken },
                part => Some((int)((long)count * part / Math.Min(threads, count)), (int)((long)count * (part + 1) / Math.Min(threads, count))));
        return new SearchStatistics(sum[0], sum[1], sum[2]);

        void Some(int from, int to)
        {
            for (var i = from; i < to; i++)
            {
                found.Span[i] = Search(queries.Span.Slice(i * Dimension, Dimension), results.Span.Slice(i * k, k), all, out var statistics);
                Interlocked.Add(ref sum[0], statistics.Visited);
                Interlocked.Add(ref sum[1], statistics.Distances);
                Interlocked.Add(ref sum[2], statistics.Rescored);
            }
        }
    }

    private void Check(ReadOnlySpan<float> query, in SearchOptions options)
    {
        SearchOptions.Check(options);
        if (options.Effort > MostEffort) throw new ArgumentException($"The effort is {options.Effort}; it takes at most {MostEffort}.", nameof(options));
        VectorRules.ThrowIf(VectorRules.CheckQuery(query, Dimension, Metric, ElementType), query.Length, Dimension, nameof(query));
    }
}
