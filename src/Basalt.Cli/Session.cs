using Basalt.Backends;
using Basalt.Engine;

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
    public ValueTask<OpenCollection> OpenCollectionAsync(StoreUri uri, CancellationToken cancellationToken) => OpenAsync(uri, isTarget: false, cancellationToken);

    /// <summary>The same for a collection that may have to be created: a new file holds the collection of its own name.</summary>
    public ValueTask<OpenCollection> OpenTargetAsync(StoreUri uri, CancellationToken cancellationToken) => OpenAsync(uri, isTarget: true, cancellationToken);

    /// <summary>Opens a database of the engine that is there; unlike an address of <c>basalt:</c> it makes none.</summary>
    public EngineBackend OpenEngine(StoreUri uri, CancellationToken cancellationToken)
    {
        var options = EngineOptions.Of(uri, TimeProvider);
        return EngineBackend.Look(options) switch
        {
            FolderContent.Database => EngineBackend.Open(options, cancellationToken),
            FolderContent.Backup => throw new BasaltException(ErrorCode.InvalidOptions, $"{options.Path} is a backup; verify it as it is, or restore it into another folder.") { Target = options.Path },
            _ => throw new BasaltException(ErrorCode.NotFound, $"There is no database in {options.Path}.") { Target = options.Path },
        };
    }

    /// <summary>Refuses an address of a database of the engine that is not there: who reads does not want an empty one made for a mistyped path.</summary>
    public void RequireThere(StoreUri uri)
    {
        if (IsThere(uri)) return;
        throw new BasaltException(ErrorCode.NotFound, $"There is no database in {uri.Path}.") { Target = uri.Path };
    }

    /// <summary>Whether opening an address would not make a database of the engine that was not there.</summary>
    public bool IsThere(StoreUri uri) => uri.Scheme != EngineBackend.Scheme.Name || EngineBackend.Look(EngineOptions.Of(uri, TimeProvider)) != FolderContent.Other;

    /// <summary>A collection of an open database.</summary>
    public static OpenCollection Named(Database database, string name)
    {
        try
        {
            return new OpenCollection(database, name, database.Collection(name));
        }
        catch (ArgumentException e)
        {
            throw new UsageException(e.Message, e);
        }
    }

    private async ValueTask<OpenCollection> OpenAsync(StoreUri uri, bool isTarget, CancellationToken cancellationToken)
    {
        if (!isTarget) RequireThere(uri);
        var database = await OpenAsync(uri, cancellationToken).ConfigureAwait(false);
        try
        {
            return Named(database, uri.Collection ?? await OnlyCollectionAsync(database, uri, isTarget, cancellationToken).ConfigureAwait(false));
        }
        catch
        {
            await database.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async ValueTask<string> OnlyCollectionAsync(Database database, StoreUri uri, bool isTarget, CancellationToken cancellationToken)
    {
        var names = await database.ListCollectionsAsync(cancellationToken).ConfigureAwait(false);
        return names switch
        {
            [var only] => only,
            [] when isTarget && !database.Capabilities.ManyCollections => StemOf(uri.Path),
            [] => throw new UsageException($"{uri} holds no collection; name one as {uri}#NAME."),
            _ => throw new UsageException($"{uri} holds {names.Count} collections; add one of #{string.Join(", #", names)}."),
        };
    }

    private static string StemOf(string path) => Path.GetFileNameWithoutExtension(path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path);
}

/// <summary>A collection and the database that it keeps open.</summary>
internal sealed record OpenCollection(Database Database, string Name, Collection Collection) : IAsyncDisposable
{
    public async ValueTask<CollectionDescription> DescribeAsync(CancellationToken cancellationToken) =>
        await Database.DescribeCollectionAsync(Name, cancellationToken).ConfigureAwait(false)
        ?? throw new BasaltException(ErrorCode.NotFound, $"There is no collection '{Name}'.") { Target = Name };

    public ValueTask DisposeAsync() => Database.DisposeAsync();
}
