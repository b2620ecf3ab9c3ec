using Basalt.Backends;

namespace Basalt.Cli;

/// <summary>What a command works with: the streams, the schemes it can open, and whether a person is watching.</summary>
internal sealed record Session(TextWriter Output, TextWriter Error, TextReader Input, BackendSet Backends)
{
    /// <summary>Whether standard error is a terminal, so that a progress bar may redraw itself.</summary>
    public bool IsInteractive { get; init; }

    /// <summary>The clock of timestamps, rates and progress.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    public ValueTask<Database> OpenAsync(StoreUri uri, CancellationToken cancellationToken) =>
        Database.OpenAsync(uri, new DatabaseOptions { Backends = Backends, TimeProvider = TimeProvider }, cancellationToken);

    /// <summary>Opens the collection at an address. Without a fragment it is the only collection of the database.</summary>
    public async ValueTask<OpenCollection> OpenCollectionAsync(StoreUri uri, CancellationToken cancellationToken)
    {
        var database = await OpenAsync(uri, cancellationToken).ConfigureAwait(false);
        try
        {
            var name = uri.Collection ?? await OnlyCollectionAsync(database, uri, cancellationToken).ConfigureAwait(false);
            return new OpenCollection(database, name, Named(database, name));
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static Collection Named(Database database, string name)
    {
        try
        {
            return database.Collection(name);
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message, e);
        }
    }

    private static async ValueTask<string> OnlyCollectionAsync(Database database, StoreUri uri, CancellationToken cancellationToken)
    {
        var names = await database.ListCollectionsAsync(cancellationToken).ConfigureAwait(false);
        return names switch
        {
            [var only] => only,
            [] => throw new UsageException($"{uri} holds no collection; name one as {uri}#NAME."),
            _ => throw new UsageException($"{uri} holds {names.Count} collections; add one of #{string.Join(", #", names)}."),
        };
    }
}

/// <summary>A collection and the database that it keeps open.</summary>
internal sealed record OpenCollection(Database Database, string Name, Collection Collection) : IAsyncDisposable
{
    public async ValueTask<CollectionDescription> DescribeAsync(CancellationToken cancellationToken) =>
        await Database.DescribeCollectionAsync(Name, cancellationToken).ConfigureAwait(false)
        ?? throw new BasaltException(ErrorCode.NotFound, $"There is no collection '{Name}'.") { Target = Name };

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
