using Basalt.PointClouds.Editing;
using Basalt.PointClouds.Ingest;
using Basalt.PointClouds.Optimizing;
using Basalt.PointClouds.Runs;

namespace Basalt.PointClouds;

/// <summary>
/// Labelled points in a collection of any backend: found by label, by place and by block. Points lie in compressed chunks, which are records like any others; reads ask records by id alone and see what was completed before
/// they began. Labels are all numbers of 64 bits without sign. Thread-safe; it holds a cache, and the database that it was opened on stays the caller's.
/// </summary>
/// <example><code>
/// var cloud = await PointCloud.OpenOrCreateAsync(db, "neurons", new PointSchema());
/// await using var ingest = await cloud.IngestAsync();
/// await ingest.AddAsync("block 17", points.WithLabel(720575940611644529));
/// await ingest.CompleteAsync();
/// var neuron = await cloud.ReadAsync(PointQuery.OfLabel(720575940611644529));
/// </code></example>
public sealed partial class PointCloud
{
    private readonly CloudStore _store;
    private readonly PointCloudOptions _options;
    private IReadOnlyList<StoredEdit>? _edits;
    private CurrentLabels? _map;

    private PointCloud(CloudStore store, PointCloudOptions options) => (_store, _options) = (store, options);

    private sealed record CurrentLabels(IReadOnlyList<StoredEdit> Edits, LabelMap Map);

    /// <summary>The collection that it is in.</summary>
    public string Name => _store.Collection.Name;

    /// <summary>What its points have.</summary>
    public PointSchema Schema => _store.Schema;

    /// <summary>Opens the cloud in a collection.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.NotFound"/>: the collection does not exist or holds no cloud.</exception>
    public static async ValueTask<PointCloud> OpenAsync(Database database, string collection, PointCloudOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(database);
        var records = database.Collection(collection);
        return await FindAsync(records, Checked(options), cancellationToken).ConfigureAwait(false)
            ?? throw new BasaltException(ErrorCode.NotFound, $"'{collection}' holds no point cloud.") { Target = collection };
    }

    /// <summary>Makes an empty cloud in a collection, which is created if it is not there and must be empty.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.AlreadyExists"/>: the collection holds a cloud, or other records; <see cref="ErrorCode.InvalidOptions"/>: a schema that cannot be.</exception>
    public static async ValueTask<PointCloud> CreateAsync(Database database, string collection, PointSchema schema, PointCloudOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(schema);
        schema.Validate();
        var records = database.Collection(collection);
        await database.CreateCollectionAsync(collection, null, cancellationToken).ConfigureAwait(false);
        if (await records.CountAsync(null, cancellationToken).ConfigureAwait(false) > 0) throw new BasaltException(ErrorCode.AlreadyExists, $"'{collection}' is not empty; a point cloud is made in a collection of its own.") { Target = collection };
        var head = new CloudHead { Schema = schema };
        await records.CreateAsync(head.ToRecord(), cancellationToken).ConfigureAwait(false);
        var checkedOptions = Checked(options);
        return new PointCloud(new CloudStore(records, schema, checkedOptions.CacheBytes), checkedOptions);
    }

    /// <summary>Opens the cloud in a collection, or makes it.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Conflict"/>: there is one of another schema.</exception>
    public static async ValueTask<PointCloud> OpenOrCreateAsync(Database database, string collection, PointSchema schema, PointCloudOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(schema);
        schema.Validate();
        var known = await database.DescribeCollectionAsync(collection, cancellationToken).ConfigureAwait(false) is null
            ? null
            : await FindAsync(database.Collection(collection), Checked(options), cancellationToken).ConfigureAwait(false);
        if (known is null) return await CreateAsync(database, collection, schema, options, cancellationToken).ConfigureAwait(false);
        if (known.Schema.Equals(schema)) return known;
        throw new BasaltException(ErrorCode.Conflict, $"'{collection}' holds a point cloud of {known.Schema}, not of {schema}.") { Target = collection };
    }

    /// <summary>Begins to take points in. Dispose of what it gives.</summary>
    public async ValueTask<PointIngest> IngestAsync(IngestOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new IngestOptions();
        options.Validate();
        var head = await _store.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
        return new PointIngest(_store, head, options, _options.TimeProvider, TidyAsync);
    }

    /// <summary>Counts of what there is, without reading points.</summary>
    public async ValueTask<PointCloudStats> StatsAsync(CancellationToken cancellationToken = default)
    {
        var head = await _store.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
        return new PointCloudStats(head.Points, head.Runs.Count, head.Runs.Sum(static run => (long)run.Chunks), head.Runs.Sum(static run => (long)run.Blocks), head.Runs.Sum(static run => run.Bytes), head.Edits, head.Pending.Count, head.Retired.Count);
    }

    /// <summary>Merges all runs into one: small chunks become large ones, and each label and box is found in fewer. Readers and writers go on meanwhile; what others read stays for the <see cref="PointCloudOptions.Grace"/>, and is removed by
    /// the next call that comes after it. Interrupted anywhere, nothing is lost or there twice.</summary>
    /// <returns>What was done.</returns>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Conflict"/>: another optimisation went before; nothing was changed.</exception>
    public ValueTask<OptimizeReport> OptimizeAsync(IProgress<double>? progress = null, CancellationToken cancellationToken = default) =>
        new CloudOptimizer(_store, _options).RunAsync(static runs => runs, progress, cancellationToken);

    /// <summary>Merges the smaller runs, so that there are few.</summary>
    private async ValueTask TidyAsync(CancellationToken cancellationToken)
    {
        await new CloudOptimizer(_store, _options).RunAsync(static runs => [.. runs.OrderBy(static run => run.Points).Take(Math.Max(2, runs.Count * 3 / 4))], null, cancellationToken).ConfigureAwait(false);
    }

    private static PointCloudOptions Checked(PointCloudOptions? options)
    {
        options ??= new PointCloudOptions();
        options.Validate();
        return options;
    }

    private static async ValueTask<PointCloud?> FindAsync(Collection records, PointCloudOptions options, CancellationToken cancellationToken) =>
        await CloudStore.FindHeadAsync(records, cancellationToken).ConfigureAwait(false) is { } head ? new PointCloud(new CloudStore(records, head.Schema, options.CacheBytes), options) : null;

    /// <summary>The head, and the labels as of a number of edits.</summary>
    private async ValueTask<(CloudHead Head, LabelMap Map)> BeginAsync(int? asOf, CancellationToken cancellationToken)
    {
        var head = await _store.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
        if (asOf is < 0 || asOf > head.Edits) throw new ArgumentOutOfRangeException(nameof(asOf), asOf, $"There are {head.Edits} edits of labels.");
        if ((asOf ?? head.Edits) == 0) return (head, LabelMap.Identity);
        var edits = await EditsAsync(head, cancellationToken).ConfigureAwait(false);
        if (asOf is { } count && count < edits.Count) return (head, MapOf(edits.Take(count)));
        if (Volatile.Read(ref _map) is { } known && ReferenceEquals(known.Edits, edits)) return (head, known.Map);
        var map = MapOf(edits);
        Volatile.Write(ref _map, new CurrentLabels(edits, map));
        return (head, map);
    }

    /// <summary>All edits that a head names. Those that were read last are kept.</summary>
    private async ValueTask<IReadOnlyList<StoredEdit>> EditsAsync(CloudHead head, CancellationToken cancellationToken)
    {
        if (head.Edits == 0) return [];
        if (Volatile.Read(ref _edits) is { Count: > 0 } known && known.Count == head.Edits && known[^1].Mark == head.LastEdit) return known;
        var edits = await EditLog.ReadAsync(_store, head, cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _edits, edits);
        return edits;
    }

    private LabelMap MapOf(IEnumerable<StoredEdit> edits) => LabelMap.Of([.. edits.Select(static stored => stored.Edit)], Schema);
}

/// <summary>Counts of a cloud.</summary>
/// <param name="Points">Points.</param>
/// <param name="Runs">Runs: sets of points that were written together. One after <see cref="PointCloud.OptimizeAsync"/>.</param>
/// <param name="Chunks">Chunks.</param>
/// <param name="Blocks">Blocks.</param>
/// <param name="Bytes">Bytes of chunks and pages, before the backend does anything about them.</param>
/// <param name="Edits">Edits of labels.</param>
/// <param name="Pending">Runs that are being written, or whose writer died.</param>
/// <param name="Retired">Runs that were replaced and are not removed yet.</param>
public sealed record PointCloudStats(long Points, int Runs, long Chunks, long Blocks, long Bytes, int Edits, int Pending, int Retired);
