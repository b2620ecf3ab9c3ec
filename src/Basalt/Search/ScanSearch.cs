using Basalt.Backends;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Search;

/// <summary>Searches by vector where a backend has no indexes: every record is looked at, in double precision. The definition of a search by vector.</summary>
internal static class ScanSearch
{
    /// <summary>The distance of two vectors of one dimension; NaN where they have none.</summary>
    public static double Distance(ReadOnlySpan<float> left, ReadOnlySpan<float> right, VectorMetric metric)
    {
        double squared = 0, product = 0, absolute = 0, leftSquared = 0, rightSquared = 0;
        for (var i = 0; i < left.Length; i++)
        {
            double a = left[i], b = right[i];
            squared += (a - b) * (a - b);
            product += a * b;
            absolute += Math.Abs(a - b);
            leftSquared += a * a;
            rightSquared += b * b;
        }

        return metric switch
        {
            VectorMetric.L2 => Math.Sqrt(squared),
            VectorMetric.Dot => -product,
            VectorMetric.L1 => absolute,
            _ => 1 - product / Math.Sqrt(leftSquared * rightSquared),
        };
    }

    public static async ValueTask<SearchAnswer> RunAsync(IRecords records, string collection, SearchRequest request, VectorMetric metric, Func<LeafFilter, FilterSupport> supports, Capabilities capabilities, CancellationToken cancellationToken)
    {
        if (request.Text is not null) throw new BasaltException(ErrorCode.Unsupported, $"{capabilities.Scheme}: has no text index; search by vector, or copy the collection to basalt:.") { Backend = capabilities.Scheme, Target = collection };
        if (request.VectorField is not { } field) throw SearchRequest.Invalid($"'{collection}' has no vector index; name the field of the vectors.");
        if (request.Diversity is not null || request.GroupBy is not null) throw new BasaltException(ErrorCode.Unsupported, $"{capabilities.Scheme}: has no indexes, and so neither diversity nor groups; copy the collection to basalt:.") { Backend = capabilities.Scheme, Target = collection };
        var query = request.Vector ?? await ExampleAsync(records, collection, request.Like!, field, cancellationToken).ConfigureAwait(false);
        var plan = QueryPlanner.Plan(Query.Where(request.Filter), capabilities, collection, supports);
        var residual = plan.Residual == Filter.True ? null : plan.Residual.Compile();
        var best = new PriorityQueue<(Record Record, double Distance), (double, string)>(Comparer<(double Distance, string Id)>.Create(static (a, b) => a.Distance != b.Distance ? b.Distance.CompareTo(a.Distance) : Text.Compare(b.Id, a.Id)));
        var measured = 0L;
        await foreach (var record in records.ScanAsync(collection, plan.Pushed with { AnyOrder = true }, cancellationToken).ConfigureAwait(false))
        {
            if (record.Id == request.Like || (residual is not null && !residual(record)) || !TryVector(field.Resolve(record), query.Length, out var vector)) continue;
            var distance = Distance(query.Span, vector.Span, metric);
            measured++;
            if (double.IsNaN(distance) || distance > (request.MaxDistance ?? double.PositiveInfinity)) continue;
            best.Enqueue((record, distance), (distance, record.Id));
            if (best.Count > request.K) best.Dequeue();
        }

        var hits = new List<SearchHit>();
        while (best.TryDequeue(out var hit, out _)) hits.Add(new SearchHit(Projection.Apply(hit.Record, request.Fields), -hit.Distance) { Distance = hit.Distance });
        hits.Reverse();
        return new SearchAnswer(hits, new SearchPlan([$"scan of '{collection}': {measured} vectors measured by {metric}"], IsExact: true));
    }

    /// <summary>The vector of a record, for a search by example.</summary>
    public static async ValueTask<ReadOnlyMemory<float>> ExampleAsync(IRecords records, string collection, string id, FieldPath field, CancellationToken cancellationToken)
    {
        var example = await records.ReadAsync(collection, id, cancellationToken).ConfigureAwait(false) ?? throw new BasaltException(ErrorCode.NotFound, $"There is no record '{id}' in '{collection}'.") { Target = collection };
        return field.Resolve(example) is { Kind: ValueKind.Vector } value ? value.AsVector : throw SearchRequest.Invalid($"The record '{id}' has no vector at {field}.");
    }

    private static bool TryVector(Value value, int dimension, out ReadOnlyMemory<float> vector)
    {
        vector = value.Kind == ValueKind.Vector ? value.AsVector : default;
        return value.Kind == ValueKind.Vector && vector.Length == dimension;
    }
}
