using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Engine.Nearest;
using Basalt.Engine.Transactions;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Lsm;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Search;
using Basalt.Vectors;

namespace Basalt.Engine.Searching;

/// <summary>A search of a collection: by vector, by text, or both fused; then diversity, groups, projection.</summary>
/// <param name="collection">What is searched.</param>
/// <param name="snapshot">As of when; the caller's.</param>
/// <param name="own">What a transaction wrote to the collection; null for nothing.</param>
/// <param name="sections">Where sections of indexes are kept open.</param>
/// <param name="folder">The database, for messages.</param>
internal sealed class CollectionSearch(EngineCollection collection, LsmSnapshot snapshot, OwnWrites? own, SectionCache sections, string folder)
{
    /// <summary>Where results are chosen among candidates, or two rankings are fused: so many times k, and no fewer than <see cref="LeastCandidates"/>.</summary>
    private const int CandidatesPerResult = 4;
    private const int LeastCandidates = 100;

    /// <summary>The name of what is searched.</summary>
    public string Collection => collection.Name;

    /// <summary>The index of vectors that the last search used; null when it was not by vector.</summary>
    public IndexEntry? VectorIndex { get; private set; }

    public SearchAnswer Run(SearchRequest request, CancellationToken cancellationToken)
    {
        var view = new SearchView(collection, snapshot, own, request.Filter, null, cancellationToken);
        using var held = new HeldSections(sections, view.Tables);
        var matching = new Matching(collection, view, held);
        var byVector = request.Vector is null && request.Like is null ? null : Index(IndexKind.Vector, request.VectorField);
        VectorIndex = byVector;
        var byText = request.Text is null ? null : Index(IndexKind.Text, request.TextField);
        var query = byVector is null ? default : Query(request, byVector, cancellationToken);
        var vectors = byVector is null ? null : new VectorSearch(view, held, matching, byVector, request);
        var texts = byText is null ? null : new TermSearch(view, held, matching, new DeadEntries(view, sections.Overlaps), byText, request);
        var isChosen = request.Diversity is not null || request.GroupBy is not null || (byVector is not null && byText is not null);
        for (var candidates = isChosen ? Math.Max(LeastCandidates, CandidatesPerResult * request.K) : request.K; ; candidates = (int)Math.Min(int.MaxValue / 2, candidates * 4L))
        {
            var steps = new SearchSteps();
            if (request.Filter != Filter.True) steps.Add(() => $"filter {request.Filter}{(matching.IsIndexed ? ", by scalar indexes" : "")}");
            var near = vectors?.Run(query, candidates, steps);
            var fitting = texts?.Run(candidates, steps);
            var hits = Rank(near, fitting, request);
            var chosen = Choose(hits, request);
            // Groups may hide more than was asked for: then more is asked for.
            if (chosen.Count < request.K && (near?.Count == candidates || fitting?.Count == candidates)) continue;
            if (request.Fields is { } fields) chosen = chosen.ConvertAll(hit => hit with { Record = Projection.Apply(hit.Record, fields) });
            return new SearchAnswer(chosen, new SearchPlan(steps, vectors?.IsExact ?? true));
        }
    }

    private static List<SearchHit> Rank(List<Found>? near, List<Found>? fitting, SearchRequest request)
    {
        if (fitting is null) return near!.ConvertAll(static found => new SearchHit(found.Record, found.Score) { Distance = -found.Score });
        if (near is null) return fitting.ConvertAll(static found => new SearchHit(found.Record, found.Score) { Relevance = found.Score });
        var records = near.Concat(fitting).DistinctBy(static found => found.Record.Id).ToDictionary(static found => found.Record.Id, static found => found.Record, StringComparer.Ordinal);
        var weights = request.Weights ?? (1, 1);
        Ranking<string>[] rankings = [Ranking(near, weights.Vector), Ranking(fitting, weights.Text)];
        var order = Comparer<string>.Create(static (left, right) => Text.Compare(left, right));
        var fused = request.Weights is null ? Fusion.ByRank(rankings, int.MaxValue, order) : Fusion.ByScore(rankings, int.MaxValue, order);
        return [.. fused.Select(hit => new SearchHit(records[hit.Key], hit.Score) { Distance = -hit.Parts[0], Relevance = hit.Parts[1] })];
    }

    private static Ranking<string> Ranking(List<Found> found, double weight) => new(found.ConvertAll(static each => each.Record.Id), found.ConvertAll(static each => each.Score), weight);

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
        return fault == VectorFault.None ? vector : throw new BasaltException(ErrorCode.InvalidQuery, $"The vector cannot be searched for by {index.Definition.Name}: {VectorRules.Describe(fault, vector.Length, dimension)}") { Backend = EngineFaults.Scheme, Target = collection.Name };
    }

    private ReadOnlyMemory<float> Example(string id, IndexEntry index)
    {
        var example = (own?.Hides(id) == true ? own.Find(id) : PointRead.Read(collection, id, snapshot)) ?? throw new BasaltException(ErrorCode.NotFound, $"There is no record '{id}' in '{collection.Name}' of {folder}.") { Backend = EngineFaults.Scheme, Target = collection.Name };
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
