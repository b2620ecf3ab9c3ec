using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Engine.Searching;
using Basalt.Engine.Writing;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Lsm;
using Basalt.Search;

namespace Basalt.Engine;

public sealed partial class EngineBackend
{
    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<IndexState>> ListIndexesAsync(string collection, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var found = Require(collection);
        return ValueTask.FromResult<IReadOnlyList<IndexState>>(EngineFaults.Guard(collection, () =>
        {
            using var snapshot = _store.Snapshot();
            return StatesOf(found, found.Tree.Tables(snapshot));
        }));
    }

    /// <inheritdoc/>
    public async ValueTask<bool> CreateIndexAsync(string collection, IndexDefinition index, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(index);
        index.Validate();
        var isNew = await DoAsync(new CreateIndexRequest(Require(collection), index, cancellationToken), collection).ConfigureAwait(false);
        _works.Notice();
        return isNew;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> DropIndexAsync(string collection, IndexKind kind, FieldPath path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        var found = Require(collection);
        if (await DoAsync(new DropIndexRequest(found, kind, path, cancellationToken), collection).ConfigureAwait(false) is not { } dropped) return false;
        // Tables that were being written may still get it, and lose it with their next merge: nobody looks at it.
        EngineFaults.Guard(collection, () => DropSections(found, dropped));
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> RebuildIndexAsync(string collection, IndexKind kind, FieldPath path, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(path);
        var found = Require(collection);
        if (await DoAsync(new RenewIndexRequest(found, kind, path, cancellationToken), collection).ConfigureAwait(false) is not { } old) return false;
        EngineFaults.Guard(collection, () => DropSections(found, old));
        await SettleIndexesAsync(collection, null, cancellationToken).ConfigureAwait(false);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask SettleIndexesAsync(string collection, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var found = Require(collection);
        // It takes seconds to hours of a processor: not on the caller's thread, which may be one that answers others.
        await Task.Run(
            () => EngineFaults.Guard(collection, () =>
            {
                _store.Flush(cancellationToken);
                _works.Complete(found, Environment.ProcessorCount, progress, cancellationToken);
                return true;
            }),
            cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<SearchAnswer> SearchAsync(string collection, SearchRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        var found = Require(collection);
        return ValueTask.FromResult(EngineFaults.Guard(collection, () =>
        {
            var (snapshot, isKept) = (_store.Snapshot(), false);
            try
            {
                var search = new CollectionSearch(found, snapshot, null, _sections, _folder);
                var answer = search.Run(request, cancellationToken);
                isKept = Recall?.Offer(search, request, answer, snapshot) == true;
                return answer;
            }
            finally
            {
                if (!isKept) snapshot.Dispose();
            }
        }));
    }

    private List<IndexState> StatesOf(EngineCollection collection, IReadOnlyList<LsmTable> tables) =>
        [.. collection.Indexes.Select(index => new IndexState(index.Definition, IndexWorks.Built(index, tables), tables.Sum(table => Bytes(table, index)), _works.Fault) { Recall = Recall?.Of(index) })];

    private int DropSections(EngineCollection collection, IndexEntry index)
    {
        var dropped = _store.DropSidecar(collection.Tree, index.Section);
        return index.HasGraph ? dropped + _store.DropSidecar(collection.Tree, index.GraphSection) : dropped;
    }

    private static long Bytes(LsmTable table, IndexEntry index)
    {
        var bytes = 0L;
        foreach (var name in new[] { index.Section, index.GraphSection })
        {
            using var section = table.Sidecar(name);
            bytes += section?.Length ?? 0;
        }

        return bytes;
    }
}
