namespace Basalt.Vectors;

/// <summary>
/// Vectors that can be asked for those nearest to a query. Ordinals count from zero in the order of adding and are never used for another vector.
/// Any number of threads may search, while at most one changes the index; a search sees all vectors that were added before it began.
/// Nothing else may run while it is disposed of.
/// </summary>
public interface IVectorIndex : IDisposable
{
    /// <summary>How far vectors are apart.</summary>
    Metric Metric { get; }

    /// <summary>Elements of a vector.</summary>
    int Dimension { get; }

    /// <summary>How many vectors can be found: added and not removed.</summary>
    int Count { get; }

    /// <summary>The memory that it holds, in bytes: vectors, codes and structure.</summary>
    long Bytes { get; }

    /// <summary>Finds the nearest vectors, the nearest first. Allocates nothing once a thread has searched before.</summary>
    /// <param name="query">As many finite elements as the index has dimensions.</param>
    /// <param name="results">Takes the neighbours; its length is k. Empty asks for nothing and is allowed.</param>
    /// <param name="options">How to search.</param>
    /// <param name="statistics">What the search did.</param>
    /// <returns>How many were found: fewer than k only when fewer pass the filter, or an approximate search could not reach more.</returns>
    /// <exception cref="ArgumentException">The query has a <see cref="VectorFault"/>, or the options make no sense.</exception>
    /// <exception cref="OperationCanceledException">The options' token asked for it.</exception>
    int Search(ReadOnlySpan<float> query, Span<Neighbour> results, in SearchOptions options, out SearchStatistics statistics);

    /// <summary>Finds the vectors at most so far away, the nearest first.</summary>
    /// <param name="query">As many finite elements as the index has dimensions.</param>
    /// <param name="distance">The largest distance that is found, by the index's metric; not NaN.</param>
    /// <param name="results">Is emptied, then takes the neighbours.</param>
    /// <param name="options">How to search.</param>
    /// <param name="statistics">What the search did.</param>
    /// <exception cref="ArgumentException">The query has a <see cref="VectorFault"/>, the distance is NaN, or the options make no sense.</exception>
    /// <exception cref="OperationCanceledException">The options' token asked for it.</exception>
    void SearchWithin(ReadOnlySpan<float> query, float distance, ICollection<Neighbour> results, in SearchOptions options, out SearchStatistics statistics);

    /// <summary>Finds the nearest vectors of many queries.</summary>
    /// <param name="queries">Query after query, without gaps.</param>
    /// <param name="k">How many neighbours a query asks for; 0 or more.</param>
    /// <param name="results">Takes k neighbours a query.</param>
    /// <param name="found">Takes how many neighbours each query has.</param>
    /// <param name="options">How to search, for all.</param>
    /// <param name="threads">How many threads share the queries; 1 or more. The answer does not depend on it.</param>
    /// <returns>What all searches did.</returns>
    /// <exception cref="ArgumentException">A query has a <see cref="VectorFault"/>, a length does not fit the others, or the options make no sense.</exception>
    /// <exception cref="OperationCanceledException">The options' token asked for it.</exception>
    SearchStatistics SearchBatch(ReadOnlyMemory<float> queries, int k, Memory<Neighbour> results, Memory<int> found, in SearchOptions options, int threads = 1);
}
