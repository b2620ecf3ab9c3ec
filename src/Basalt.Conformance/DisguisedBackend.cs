using System.Runtime.CompilerServices;
using Basalt.Changes;

namespace Basalt.Conformance;

/// <summary>
/// Declares less, or something else, than the backend behind it, and behaves exactly as badly as it declares: an inexact leaf lets other records
/// through, an unordered scan comes shuffled, fields that were not asked for are missing. And it refuses whatever it did not declare. So the answers
/// that the door gives over it prove the planner for any backend.
/// </summary>
public sealed class DisguisedBackend(IBackend inner, Disguise disguise) : IBackend
{
    /// <inheritdoc/>
    public Capabilities Capabilities { get; } = inner.Capabilities with
    {
        Sorts = disguise.Sorts,
        AtomicBatches = disguise.KeepsAtomicity && inner.Capabilities.AtomicBatches,
        Transactions = disguise.KeepsAtomicity && inner.Capabilities.Transactions,
        ManyCollections = inner.Capabilities.ManyCollections && !disguise.HoldsOneCollection,
        MaxRecordBytes = disguise.MaxRecordBytes ?? inner.Capabilities.MaxRecordBytes,
    };

    /// <inheritdoc/>
    public FilterSupport Supports(string collection, LeafFilter leaf) => disguise.Of(leaf);

    /// <inheritdoc/>
    public ValueTask<Record?> ReadAsync(string collection, string id, CancellationToken cancellationToken) => inner.ReadAsync(collection, id, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<WriteOutcome>> WriteAsync(string collection, WriteBatch batch, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Require(batch.OnFailure != OnFailure.Rollback || Capabilities.AtomicBatches, "a batch to roll back reached a backend without atomic batches");
        return inner.WriteAsync(collection, batch, cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<Record> ScanAsync(string collection, PushedQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var isExact = RequireDeclared(query.Filter, isNegated: false);
        Require(isExact || query.Limit is null, "a limit was pushed with an inexact filter");
        Require(Capabilities.Sorts || query.Sort.Count == 0, "sort keys reached a backend that does not sort");
        Require(query.AfterKeys is null || (query.AfterKeys.Count == query.Sort.Count && query.AfterId is not null), "a place in an order was pushed without that order");
        Require(!query.AnyOrder || (query.Sort.Count == 0 && query.Limit is null), "a limit or sort keys were pushed although the order does not matter");
        return RunAsync(inner.ScanAsync(collection, PushedQuery.Everything with { AfterId = query.AfterKeys is null ? query.AfterId : null }, cancellationToken), query, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long?> CountAsync(string collection, Filter filter, CancellationToken cancellationToken)
    {
        Require(RequireDeclared(filter, isNegated: false), "a count was asked of an inexact filter");
        return disguise.Draw(filter.ToString()) % 2 == 0 ? inner.CountAsync(collection, filter, cancellationToken) : UnknownAsync(collection, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken) => inner.ListCollectionsAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<CollectionDescription?> DescribeAsync(string collection, CancellationToken cancellationToken) => inner.DescribeAsync(collection, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> CreateCollectionAsync(string collection, Schema schema, CancellationToken cancellationToken) =>
        inner.CreateCollectionAsync(collection, schema, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> DropCollectionAsync(string collection, CancellationToken cancellationToken) => inner.DropCollectionAsync(collection, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<ScanCost> EstimateAsync(string collection, PushedQuery query, CancellationToken cancellationToken) =>
        inner.EstimateAsync(collection, query, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IBackendTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        Require(Capabilities.Transactions, "a transaction was begun on a backend without transactions");
        return inner.BeginAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<Change> ChangesAsync(string? after, bool follows, CancellationToken cancellationToken) => inner.ChangesAsync(after, follows, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<string> ChangeTokenAsync(CancellationToken cancellationToken) => inner.ChangeTokenAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask PingAsync(CancellationToken cancellationToken) => inner.PingAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    private async IAsyncEnumerable<Record> RunAsync(IAsyncEnumerable<Record> everything, PushedQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var matches = new List<Record>();
        await foreach (var record in everything.WithCancellation(cancellationToken))
            if (Lets(query.Filter, record) && IsBehind(record, query)) matches.Add(record);
        if (query.AnyOrder) matches.Sort((x, y) => disguise.Draw(x.Id).CompareTo(disguise.Draw(y.Id)));
        else matches.Sort(Oracle.Order(query.Sort));

        var left = query.Limit ?? long.MaxValue;
        foreach (var record in matches)
        {
            if (left-- == 0) yield break;
            cancellationToken.ThrowIfCancellationRequested();
            yield return Oracle.Project(record, query.Fields);
        }
    }

    private static bool IsBehind(Record record, PushedQuery query)
    {
        if (query.AfterKeys is not { } keys) return true;
        for (var i = 0; i < keys.Count; i++)
        {
            var order = query.Sort[i].Path.Resolve(record).CompareTo(keys[i]);
            if (order != 0) return query.Sort[i].Descending ? order < 0 : order > 0;
        }

        return Value.From(record.Id).CompareTo(Value.From(query.AfterId!)) > 0;
    }

    private async ValueTask<long?> UnknownAsync(string collection, CancellationToken cancellationToken)
    {
        // Only for the error that a missing collection is.
        await inner.CountAsync(collection, Filter.False, cancellationToken);
        return null;
    }

    /// <summary>Whether every leaf is declared exact; refuses undeclared leaves, and inexact ones under a negation.</summary>
    private bool RequireDeclared(Filter filter, bool isNegated)
    {
        switch (filter)
        {
            case ConstantFilter: return true;
            case LeafFilter leaf:
                var support = disguise.Of(leaf);
                Require(support != FilterSupport.None, $"the undeclared leaf '{leaf}' was pushed");
                Require(support == FilterSupport.Exact || !isNegated, $"the inexact leaf '{leaf}' was pushed under a negation");
                return support == FilterSupport.Exact;
            case NotFilter not: return RequireDeclared(not.Inner, isNegated: true);
            case AndFilter and: return and.Terms.Aggregate(true, (exact, term) => RequireDeclared(term, isNegated) && exact);
            case OrFilter or: return or.Terms.Aggregate(true, (exact, term) => RequireDeclared(term, isNegated) && exact);
            default: throw new InvalidOperationException($"{filter.GetType().Name} is not part of the algebra.");
        }
    }

    private bool Lets(Filter filter, Record record) => filter switch
    {
        LeafFilter leaf => leaf.Matches(record) || (disguise.Of(leaf) == FilterSupport.Inexact && disguise.Draw(record.Id + leaf) % 3 == 0),
        NotFilter not => !Lets(not.Inner, record),
        AndFilter and => and.Terms.All(term => Lets(term, record)),
        OrFilter or => or.Terms.Any(term => Lets(term, record)),
        _ => filter.Matches(record),
    };

    private static void Require(bool condition, string otherwise)
    {
        if (!condition) throw new InvalidOperationException($"The door broke its word: {otherwise}.");
    }
}
