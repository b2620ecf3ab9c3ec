using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Search;

namespace Basalt.Backends;

/// <summary>Records that are searched by indexes: those of a backend, and those that a transaction of it sees, its own writes with them.</summary>
public interface IIndexedRecords : IRecords
{
    /// <summary>Searches by vector or text or both. The request is valid.</summary>
    ValueTask<SearchAnswer> SearchAsync(string collection, SearchRequest request, CancellationToken cancellationToken);
}

/// <summary>
/// What a backend with indexes can do beside <see cref="IBackend"/>. Indexes are part of every commit: what is acknowledged is found by all of them. A collection that does
/// not exist is a <see cref="BasaltException"/> with <see cref="ErrorCode.NotFound"/>.
/// </summary>
public interface IIndexedBackend : IBackend, IIndexedRecords
{
    /// <summary>The indexes of a collection, in the order of their names.</summary>
    ValueTask<IReadOnlyList<IndexState>> ListIndexesAsync(string collection, CancellationToken cancellationToken);

    /// <summary>Adds an index; false when the collection has one of this kind and path. What is there already is indexed in the background; answers are whole meanwhile.</summary>
    ValueTask<bool> CreateIndexAsync(string collection, IndexDefinition index, CancellationToken cancellationToken);

    /// <summary>Removes an index; false when there is none of this kind and path.</summary>
    ValueTask<bool> DropIndexAsync(string collection, IndexKind kind, FieldPath path, CancellationToken cancellationToken);

    /// <summary>Builds an index anew from the records, and returns when it is whole; false when there is none of this kind and path.</summary>
    ValueTask<bool> RebuildIndexAsync(string collection, IndexKind kind, FieldPath path, CancellationToken cancellationToken);

    /// <summary>Returns when every index of the collection covers all that is on disk.</summary>
    ValueTask SettleIndexesAsync(string collection, IProgress<double>? progress, CancellationToken cancellationToken);
}
