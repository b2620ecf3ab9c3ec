using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Engine.Nearest;
using Basalt.Filters;
using Basalt.Lsm;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Search;
using Basalt.Vectors;
using IndexKind = Basalt.Indexes.IndexKind;

namespace Basalt.Engine.Searching;

/// <summary>A search of a collection: by vector, by text, or both fused; then diversity, groups, projection.</summary>
internal sealed class CollectionSearch(EngineCollection collection, LsmStore store, SegmentCache segments, string folder)
{
    /// <summary>Where results are chosen among candidates, or two rankings are fused: so many times k, and no fewer than <see cref="LeastCandidates"/>.</summary>
    private const int CandidatesPerResult = 4;
    private const int LeastCandidates = 100;

    public SearchAnswer Run(SearchRequest request, CancellationToken cancellationToken)
    {
        using var view = new SearchView(collection, store, request.Filter, cancellationToken);
        var steps = new List<string>();
        var candidates = request.Diversity is null && request.GroupBy is null && request.Text is null ? request.K : Math.Max(LeastCandidates, CandidatesPerResult * request.K);
        while (true)
        {
            steps.Clear();
            var (hits, isExact, isAll) = Rank(view, request, candidates, steps, cancellationToken);
            var chosen = Choose(hits, request);
            // Groups may hide more than was asked for: then more is asked for.
            if (chosen.Count < request.K && !isAll)
            {
                candidates = (int)Math.Min(int.MaxValue / 2, candidates * 4L);
                continue;
            }

            if (request.Filter != Filter.True) steps.Insert(0, $"filter: {request.Filter}");
            return new SearchAnswer([.. chosen.Select(hit => hit with { Record = Projection.Apply(hit.Record, request.Fields) })], new SearchPlan(steps, isExact));
        }
    }

    private (List<SearchHit> Hits, bool IsExact, bool IsAll) Rank(SearchView view, SearchRequest request, int k, List<string> steps, CancellationToken cancellationToken)
    {
        var byVector = new List<Found>();
        var isExact = true;
        if (request.Vector is not null || request.Like is not null)
        {
            var index = Index(IndexKind.Vector, request.VectorField);
            var query = Query(request, index, cancellationToken);
            byVector = VectorSearch.Run(view, segments, index, request, query, k, request.Like, steps, out isExact);
            if (request.Text is null) return ([.. byVector.Select(static found => new SearchHit(found.Record, found.Score) { Distance = -found.Score })], isExact, byVector.Count < k);
        }

        throw new BasaltException(ErrorCode.Unsupported, "No search by text yet.");
    }

    private List<SearchHit> Choose(List<SearchHit> hits, SearchRequest request)
    {
        if (request.GroupBy is { } path)
        {
            var seen = new HashSet<Value>();
            hits = hits.FindAll(hit => path.Resolve(hit.Record) is var value && seen.Add(value));
        }

        if (request.Diversity is not { } weight) return hits.Count > request.K ? hits.GetRange(0, request.K) : hits;
        var index = Index(IndexKind.Vector, request.VectorField);
        var vectors = hits.ConvertAll(hit => index.Definition.Path.Resolve(hit.Record) is { Kind: ValueKind.Vector } value ? value.AsVector : default);
        double Nearness(ReadOnlyMemory<float> a, ReadOnlyMemory<float> b) => a.Length == 0 || b.Length == 0 ? 0 : -ScanSearch.Distance(a.Span, b.Span, index.Definition.Metric);
        return [.. Mmr.Choose(hits.ConvertAll(static hit => hit.Score).ToArray(), (a, b) => Nearness(vectors[a], vectors[b]), weight, request.K).Select(at => hits[at])];
    }

    private ReadOnlyMemory<float> Query(SearchRequest request, IndexEntry index, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var vector = request.Vector ?? Example(request.Like!, index);
        var dimension = index.Definition.Dimension!.Value;
        var fault = VectorRules.CheckQuery(vector.Span, dimension, index.Metric, ElementType.Float32);
        return fault == VectorFault.None ? vector : throw new BasaltException(ErrorCode.InvalidQuery, $"The vector cannot be searched for by {index.Definition.Name}: {VectorRules.Describe(fault, vector.Length, dimension)}.") { Backend = EngineFaults.Scheme, Target = collection.Name };
    }

    private ReadOnlyMemory<float> Example(string id, IndexEntry index)
    {
        var example = PointRead.Read(collection, id, null) ?? throw new BasaltException(ErrorCode.NotFound, $"There is no record '{id}' in '{collection.Name}' of {folder}.") { Backend = EngineFaults.Scheme, Target = collection.Name };
        return index.Definition.Path.Resolve(example) is { Kind: ValueKind.Vector } value ? value.AsVector : throw SearchRequest.Invalid($"The record '{id}' has no vector at {index.Definition.Path}.");
    }

    private IndexEntry Index(IndexKind kind, FieldPath? path)
    {
        var indexes = collection.Indexes.Where(index => index.Kind == kind && (path is null || index.Definition.Path.Equals(path))).ToList();
        var what = kind == IndexKind.Vector ? "vector" : "text";
        return indexes switch
        {
            [var only] => only,
            [] => throw SearchRequest.Invalid($"'{collection.Name}' has no {what} index{(path is null ? "" : $" of {path}")}; create one first: index create {folder}#{collection.Name} FIELD --kind {what}."),
            _ => throw SearchRequest.Invalid($"'{collection.Name}' has {indexes.Count} {what} indexes ({string.Join(", ", indexes.Select(static index => index.Definition.Path))}); name the field."),
        };
    }
}
