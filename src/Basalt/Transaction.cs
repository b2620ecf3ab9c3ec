using Basalt.Backends;

namespace Basalt;

/// <summary>
/// Writes to any collections of a database that become visible together or not at all. Its collections read the snapshot at the begin and its own
/// writes. Disposal without <see cref="CommitAsync"/> rolls back. Not thread-safe.
/// </summary>
public sealed class Transaction : IAsyncDisposable
{
    private readonly Database _database;
    private readonly IBackendTransaction _transaction;

    internal Transaction(Database database, IBackendTransaction transaction)
    {
        _database = database;
        _transaction = transaction;
    }

    /// <summary>A collection as this transaction sees it.</summary>
    public Collection Collection(string name) => new(_database, _transaction, Database.RequireName(name));

    /// <summary>Makes the writes visible and durable as one.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Conflict"/>: a record written here was written elsewhere since the begin; begin again.</exception>
    public ValueTask CommitAsync(CancellationToken cancellationToken = default) => _transaction.CommitAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _transaction.DisposeAsync();
}
