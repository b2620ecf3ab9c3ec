using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Basalt.Backends;
using Basalt.Changes;
using Basalt.Records;
using Basalt.Schemas;
using Microsoft.Extensions.Logging;

namespace Basalt;

/// <summary>
/// The door: an open database, which holds collections. It checks names, limits, schemas and capabilities before a backend sees any I/O, plans
/// queries and traces operations. Thread-safe and long-lived; dispose it to release what the backend holds.
/// </summary>
/// <example><code>
/// await using var db = await Database.OpenAsync("file:./data");
/// var films = db.Collection("films");
/// await films.CreateAsync(new Record { ["title"] = "Alien", ["year"] = 1979 });
/// await foreach (var film in films.StreamAsync(Query.Where("year &lt; 1980"))) Console.WriteLine(film["title"].AsString);
/// </code></example>
public sealed class Database : IAsyncDisposable
{
    /// <summary>The longest name of a collection, in characters.</summary>
    public const int MaxNameLength = 128;

    private const string NoChanges = "keeps no changes, at least not as it is opened";
    private readonly ConcurrentDictionary<string, Schema> _schemas = new();
    private readonly Lock _schemasGate = new();
    private long _schemasForgotten;

    internal Database(IBackend backend, DatabaseOptions options)
    {
        Backend = backend;
        Options = options;
        Minter = new RecordIdMinter(options.TimeProvider);
    }

    internal IBackend Backend { get; }

    internal DatabaseOptions Options { get; }

    internal RecordIdMinter Minter { get; }

    /// <summary>What the backend declares.</summary>
    public Capabilities Capabilities => Backend.Capabilities;

    /// <summary>Opens the database at an address such as <c>memory:</c>, <c>file:./data</c> or <c>file:people.csv</c>; a fragment is ignored here.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: the address or an option cannot be used; or the backend's fault.</exception>
    [SuppressMessage("Design", "CA1054", Justification = "System.Uri cannot hold file:./relative/paths.")]
    public static ValueTask<Database> OpenAsync(string uri, DatabaseOptions? options = null, CancellationToken cancellationToken = default) =>
        OpenAsync(StoreUri.Parse(uri), options, cancellationToken);

    /// <inheritdoc cref="OpenAsync(string, DatabaseOptions?, CancellationToken)"/>
    public static async ValueTask<Database> OpenAsync(StoreUri uri, DatabaseOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(uri);
        options ??= new DatabaseOptions();
        options.Validate();
        var backend = await options.Backends.Find(uri).Open(uri, options, cancellationToken).ConfigureAwait(false);
        options.LoggerFactory.CreateLogger<Database>().LogDebug("Opened {Uri}", uri);
        return new Database(backend, options);
    }

    /// <summary>A database on a backend that the caller opened; disposing the database disposes the backend.</summary>
    public static Database Over(IBackend backend, DatabaseOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(backend);
        options ??= new DatabaseOptions();
        options.Validate();
        return new Database(backend, options);
    }

    /// <summary>
    /// A collection by name. No I/O: it need not exist yet. A write creates it without a schema; reading one that does not exist is an error,
    /// so that a misspelt name is not an empty answer.
    /// </summary>
    public Collection Collection(string name) => new(this, Backend, RequireName(name));

    /// <summary>A typed view of a collection: items of <typeparamref name="T"/> are mapped to records by their public properties.</summary>
    public Collection<T> Collection<[DynamicallyAccessedMembers(Mapping.Members)] T>(string name)
        where T : class
        => new(Collection(name));

    /// <summary>The names of the collections, sorted.</summary>
    public ValueTask<IReadOnlyList<string>> ListCollectionsAsync(CancellationToken cancellationToken = default) => Backend.ListCollectionsAsync(cancellationToken);

    /// <summary>What is known of a collection without reading it, or null when it does not exist.</summary>
    public ValueTask<CollectionDescription?> DescribeCollectionAsync(string name, CancellationToken cancellationToken = default) =>
        Backend.DescribeAsync(RequireName(name), cancellationToken);

    /// <summary>Creates an empty collection; false when it exists, which then stays as it is, schema included.</summary>
    public async ValueTask<bool> CreateCollectionAsync(string name, Schema? schema = null, CancellationToken cancellationToken = default)
    {
        RequireName(name);
        if (schema?.TimeToLive is not null && !Capabilities.Expiry) throw Unsupported("keeps no expiry, so a schema cannot have a time to live", "create_collection");
        var existing = await Backend.ListCollectionsAsync(cancellationToken).ConfigureAwait(false);
        if (!Capabilities.ManyCollections && existing.Count > 0 && !existing.Contains(name))
            throw Unsupported($"holds one collection, '{existing[0]}'", "create_collection");
        var created = await Backend.CreateCollectionAsync(name, schema ?? Schema.Any, cancellationToken).ConfigureAwait(false);
        if (created) ForgetSchema(name);
        return created;
    }

    /// <summary>Creates a collection with the schema of a mapped type; false when it exists.</summary>
    public ValueTask<bool> CreateCollectionAsync<[DynamicallyAccessedMembers(Mapping.Members)] T>(string name, CancellationToken cancellationToken = default)
        where T : class
        => CreateCollectionAsync(name, Mapper<T>.Default.Schema, cancellationToken);

    /// <summary>Removes a collection with its records; false when it does not exist.</summary>
    public async ValueTask<bool> DropCollectionAsync(string name, CancellationToken cancellationToken = default)
    {
        RequireName(name);
        var dropped = await Backend.DropCollectionAsync(name, cancellationToken).ConfigureAwait(false);
        ForgetSchema(name);
        return dropped;
    }

    /// <summary>Begins a transaction over all collections of this database.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Unsupported"/>: the backend does not declare transactions; it saw no I/O.</exception>
    public async ValueTask<Transaction> BeginAsync(CancellationToken cancellationToken = default)
    {
        if (!Capabilities.Transactions) throw Unsupported("has no transactions", "begin");
        return new Transaction(this, await Backend.BeginAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <summary>
    /// The committed changes of all collections in the order of their commits, each once, in bounded memory. It is the seam for replicas, caches and indexes elsewhere: apply a change, keep its
    /// <see cref="Change.Token"/> with what it was applied to, and go on behind it after any crash.
    /// </summary>
    /// <param name="after">The token of the last change that is known; null for all that is kept. A copy that is to be kept in step begins with <see cref="ChangeTokenAsync"/>, then copies, then applies what came behind the token.</param>
    /// <param name="follow">Whether to wait for more, until cancelled; else it ends with what is committed at the call.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="BasaltException">
    /// <see cref="ErrorCode.Unsupported"/>: the backend keeps no changes, or not unless asked to when it is opened; it saw no I/O. <see cref="ErrorCode.Gone"/>: changes behind the token are no longer kept.
    /// <see cref="ErrorCode.InvalidQuery"/>: the token is none of this database.
    /// </exception>
    public IAsyncEnumerable<Change> ChangesAsync(string? after = null, bool follow = false, CancellationToken cancellationToken = default) =>
        Capabilities.Changes ? Backend.ChangesAsync(after, follow, cancellationToken) : throw Unsupported(NoChanges, "changes");

    /// <summary>The token behind the last change that is committed.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Unsupported"/>, as of <see cref="ChangesAsync"/>.</exception>
    public ValueTask<string> ChangeTokenAsync(CancellationToken cancellationToken = default) =>
        Capabilities.Changes ? Backend.ChangeTokenAsync(cancellationToken) : throw Unsupported(NoChanges, "changes");

    /// <summary>Fails when the backend cannot serve: for health checks.</summary>
    public ValueTask PingAsync(CancellationToken cancellationToken = default) => Backend.PingAsync(cancellationToken);

    /// <summary>How well the backend can serve, with the figures behind it: space, memory, work that waits.</summary>
    /// <exception cref="BasaltException">It cannot even tell.</exception>
    public ValueTask<BackendHealth> CheckAsync(CancellationToken cancellationToken = default) => Backend.CheckAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Backend.DisposeAsync();

    /// <summary>The schema of a collection; an open one without fields while it does not exist.</summary>
    internal ValueTask<Schema> SchemaAsync(string collection, CancellationToken cancellationToken) =>
        _schemas.TryGetValue(collection, out var schema) ? ValueTask.FromResult(schema) : LoadSchemaAsync(collection, cancellationToken);

    /// <summary>Whether there is no such collection; one that was seen once is taken to be there still.</summary>
    internal async ValueTask<bool> IsMissingAsync(string collection, CancellationToken cancellationToken)
    {
        if (_schemas.ContainsKey(collection)) return false;
        return await DescribeAsync(collection, cancellationToken).ConfigureAwait(false) is null;
    }

    private async ValueTask<Schema> LoadSchemaAsync(string collection, CancellationToken cancellationToken) =>
        (await DescribeAsync(collection, cancellationToken).ConfigureAwait(false))?.Schema ?? Schema.Any;

    private async ValueTask<CollectionDescription?> DescribeAsync(string collection, CancellationToken cancellationToken)
    {
        var forgotten = Volatile.Read(ref _schemasForgotten);
        var description = await Backend.DescribeAsync(collection, cancellationToken).ConfigureAwait(false);
        if (description is null) return null;
        // What was described before a drop or a creation ended may be of the collection before it.
        lock (_schemasGate)
            if (forgotten == _schemasForgotten) _schemas[collection] = description.Schema;
        return description;
    }

    private void ForgetSchema(string collection)
    {
        lock (_schemasGate)
        {
            _schemasForgotten++;
            _schemas.TryRemove(collection, out _);
        }
    }

    internal BasaltException Unsupported(string what, string operation) =>
        new(ErrorCode.Unsupported, $"{Capabilities.Scheme}: {what}.") { Backend = Capabilities.Scheme, Operation = operation };

    internal static string RequireName(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (name.Length > MaxNameLength) throw new ArgumentException($"The name of a collection has at most {MaxNameLength} characters, not {name.Length}.", nameof(name));
        Text.RequireWellFormed(name, nameof(name));
        if (name.AsSpan().ContainsAnyInRange('\0', '\x1F')) throw new ArgumentException("The name of a collection has no control characters.", nameof(name));
        return name;
    }
}
