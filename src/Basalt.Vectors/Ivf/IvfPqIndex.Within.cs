namespace Basalt.Vectors.Ivf;

public sealed unsafe partial class IvfPqIndex
{
    /// <inheritdoc/>
    public void SearchWithin(ReadOnlySpan<float> query, float distance, ICollection<Neighbour> results, in SearchOptions options, out SearchStatistics statistics) => throw new NotSupportedException();
}
