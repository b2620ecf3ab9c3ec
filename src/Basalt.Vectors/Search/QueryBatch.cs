using System.Runtime.ExceptionServices;

namespace Basalt.Vectors.Search;

/// <summary>Many queries with room for their answers, to be shared among threads. Every query is answered by one thread, alone, so the number of threads changes no answer.</summary>
internal sealed class QueryBatch
{
    private readonly ReadOnlyMemory<float> _queries;
    private readonly Memory<Neighbour> _results;
    private readonly Memory<int> _found;
    private readonly int _dimension;
    private readonly int _threads;

    /// <exception cref="ArgumentException">A length does not fit the others.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public QueryBatch(IVectorIndex index, ReadOnlyMemory<float> queries, int k, Memory<Neighbour> results, Memory<int> found, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (queries.Length % index.Dimension != 0) throw new ArgumentException($"{queries.Length} elements are not whole queries of {index.Dimension} dimensions.", nameof(queries));
        Count = queries.Length / index.Dimension;
        if (results.Length < (long)Count * k) throw new ArgumentException($"{results.Length} neighbours are not room for {Count} x {k}.", nameof(results));
        if (found.Length < Count) throw new ArgumentException($"{found.Length} counts are not room for {Count} queries.", nameof(found));
        (K, _queries, _results, _found, _dimension, _threads) = (k, queries, results, found, index.Dimension, threads);
    }

    public int Count { get; }

    public int K { get; }

    public ReadOnlySpan<float> Query(int query) => _queries.Span.Slice(query * _dimension, _dimension);

    public Span<Neighbour> Results(int query) => _results.Span.Slice(query * K, K);

    public ref int Found(int query) => ref _found.Span[query];

    /// <summary>Searches query by query.</summary>
    public SearchStatistics SearchEach(IVectorIndex index, SearchOptions options) => Share(1, (first, _) =>
    {
        Found(first) = index.Search(Query(first), Results(first), options, out var statistics);
        return statistics;
    });

    /// <summary>Gives runs of at most so many queries to the threads, smaller ones when there would not be enough for all.</summary>
    /// <param name="most">The longest run.</param>
    /// <param name="search">Takes the first query and the number of queries.</param>
    public SearchStatistics Share(int most, Func<int, int, SearchStatistics> search)
    {
        var run = Math.Clamp((Count + _threads - 1) / _threads, 1, most);
        var runs = (Count + run - 1) / run;
        var sum = default(SearchStatistics);
        if (_threads == 1 || runs <= 1)
        {
            for (var i = 0; i < runs; i++) sum += search(i * run, Math.Min(run, Count - i * run));
            return sum;
        }

        var total = new Lock();
        try
        {
            Parallel.For(0, runs, new ParallelOptions { MaxDegreeOfParallelism = _threads }, i =>
            {
                var statistics = search(i * run, Math.Min(run, Count - i * run));
                lock (total) sum += statistics;
            });
        }
        catch (AggregateException failures)
        {
            // What one thread says is what all say: a fault of a query, or the wish to end.
            ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }

        return sum;
    }
}
