using Basalt.Backends;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Queries;
using Basalt.Search;
using Basalt.Telemetry;

namespace Basalt;

public sealed partial class Collection
{
    /// <summary>
    /// The records nearest to a vector, most relevant to a text, or both, that satisfy a filter: k of them whenever k exist. Backends without indexes look at every record, which is
    /// exact and slow, and search by vector only.
    /// </summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>, <see cref="ErrorCode.Unsupported"/>, or <see cref="ErrorCode.NotFound"/> when the collection or the example does not exist.</exception>
    public ValueTask<SearchAnswer> SearchAsync(SearchRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Validate();
        return Operation.RunAsync(System, "search", Name, (this, request), static (s, ct) => s.Item1.SearchCoreAsync(s.request, ct), cancellationToken);
    }

    /// <summary>The indexes, in the order of their names; none where the backend has no indexes.</summary>
    public ValueTask<IReadOnlyList<IndexState>> ListIndexesAsync(CancellationToken cancellationToken = default) =>
        _database.Backend is IIndexedBackend indexed ? indexed.ListIndexesAsync(Name, cancellationToken) : ValueTask.FromResult<IReadOnlyList<IndexState>>([]);

    /// <summary>Adds an index; false when there is one of its kind and path. Records that are there already are indexed in the background, and found meanwhile.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>, or <see cref="ErrorCode.Unsupported"/> where the backend has no indexes.</exception>
    public ValueTask<bool> CreateIndexAsync(IndexDefinition index, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(index);
        index.Validate();
        return RequireIndexed("create_index").CreateIndexAsync(Name, index, cancellationToken);
    }

    /// <summary>Removes an index; false when there is none of this kind and path.</summary>
    /// <inheritdoc cref="CreateIndexAsync"/>
    public ValueTask<bool> DropIndexAsync(IndexKind kind, FieldPath path, CancellationToken cancellationToken = default) => RequireIndexed("drop_index").DropIndexAsync(Name, kind, path, cancellationToken);

    /// <summary>Builds an index anew from the records; false when there is none of this kind and path.</summary>
    /// <inheritdoc cref="CreateIndexAsync"/>
    public ValueTask<bool> RebuildIndexAsync(IndexKind kind, FieldPath path, CancellationToken cancellationToken = default) => RequireIndexed("rebuild_index").RebuildIndexAsync(Name, kind, path, cancellationToken);

    /// <summary>Returns when every index covers all that is on disk; reports the share.</summary>
    public ValueTask SettleIndexesAsync(IProgress<double>? progress = null, CancellationToken cancellationToken = default) =>
        _database.Backend is IIndexedBackend indexed ? indexed.SettleIndexesAsync(Name, progress, cancellationToken) : ValueTask.CompletedTask;

    private async ValueTask<SearchAnswer> SearchCoreAsync(SearchRequest request, CancellationToken cancellationToken)
    {
        var schema = await SchemaAsync(cancellationToken).ConfigureAwait(false);
        RequireKnown(schema, QueryPlanner.Leaves(request.Filter).Select(static leaf => leaf.Path), "filter");
        if (_records is IIndexedRecords indexed) return await indexed.SearchAsync(Name, request, cancellationToken).ConfigureAwait(false);
        return await ScanSearch.RunAsync(_records, Name, request, VectorMetric.Cosine, leaf => _database.Backend.Supports(Name, leaf), _database.Capabilities, cancellationToken).ConfigureAwait(false);
    }

    private IIndexedBackend RequireIndexed(string operation) =>
        _database.Backend as IIndexedBackend ?? throw _database.Unsupported("has no indexes; copy the collection to basalt:", operation);
}
