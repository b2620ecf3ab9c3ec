using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Backends.Memory;

/// <summary>
/// Snapshot isolation by roots: reads and writes go to private edits of the trees at the begin; the commit lets the first writer of a record win.
/// </summary>
internal sealed class MemoryTransaction(MemoryBackend backend, Dictionary<string, RecordTree> begun) : IBackendTransaction
{
    private readonly Dictionary<string, RecordTree> _trees = new(begun);
    private readonly Dictionary<string, Dictionary<string, Record?>> _written = [];
    private bool _ended;

    public ValueTask<Record?> ReadAsync(string collection, string id, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(Require(collection).Find(id));
    }

    public ValueTask<IReadOnlyList<WriteOutcome>> WriteAsync(string collection, WriteBatch batch, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_ended, this);
        var editor = _trees.GetValueOrDefault(collection, RecordTree.Empty).Edit();
        var outcomes = backend.Apply(batch, editor);
        _trees[collection] = editor.Commit();
        if (!_written.TryGetValue(collection, out var written)) _written[collection] = written = [];
        for (var i = 0; i < outcomes.Length; i++)
            if (outcomes[i].Status == WriteStatus.Done) written[batch.Writes[i].Record.Id] = outcomes[i].Stored;
        return ValueTask.FromResult<IReadOnlyList<WriteOutcome>>(outcomes);
    }

    public IAsyncEnumerable<Record> ScanAsync(string collection, PushedQuery query, CancellationToken cancellationToken) =>
        MemoryScan.RunAsync(Require(collection), query, cancellationToken);

    public ValueTask<long?> CountAsync(string collection, Filter filter, CancellationToken cancellationToken) =>
        ValueTask.FromResult<long?>(MemoryScan.Count(Require(collection), filter, cancellationToken));

    public ValueTask CommitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_ended, this);
        _ended = true;
        backend.Commit(begun, _written);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _ended = true;
        return ValueTask.CompletedTask;
    }

    private RecordTree Require(string collection)
    {
        ObjectDisposedException.ThrowIf(_ended, this);
        return _trees.TryGetValue(collection, out var tree) ? tree : throw MemoryBackend.NoSuchCollection(collection);
    }
}
