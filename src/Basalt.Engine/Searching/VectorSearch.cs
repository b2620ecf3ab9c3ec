using Basalt.Engine.Indexes;
using Basalt.Engine.Nearest;
using Basalt.Records;
using Basalt.Search;
using Basalt.Vectors;

namespace Basalt.Engine.Searching;

/// <summary>A record that was found, with its score: more is better.</summary>
internal readonly record struct Found(Record Record, double Score);

/// <summary>The records of a view that are nearest to a vector, by the segments of an index and, where these are not there yet, one by one.</summary>
internal static class VectorSearch
{
    /// <param name="view">What is searched.</param>
    /// <param name="segments">The segments that are open.</param>
    /// <param name="index">The index.</param>
    /// <param name="request">Effort, distance, exactness.</param>
    /// <param name="query">As many elements as the index has dimensions.</param>
    /// <param name="k">How many.</param>
    /// <param name="leftOut">The id of a record that is no result; null for none.</param>
    /// <param name="steps">Takes what was done, in words.</param>
    /// <param name="isExact">Whether nothing nearer can have been missed.</param>
    public static List<Found> Run(SearchView view, SegmentCache segments, IndexEntry index, SearchRequest request, ReadOnlyMemory<float> query, int k, string? leftOut, List<string> steps, out bool isExact)
    {
        var dimension = index.Definition.Dimension!.Value;
        var held = new List<OpenSegment>();
        try
        {
            var parts = new List<int>();
            var unindexed = new List<int>();
            for (var part = 0; part < view.Tables.Count; part++)
            {
                if (segments.Hold(view.Tables[part], index) is { } segment)
                {
                    held.Add(segment);
                    parts.Add(part);
                }
                else unindexed.Add(part);
            }

            var tail = new List<Record>(view.Tail.Where(record => record.Id != leftOut));
            foreach (var part in unindexed) tail.AddRange(view.Entries(part).Where(record => record.Id != leftOut));
            var isPlain = leftOut is null && parts.TrueForAll(view.IsPlain);
            var options = new NearestOptions
            {
                Exact = request.IsExact,
                Effort = request.Effort ?? 0,
                Verify = isPlain ? null : (at, ordinal) => view.Read(parts[at], ordinal) is { } record && record.Id != leftOut,
                // So that the answer does not depend on which table a record is in.
                KeyOrder = (left, right) => Text.Compare(Id(view, parts, tail, left), Id(view, parts, tail, right)),
                CancellationToken = view.CancellationToken,
            };
            var search = new NearestSearch(index.Metric, ElementType.Float32, dimension);
            var searched = held.ConvertAll(static segment => new SegmentPart(segment.Segment));
            var vectors = Vectors(tail, index, dimension);
            var answer = request.MaxDistance is { } far ? search.Within(query.Span, far, searched, vectors, options) : search.Nearest(query.Span, k, searched, vectors, options);
            Tell(answer, view, parts, unindexed.Count, steps);
            isExact = answer.IsExact;
            return [.. answer.Hits.Take(k).Select(hit => new Found(hit.Part == Hit.Tail ? tail[hit.Ordinal] : view.Read(parts[hit.Part], hit.Ordinal)!, -hit.Distance))];
        }
        finally
        {
            foreach (var segment in held) segment.Release();
        }
    }

    private static string Id(SearchView view, List<int> parts, List<Record> tail, Hit hit) => hit.Part == Hit.Tail ? tail[hit.Ordinal].Id : view.Id(parts[hit.Part], hit.Ordinal);

    private static IEnumerable<TailVector> Vectors(List<Record> records, IndexEntry index, int dimension)
    {
        for (var i = 0; i < records.Count; i++)
        {
            if (index.Definition.Path.Resolve(records[i]) is { Kind: ValueKind.Vector } value && VectorRules.Check(value.AsVector.Span, dimension, index.Metric, ElementType.Float32) == VectorFault.None)
                yield return new TailVector(i, value.AsVector);
        }
    }

    private static void Tell(NearestAnswer answer, SearchView view, List<int> parts, int unindexed, List<string> steps)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            var report = answer.Segments[i];
            steps.Add($"table {view.Tables[parts[i]].Number}: {report.Way} of {report.Matching} of {report.Rows} vectors, {report.Statistics.Distances} distances, {report.Statistics.Rescored} measured again, {report.Verified} records read, {report.Dropped} of them did not count");
        }

        if (unindexed > 0) steps.Add($"{unindexed} tables without the index yet: every record looked at");
        if (answer.TailVectors > 0) steps.Add($"not in an index: {answer.TailVectors} vectors measured one by one");
    }
}
