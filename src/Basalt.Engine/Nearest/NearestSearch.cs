using System.Collections.Concurrent;
using Basalt.Vectors;

namespace Basalt.Engine.Nearest;

/// <summary>
/// Searches the vectors of a field wherever they lie: in the segments of tables, by graph or one by one, and in a tail that no table has yet. What each part finds is merged by
/// distance, then by key. It finds k whenever so many match and are alive: where the dead use up what a segment gave, the segment is searched further, and in the
/// end all that is left of it is measured. In exact mode the answer is that of one flat index over all that is alive. Any number of threads may search at once.
/// </summary>
/// <param name="metric">How far vectors are apart.</param>
/// <param name="elementType">What is stored of an element.</param>
/// <param name="dimension">Elements of a vector.</param>
internal sealed class NearestSearch(Metric metric, ElementType elementType, int dimension)
{
    private const int MostIdle = 64;
    private readonly ConcurrentBag<ExactScan> _scans = [];

    /// <summary>Finds the nearest vectors.</summary>
    /// <param name="query">As many finite elements as the field has dimensions.</param>
    /// <param name="k">How many; 0 or more.</param>
    /// <param name="segments">The segments, all of this metric, type and dimension.</param>
    /// <param name="tail">Vectors in no segment; null for none.</param>
    /// <param name="options">How to search; null for the default.</param>
    /// <returns>The nearest first; fewer than k only when fewer match and are alive.</returns>
    /// <exception cref="ArgumentException">The query has a <see cref="VectorFault"/>, an option or a segment does not fit.</exception>
    /// <exception cref="InvalidDataException">A segment is damaged.</exception>
    /// <exception cref="OperationCanceledException">The options' token asked for it.</exception>
    public NearestAnswer Nearest(ReadOnlySpan<float> query, int k, IReadOnlyList<SegmentPart> segments, Tail? tail = null, NearestOptions? options = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        options ??= NearestOptions.Default;
        var runs = Begin(query, segments, options);
        if (k == 0) return Answer([], runs, 0);
        foreach (var run in runs) run.Begin(query, k);
        ExactScan? scan = null;
        try
        {
            var (late, tailCount) = (Array.Empty<Neighbour>(), 0L);
            if (tail is not null) late = (scan = Rent()).Nearest(query, tail, k, options, out tailCount);
            var hits = new List<Hit>(Math.Min(k, 64));
            var isAscending = true;
            for (var next = 0; hits.Count < k;)
            {
                options.CancellationToken.ThrowIfCancellationRequested();
                SegmentRun? best = null;
                foreach (var run in runs)
                {
                    while (!run.HasNext && !run.IsComplete) run.Widen(query, k - hits.Count, scan ??= Rent());
                    if (run.HasNext && (best is null || IsBefore(run, best, options.KeyOrder))) best = run;
                }

                if (next < late.Length && new Hit(Hit.Tail, late[next].Ordinal, late[next].Distance) is var waiting && (best is null || IsBefore(waiting, best, options.KeyOrder)))
                {
                    hits.Add(waiting);
                    next++;
                }
                else if (best is null) break;
                else if (best.Take(out var hit)) hits.Add(hit);
                isAscending &= hits.Count < 2 || Compare(hits[^2], hits[^1], options.KeyOrder) <= 0;
            }

            // A graph that is walked again may find nearer ones than at first.
            if (!isAscending) hits.Sort((left, right) => Compare(left, right, options.KeyOrder));
            return Answer(hits, runs, tailCount);
        }
        finally
        {
            Return(scan);
        }
    }

    /// <summary>Finds all vectors at most so far away. Graphs find nearly all of them; exact mode finds all.</summary>
    /// <param name="query">As many finite elements as the field has dimensions.</param>
    /// <param name="distance">The largest distance that is found; not NaN.</param>
    /// <param name="segments">The segments, all of this metric, type and dimension.</param>
    /// <param name="tail">Vectors in no segment; null for none.</param>
    /// <param name="options">How to search; null for the default.</param>
    /// <inheritdoc cref="Nearest"/>
    public NearestAnswer Within(ReadOnlySpan<float> query, float distance, IReadOnlyList<SegmentPart> segments, Tail? tail = null, NearestOptions? options = null)
    {
        if (float.IsNaN(distance)) throw new ArgumentException("The distance is NaN.", nameof(distance));
        options ??= NearestOptions.Default;
        var (hits, tailCount) = (new List<Hit>(), 0L);
        var runs = Begin(query, segments, options);
        foreach (var run in runs)
        {
            run.Within(query, distance);
            while (run.HasNext)
                if (run.Take(out var hit)) hits.Add(hit);
        }

        if (tail is not null)
        {
            var scan = Rent();
            try
            {
                foreach (var (key, far) in scan.Within(query, tail, distance, options, out tailCount)) hits.Add(new Hit(Hit.Tail, key, far));
            }
            finally
            {
                Return(scan);
            }
        }

        hits.Sort((left, right) => Compare(left, right, options.KeyOrder));
        return Answer(hits, runs, tailCount);
    }

    private SegmentRun[] Begin(ReadOnlySpan<float> query, IReadOnlyList<SegmentPart> segments, NearestOptions options)
    {
        ArgumentNullException.ThrowIfNull(segments);
        NearestOptions.Check(options);
        VectorRules.ThrowIf(VectorRules.CheckQuery(query, dimension, metric, elementType), query.Length, dimension, nameof(query));
        var runs = new SegmentRun[segments.Count];
        for (var i = 0; i < runs.Length; i++)
        {
            var segment = segments[i].Segment;
            if (segment.Metric != metric || segment.ElementType != elementType || segment.Dimension != dimension)
                throw new ArgumentException($"Segment {i} is one of {segment.Dimension} x {segment.ElementType} by {segment.Metric}, and the search is for {dimension} x {elementType} by {metric}.", nameof(segments));
            runs[i] = new SegmentRun(i, segments[i], options);
        }

        return runs;
    }

    private static NearestAnswer Answer(IReadOnlyList<Hit> hits, SegmentRun[] runs, long tailCount) => new(hits, Array.ConvertAll(runs, static run => run.Report), tailCount);

    // The entry of a row has to be looked up, so it is not where the distance decides.
    private static bool IsBefore(SegmentRun left, SegmentRun right, Comparison<Hit>? keyOrder) =>
        left.NextDistance < right.NextDistance || (left.NextDistance == right.NextDistance && Compare(left.Next, right.Next, keyOrder) < 0);

    private static bool IsBefore(Hit left, SegmentRun right, Comparison<Hit>? keyOrder) =>
        left.Distance < right.NextDistance || (left.Distance == right.NextDistance && Compare(left, right.Next, keyOrder) < 0);

    private static int Compare(Hit left, Hit right, Comparison<Hit>? keyOrder)
    {
        if (left.Distance != right.Distance) return left.Distance.CompareTo(right.Distance);
        if (keyOrder is not null) return keyOrder(left, right);
        return left.Part != right.Part ? left.Part.CompareTo(right.Part) : left.Ordinal.CompareTo(right.Ordinal);
    }

    private ExactScan Rent() => _scans.TryTake(out var scan) ? scan : new ExactScan(metric, elementType, dimension);

    private void Return(ExactScan? scan)
    {
        if (scan is not null && _scans.Count < MostIdle) _scans.Add(scan);
    }
}
