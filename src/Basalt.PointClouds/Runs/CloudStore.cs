using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Reading;
using Basalt.Records;

namespace Basalt.PointClouds.Runs;

/// <summary>The records of a cloud in their collection: reads by id alone, so that every backend serves them alike. Thread-safe.</summary>
internal sealed class CloudStore(Collection collection, PointSchema schema, long cacheBytes)
{
    private static readonly Meter Meter = new("Basalt.PointClouds");
    private static readonly Counter<long> ReadBytes = Meter.CreateCounter<long>("basalt.points.read_bytes", "By", "Bytes of chunks and pages that were asked of a backend.");
    private static readonly Counter<long> Hits = Meter.CreateCounter<long>("basalt.points.cache_hits", "{part}", "Chunks and pages that were in memory already.");
    private static readonly Counter<long> Misses = Meter.CreateCounter<long>("basalt.points.cache_misses", "{part}", "Chunks and pages that were asked of a backend.");

    private readonly PartCache _cache = new(cacheBytes);
    private readonly ConcurrentDictionary<string, Run> _runs = new(StringComparer.Ordinal);

    public Collection Collection => collection;

    public PointSchema Schema => schema;

    public async ValueTask<CloudHead> ReadHeadAsync(CancellationToken cancellationToken)
    {
        var head = await FindHeadAsync(collection, cancellationToken).ConfigureAwait(false) ?? throw Fault(ErrorCode.NotFound, $"There is no point cloud in '{collection.Name}' any more.");
        if (!head.Schema.Equals(schema)) throw Fault(ErrorCode.Conflict, $"'{collection.Name}' has become another point cloud since it was opened.");
        // Runs that are no more are forgotten.
        if (_runs.Count > 2 * head.Runs.Count + 16)
            foreach (var id in _runs.Keys.Except(head.Runs.Select(static run => run.Id)).ToList()) _runs.TryRemove(id, out _);
        return head;
    }

    /// <summary>The head of the cloud in a collection; null when it has none.</summary>
    public static async ValueTask<CloudHead?> FindHeadAsync(Collection collection, CancellationToken cancellationToken)
    {
        if (await collection.GetAsync(CloudHead.Id, cancellationToken).ConfigureAwait(false) is not { } record) return null;
        try
        {
            return CloudHead.Of(record);
        }
        catch (InvalidDataException e)
        {
            throw Damaged(collection, CloudHead.Id, e);
        }
    }

    /// <summary>Changes the head as it is then; somebody who changed it in between makes this begin anew.</summary>
    public async ValueTask<CloudHead> ChangeHeadAsync(Func<CloudHead, CancellationToken, ValueTask<CloudHead>> change, CancellationToken cancellationToken)
    {
        const int MostAttempts = 64;
        for (var attempt = 1; ; attempt++)
        {
            var head = await ReadHeadAsync(cancellationToken).ConfigureAwait(false);
            var next = await change(head, cancellationToken).ConfigureAwait(false);
            try
            {
                var stored = await collection.UpdateAsync(next.ToRecord(), head.Version, cancellationToken).ConfigureAwait(false);
                return next with { Version = stored?.Version ?? throw Fault(ErrorCode.NotFound, $"There is no point cloud in '{collection.Name}' any more.") };
            }
            catch (BasaltException e) when (e.Code == ErrorCode.Conflict && attempt < MostAttempts)
            {
                // Another writer was faster: once more from what is there.
            }
        }
    }

    public ValueTask<CloudHead> ChangeHeadAsync(Func<CloudHead, CloudHead> change, CancellationToken cancellationToken) =>
        ChangeHeadAsync((head, _) => ValueTask.FromResult(change(head)), cancellationToken);

    /// <summary>A run that the head names.</summary>
    public async ValueTask<Run> RunAsync(RunSummary summary, CancellationToken cancellationToken)
    {
        if (_runs.TryGetValue(summary.Id, out var known)) return known;
        var id = Run.RecordId(summary.Id);
        var record = await collection.GetAsync(id, cancellationToken).ConfigureAwait(false) ?? throw Missing(id);
        try
        {
            return _runs.GetOrAdd(summary.Id, Run.Of(summary, record));
        }
        catch (InvalidDataException e)
        {
            throw Damaged(collection, id, e);
        }
    }

    public ValueTask<LabelEntry[]> LabelsAsync(Run run, int page, ReadTiming? timing, CancellationToken cancellationToken) =>
        PageAsync(run, Run.LabelPage, page, static (bytes, schema) => DirectoryPage.ReadLabels(bytes.Span, schema.Axes.Count), timing, cancellationToken);

    public ValueTask<BlockEntry[]> BlocksAsync(Run run, int page, CancellationToken cancellationToken) =>
        PageAsync(run, Run.BlockPage, page, static (bytes, schema) => DirectoryPage.ReadBlocks(bytes.Span, schema.Axes.Count), null, cancellationToken);

    public ValueTask<ChunkEntry[]> ChunksAsync(Run run, int page, ReadTiming? timing, CancellationToken cancellationToken) =>
        PageAsync(run, Run.ChunkPage, page, static (bytes, schema) => DirectoryPage.ReadChunks(bytes.Span, schema.Axes.Count), timing, cancellationToken);

    /// <summary>The entry of a label; null when the run has none.</summary>
    public async ValueTask<LabelEntry?> FindLabelAsync(Run run, ulong label, ReadTiming? timing, CancellationToken cancellationToken)
    {
        if (run.PageOf(label) is not (>= 0 and var page)) return null;
        var entries = await LabelsAsync(run, page, timing, cancellationToken).ConfigureAwait(false);
        var (low, high) = (0, entries.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (entries[middle].Label == label) return entries[middle];
            if (entries[middle].Label < label) low = middle + 1;
            else high = middle - 1;
        }

        return null;
    }

    /// <summary>The entry of a block; null when the run has none.</summary>
    public async ValueTask<BlockEntry?> FindBlockAsync(Run run, string block, CancellationToken cancellationToken)
    {
        if (run.PageOf(block) is not (>= 0 and var page)) return null;
        foreach (var entry in await BlocksAsync(run, page, cancellationToken).ConfigureAwait(false))
            if (entry.Id == block) return entry;
        return null;
    }

    /// <summary>Chunks by their numbers, opened, in the order asked for.</summary>
    public async ValueTask<Chunk[]> ReadChunksAsync(Run run, ReadOnlyMemory<int> numbers, ReadTiming? timing, CancellationToken cancellationToken)
    {
        var chunks = new Chunk[numbers.Length];
        var missing = new List<(int At, string Id)>();
        for (var i = 0; i < chunks.Length; i++)
        {
            var id = Run.PartId(run.Summary.Id, Run.Chunk, numbers.Span[i]);
            if (_cache.Find(id) is Chunk known) chunks[i] = known;
            else missing.Add((i, id));
        }

        Count(timing, chunks.Length - missing.Count, missing.Count);
        if (timing is not null) timing.Chunks += chunks.Length;
        if (missing.Count == 0) return chunks;
        var asked = ReadTiming.Now;
        var records = await collection.GetManyAsync(missing.ConvertAll(static m => m.Id), cancellationToken).ConfigureAwait(false);
        if (timing is not null) timing.Query += Stopwatch.GetElapsedTime(asked);
        for (var i = 0; i < missing.Count; i++) chunks[missing[i].At] = Open(missing[i].Id, records[i], timing, static (bytes, schema) => Chunk.Open(bytes.Span, schema), static chunk => chunk.Bytes);
        return chunks;
    }

    public BasaltException Fault(ErrorCode code, string message) => new(code, message) { Target = collection.Name };

    private async ValueTask<T[]> PageAsync<T>(Run run, char kind, int page, Func<ReadOnlyMemory<byte>, PointSchema, T[]> read, ReadTiming? timing, CancellationToken cancellationToken)
    {
        var id = Run.PartId(run.Summary.Id, kind, page);
        if (_cache.Find(id) is T[] known)
        {
            Count(timing, 1, 0);
            return known;
        }

        Count(timing, 0, 1);
        var asked = ReadTiming.Now;
        var record = await collection.GetAsync(id, cancellationToken).ConfigureAwait(false);
        if (timing is not null) timing.Query += Stopwatch.GetElapsedTime(asked);
        return Open(id, record, timing, read, static entries => entries.Length * (long)System.Runtime.CompilerServices.Unsafe.SizeOf<T>() + 64);
    }

    private T Open<T>(string id, Record? record, ReadTiming? timing, Func<ReadOnlyMemory<byte>, PointSchema, T> read, Func<T, long> size)
        where T : class
    {
        if (record is null) throw Missing(id);
        var began = ReadTiming.Now;
        try
        {
            var bytes = record["data"] is { Kind: ValueKind.Bytes } data ? data.AsBytes : throw new InvalidDataException("it has no bytes");
            var opened = read(bytes, schema);
            _cache.Add(id, opened, size(opened));
            ReadBytes.Add(bytes.Length);
            if (timing is null) return opened;
            timing.Bytes += bytes.Length;
            timing.Decode += Stopwatch.GetElapsedTime(began);
            return opened;
        }
        catch (InvalidDataException e)
        {
            throw Damaged(collection, id, e);
        }
    }

    private static void Count(ReadTiming? timing, int hits, int misses)
    {
        Hits.Add(hits);
        Misses.Add(misses);
        if (timing is null) return;
        timing.CacheHits += hits;
        timing.CacheMisses += misses;
    }

    /// <summary>A record that the head named is gone: it was replaced while it was read, and that long ago that it has been removed since.</summary>
    private BasaltException Missing(string id) =>
        Fault(ErrorCode.Conflict, $"The record '{id}' of '{collection.Name}' is not there: the cloud was optimised while it was read, or the record is lost. Read again; points verify tells which.");

    internal static BasaltException Damaged(Collection collection, string id, Exception cause) =>
        new(ErrorCode.Corrupt, $"The record '{id}' of '{collection.Name}' is damaged: {cause.Message}.", cause) { Target = $"{collection.Name}/{id}" };

    internal BasaltException Damaged(string id, Exception cause) => Damaged(collection, id, cause);
}
