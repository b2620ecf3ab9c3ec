using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Catalog.Storage;

/// <summary>
/// A catalogue in a database: the collections <c>datasets</c>, <c>files</c> and <c>series</c> to be read by anybody, and <c>fragments</c>, which holds the series of each file so that a refresh reads
/// only files that changed. Any backend will do; it can be read while it is written.
/// </summary>
public sealed class CatalogStore
{
    private const int BatchSize = 1000;
    private readonly Database _database;

    /// <summary>A catalogue in a database, which stays the caller's.</summary>
    public CatalogStore(Database database)
    {
        ArgumentNullException.ThrowIfNull(database);
        _database = database;
        (Datasets, Files, Series, Fragments) = (database.Collection("datasets"), database.Collection("files"), database.Collection("series"), database.Collection("fragments"));
    }

    /// <summary>One record a dataset, whose id is its name.</summary>
    public Collection Datasets { get; }

    /// <summary>One record a file.</summary>
    public Collection Files { get; }

    /// <summary>One record a series, whose id is the dataset's name, a slash, and the series' name (<see cref="Statistics.SeriesKey"/>).</summary>
    public Collection Series { get; }

    internal Collection Fragments { get; }

    /// <summary>Whether there is a catalogue.</summary>
    public async ValueTask<bool> ExistsAsync(CancellationToken cancellationToken = default) => (await _database.ListCollectionsAsync(cancellationToken).ConfigureAwait(false)).Contains("datasets");

    /// <summary>Makes the collections that are not there, indexed by dataset where the backend has indexes.</summary>
    internal async ValueTask PrepareAsync(CancellationToken cancellationToken)
    {
        if (!_database.Capabilities.ManyCollections)
            throw new BasaltException(ErrorCode.InvalidOptions, $"A catalogue needs a database of many collections; {_database.Capabilities.Scheme}: at this address has one.") { Backend = _database.Capabilities.Scheme };
        foreach (var collection in new[] { Datasets, Files, Series, Fragments })
        {
            if (!await _database.CreateCollectionAsync(collection.Name, null, cancellationToken).ConfigureAwait(false)) continue;
            if (_database.Backend is Backends.IIndexedBackend && collection != Datasets) await collection.CreateIndexAsync(new IndexDefinition(IndexKind.Scalar, "dataset"), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A dataset by its name, or null.</summary>
    public async ValueTask<StoredDataset?> FindAsync(string name, CancellationToken cancellationToken = default) =>
        await Datasets.GetAsync(name, cancellationToken).ConfigureAwait(false) is { } record ? new StoredDataset(record) : null;

    internal async ValueTask<Dictionary<string, StoredDataset>> DatasetsAsync(CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, StoredDataset>();
        await foreach (var record in Datasets.StreamAsync(Query.All, cancellationToken).ConfigureAwait(false)) found.Add(record.Id, new StoredDataset(record));
        return found;
    }

    internal async ValueTask<ILookup<string, StoredFile>> FilesAsync(CancellationToken cancellationToken)
    {
        var files = new List<StoredFile>();
        await foreach (var record in Files.StreamAsync(Query.All, cancellationToken).ConfigureAwait(false)) files.Add(StoredFile.Of(record));
        return files.ToLookup(static f => f.Dataset);
    }

    /// <summary>Keeps a chunk of a file's series. It counts once the file is kept.</summary>
    internal async ValueTask KeepChunkAsync(StoredFile file, int number, byte[] chunk, CancellationToken cancellationToken) =>
        await Fragments.UpsertAsync(new Record(file.ChunkId(number), ValueMap.From([new("dataset", file.Dataset), new("file", file.Name), new("series", chunk)])), null, cancellationToken).ConfigureAwait(false);

    /// <summary>Keeps what is known of a file, and drops the chunks that it has no more.</summary>
    internal async ValueTask KeepAsync(StoredFile file, int oldChunks, CancellationToken cancellationToken)
    {
        await Files.UpsertAsync(file.ToRecord(), null, cancellationToken).ConfigureAwait(false);
        await DropChunksAsync(file, file.Chunks, oldChunks, cancellationToken).ConfigureAwait(false);
    }

    internal async ValueTask RemoveAsync(StoredFile file, CancellationToken cancellationToken)
    {
        await Files.DeleteAsync(file.Id, null, cancellationToken).ConfigureAwait(false);
        await DropChunksAsync(file, 0, file.Chunks, cancellationToken).ConfigureAwait(false);
    }

    internal async ValueTask RemoveAsync(string dataset, CancellationToken cancellationToken)
    {
        var ofIt = Filter.Field("dataset") == dataset;
        await Series.DeleteWhereAsync(ofIt, cancellationToken).ConfigureAwait(false);
        await Fragments.DeleteWhereAsync(ofIt, cancellationToken).ConfigureAwait(false);
        await Files.DeleteWhereAsync(ofIt, cancellationToken).ConfigureAwait(false);
        await Datasets.DeleteAsync(dataset, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The chunks of a file.</summary>
    internal async IAsyncEnumerable<ReadOnlyMemory<byte>> ChunksAsync(StoredFile file)
    {
        for (var number = 0; number < file.Chunks; number++)
        {
            var record = await Fragments.GetAsync(file.ChunkId(number), CancellationToken.None).ConfigureAwait(false)
                ?? throw new BasaltException(ErrorCode.Corrupt, $"The catalogue lacks part {number + 1} of {file.Chunks} of the series of '{file.Id}'. Index into a new catalogue.") { Target = file.Id };
            yield return record["series"].AsBytes;
        }
    }

    /// <summary>Replaces the series of a dataset by those that come.</summary>
    internal async ValueTask ReplaceSeriesAsync(string dataset, long generation, IAsyncEnumerable<Record> series, bool hasOlder, CancellationToken cancellationToken)
    {
        var batch = new List<Record>(BatchSize);
        await foreach (var record in series.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            batch.Add(record);
            if (batch.Count < BatchSize) continue;
            (await Series.UpsertManyAsync(batch, null, cancellationToken).ConfigureAwait(false)).EnsureDone();
            batch.Clear();
        }

        if (batch.Count > 0) (await Series.UpsertManyAsync(batch, null, cancellationToken).ConfigureAwait(false)).EnsureDone();
        if (hasOlder) await Series.DeleteWhereAsync((Filter.Field("dataset") == dataset) & (Filter.Field("generation") != generation), cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask DropChunksAsync(StoredFile file, int from, int to, CancellationToken cancellationToken)
    {
        for (var number = from; number < to; number++) await Fragments.DeleteAsync(file.ChunkId(number), null, cancellationToken).ConfigureAwait(false);
    }
}
