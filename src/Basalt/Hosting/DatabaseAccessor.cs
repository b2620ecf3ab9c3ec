namespace Basalt.Hosting;

/// <summary>
/// A registered database, opened once on first use (opening is asynchronous, constructors are not). A failed opening is tried again by the next
/// caller. Thread-safe; disposed with the container, which closes the database.
/// </summary>
public sealed class DatabaseAccessor : IAsyncDisposable, IDisposable
{
    private readonly StoreUri _uri;
    private readonly DatabaseOptions _options;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private Database? _database;
    private bool _disposed;

    internal DatabaseAccessor(string name, StoreUri uri, DatabaseOptions options)
    {
        Name = name;
        _uri = uri;
        _options = options;
    }

    /// <summary>The name under which it was registered; empty for the unnamed one.</summary>
    public string Name { get; }

    /// <summary>The open database.</summary>
    /// <exception cref="BasaltException">It cannot be opened; the next call tries again.</exception>
    public ValueTask<Database> GetAsync(CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return _database is { } open ? ValueTask.FromResult(open) : OpenAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // An opening under way is waited for; the semaphore stays, for those that wait behind this.
        await _opening.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_disposed) return;
            _disposed = true;
            if (_database is not null) await _database.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }

    /// <summary>Closes the database, for containers that are disposed synchronously; prefer <see cref="DisposeAsync"/>.</summary>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    private async ValueTask<Database> OpenAsync(CancellationToken cancellationToken)
    {
        await _opening.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _database ??= await Database.OpenAsync(_uri, _options, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _opening.Release();
        }
    }
}
