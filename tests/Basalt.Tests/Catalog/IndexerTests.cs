using System.Text;
using Basalt.Backends;
using Basalt.Catalog.Discovery;
using Basalt.Catalog.Indexing;
using Basalt.Catalog.Statistics;
using Basalt.Catalog.Storage;
using Basalt.Engine;
using Basalt.Objects;
using Basalt.Objects.Memory;
using Basalt.Queries;
using Basalt.S3;
using Basalt.Tests.Objects;

namespace Basalt.Tests.Catalog;

[Collection(S3Tests.Name)]
public sealed class IndexerTests(CephServer server) : IDisposable
{
    private static readonly BackendSet Backends = BackendSet.Default.With(EngineBackend.Scheme);
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-catalog-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("memory:", RowOrder.Clustered)]
    [InlineData("file:", RowOrder.Interleaved)]
    [InlineData("basalt:", RowOrder.Shuffled)]
    public async Task Statistics_are_those_of_every_row_in_any_database_and_stay_so_through_refreshes(string scheme, RowOrder order)
    {
        await using var objects = new MemoryObjectStore();
        await using var database = await Database.OpenAsync(scheme == "memory:" ? scheme : scheme + Path.Combine(_folder, "catalog"), new DatabaseOptions { Backends = Backends }, Token);
        var one = new SampleDataset("one", seed: 1).Make(series: 60, files: 5);
        var many = new SampleDataset("Many_Keys", seed: 2).Make(series: 80, files: 4, parts: 3);
        await one.PutAsync(objects, order);
        await many.PutAsync(objects, order, isGzip: true);
        var report = await IndexAsync(objects, database);
        Assert.Equal((2, 0, 0), (report.Datasets, report.FilesFailed, report.FilesUnchanged));
        Assert.Equal(report.FilesRead, report.Requests);
        await ExpectAsync(database, one, order == RowOrder.Shuffled);
        await ExpectAsync(database, many, order == RowOrder.Shuffled);

        Assert.Equal((0, 0L), await ChangesAsync(objects, database));

        // A file changes, one comes, one goes: only the first two are read.
        var next = new SampleDataset("one", seed: 3).Make(series: 60, files: 5);
        var (before, after) = (one.Files(order).ToList(), next.Files(order).ToList());
        await objects.PutAsync("one/" + after[1].Name, after[1].Content, cancellationToken: Token);
        await objects.PutAsync("one/new.csv", after[2].Content, cancellationToken: Token);
        await objects.DeleteAsync("one/" + before[3].Name, Token);
        var mixed = new SampleDataset("one", seed: 0);
        mixed.Rows.AddRange(one.Rows.Where(static r => r.File is not (1 or 3)));
        mixed.Rows.AddRange(next.Rows.Where(static r => r.File is 1 or 2).Select(static r => r with { File = r.File == 2 ? 9 : 1 }));
        Assert.Equal((2, after[1].Content.Length + after[2].Content.LongLength), await ChangesAsync(objects, database));
        await ExpectAsync(database, mixed, isShuffled: true);
        await ExpectAsync(database, many, order == RowOrder.Shuffled);

        await foreach (var item in objects.ListAsync(new ObjectListing(), Token))
            if (item.Key.Contains("Many_Keys", StringComparison.Ordinal)) await objects.DeleteAsync(item.Key, Token);
        await ChangesAsync(objects, database);
        Assert.Equal(["one"], await IdsAsync(new CatalogStore(database).Datasets));
        Assert.DoesNotContain(await IdsAsync(new CatalogStore(database).Series), static id => id.StartsWith("Many", StringComparison.Ordinal));
        await ExpectAsync(database, mixed, isShuffled: true);
    }

    [Fact]
    public async Task A_bad_file_is_named_and_left_out_and_stops_nothing()
    {
        await using var objects = new MemoryObjectStore();
        await using var database = await Database.OpenAsync("memory:", cancellationToken: Token);
        var good = new SampleDataset("good", seed: 1).Make(series: 20, files: 2);
        var part = new SampleDataset("part", seed: 2).Make(series: 30, files: 3);
        await good.PutAsync(objects, RowOrder.Clustered);
        await part.PutAsync(objects, RowOrder.Clustered);
        var bad = part.Files(RowOrder.Clustered).ElementAt(1);
        await objects.PutAsync("part/" + bad.Name, "k0,timestamp,target\na,2014-01-01,1\nb,2014-01-01\n"u8.ToArray(), cancellationToken: Token);
        await objects.PutAsync("worse/x.csv", Array.Empty<byte>(), cancellationToken: Token);
        await objects.PutAsync("parquet/x.parquet", new byte[2000], cancellationToken: Token);
        await objects.PutAsync("metadata/nothing_metadata.yaml", "name: nothing"u8.ToArray(), cancellationToken: Token);
        await objects.PutAsync("broken/x.csv", "item_id\na\n"u8.ToArray(), cancellationToken: Token);
        await objects.PutAsync("broken/broken_metadata.yaml", "name: [x"u8.ToArray(), cancellationToken: Token);
        var report = await IndexAsync(objects, database);
        Assert.Equal((6, 3), (report.Datasets, report.FilesFailed));

        var store = new CatalogStore(database);
        await ExpectAsync(database, good, isShuffled: false);
        part.Rows.RemoveAll(static r => r.File == 1);
        var record = await ExpectAsync(database, part, isShuffled: false, "partial");
        var total = await SizeOfAsync(objects, "part/");
        Assert.Equal((3L, 1L, total), (record["files"].AsInt64, record["failed_files"].AsInt64, record["bytes_total"].AsInt64));
        Assert.Equal(1 - (48.0 / total), record["coverage"].AsDouble, 9);
        var failed = (await store.Files.GetAsync("part/" + bad.Name, Token))!;
        Assert.Equal(("failed", "data"), (failed["state"].AsString, failed["failure"].AsString));
        Assert.Contains("line 3", failed["error"].AsString);
        foreach (var (name, state) in new[] { ("worse", "failed"), ("parquet", "failed"), ("nothing", "empty"), ("broken", "failed") })
        {
            var dataset = (await store.FindAsync(name, Token))!.Record;
            Assert.Equal((name, state, 0L), (name, dataset["state"].AsString, dataset["series"].AsInt64));
            Assert.True(dataset["method"].IsNull);
        }

        Assert.Equal("unsupported", (await store.Files.GetAsync("parquet/x.parquet", Token))!["failure"].AsString);
        Assert.Contains("broken_metadata.yaml", (await store.FindAsync("broken", Token))!.Record["metadata_fault"].AsString);

        // What failed is left alone until it changes, or until asked for.
        Assert.Equal((0, 0L), await ChangesAsync(objects, database));
        Assert.Equal(3, (await IndexAsync(objects, database, new IndexingOptions { ReadsFailedAgain = true })).FilesFailed);
        await objects.PutAsync("part/" + bad.Name, bad.Content, cancellationToken: Token);
        await objects.PutAsync("broken/broken_metadata.yaml", "name: broken"u8.ToArray(), cancellationToken: Token);
        Assert.Equal(2, (await ChangesAsync(objects, database)).Files);
        await ExpectAsync(database, new SampleDataset("part", seed: 2).Make(series: 30, files: 3), isShuffled: false);
        Assert.Equal(("complete", "yaml", 1L), ((await store.FindAsync("broken", Token))!.Record["state"].AsString, (await store.FindAsync("broken", Token))!.Record["metadata"].AsString, (await store.FindAsync("broken", Token))!.Record["series"].AsInt64));
    }

    [Fact]
    public async Task A_change_of_the_declared_key_reads_the_dataset_again()
    {
        await using var objects = new MemoryObjectStore();
        await using var database = await Database.OpenAsync("memory:", cancellationToken: Token);
        await objects.PutAsync("d/x.csv", "a,b\n1,1\n1,2\n2,1\n"u8.ToArray(), cancellationToken: Token);
        await IndexAsync(objects, database);
        Assert.Equal(("inferred", 1L), await SeriesAsync());
        await objects.PutAsync("d_metadata.yaml", "ts_id: [a]"u8.ToArray(), cancellationToken: Token);
        await IndexAsync(objects, database);
        Assert.Equal(("yaml", 2L), await SeriesAsync());
        await objects.PutAsync("d_metadata.yaml", "ts_id: [a, b]"u8.ToArray(), cancellationToken: Token);
        await IndexAsync(objects, database);
        Assert.Equal(("yaml", 3L), await SeriesAsync());
        Assert.Equal(["d/1/1", "d/1/2", "d/2/1"], await IdsAsync(new CatalogStore(database).Series));
        await objects.PutAsync("d_metadata.yaml", "ts_id: [c]"u8.ToArray(), cancellationToken: Token);
        Assert.Equal(1, (await IndexAsync(objects, database)).FilesFailed);

        async Task<(string, long)> SeriesAsync() => (await new CatalogStore(database).FindAsync("d", Token))!.Record is var r ? (r["metadata"].AsString, r["series"].AsInt64) : default;
    }

    [Fact]
    public async Task A_run_that_is_stopped_anywhere_is_gone_on_with_and_ends_the_same()
    {
        await using var objects = new MemoryObjectStore();
        var sample = new SampleDataset("d", seed: 5).Make(series: 100, files: 12);
        await sample.PutAsync(objects, RowOrder.Clustered);
        for (var stopAt = 1; stopAt <= 12; stopAt += 3)
        {
            await using var database = await Database.OpenAsync("memory:", cancellationToken: Token);
            using var stopping = new CancellationTokenSource();
            var stopped = new TrippingStore(objects, read =>
            {
                if (read == stopAt) stopping.Cancel();
            });
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await new Indexer(new DatasetRoot(stopped, ""), new CatalogStore(database), new IndexingOptions { Concurrency = 2 }).RunAsync(null, stopping.Token));
            var done = await new CatalogStore(database).Files.CountAsync(null, Token);
            Assert.InRange(done, 0, stopAt);
            Assert.Equal("pending", (await new CatalogStore(database).FindAsync("d", Token))!.Record["state"].AsString);
            var report = await IndexAsync(objects, database);
            Assert.Equal((12L - done, done), ((long)report.FilesRead, (long)report.FilesUnchanged));
            await ExpectAsync(database, sample, isShuffled: false);
        }
    }

    [Fact]
    public async Task What_may_pass_is_tried_again_and_what_concerns_all_ends_the_run()
    {
        await using var objects = new MemoryObjectStore();
        var sample = new SampleDataset("d", seed: 5).Make(series: 40, files: 6);
        await sample.PutAsync(objects, RowOrder.Clustered);
        var options = new IndexingOptions { FirstPause = TimeSpan.FromMilliseconds(1) };

        await using var database = await Database.OpenAsync("memory:", cancellationToken: Token);
        var refusing = new TrippingStore(objects, static read => _ = read % 2 == 1 ? throw new BasaltException(ErrorCode.Throttled, "slow down") : 0);
        Assert.Equal(0, (await IndexAsync(refusing, database, options with { MaxAttempts = 10, Concurrency = 1 })).FilesFailed);
        await ExpectAsync(database, sample, isShuffled: false);

        await using var second = await Database.OpenAsync("memory:", cancellationToken: Token);
        var down = new TrippingStore(objects, static _ => throw new BasaltException(ErrorCode.Unavailable, "down"));
        Assert.Equal(6, (await IndexAsync(down, second, options)).FilesFailed);
        Assert.Equal(6 * 3, down.Reads);
        // The next run tries by itself.
        Assert.Equal(6, (await IndexAsync(objects, second, options)).FilesRead);
        await ExpectAsync(second, sample, isShuffled: false);

        await using var third = await Database.OpenAsync("memory:", cancellationToken: Token);
        var forbidden = new TrippingStore(objects, static _ => throw new BasaltException(ErrorCode.Unauthorized, "forbidden"));
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await IndexAsync(forbidden, third, options with { Concurrency = 1 }));
        Assert.Equal((ErrorCode.Unauthorized, 1), (fault.Code, forbidden.Reads));
    }

    [Fact]
    public async Task A_large_dataset_does_not_keep_small_ones_waiting()
    {
        await using var objects = new MemoryObjectStore();
        await new SampleDataset("giant", seed: 1).Make(series: 600, files: 40, longest: 60).PutAsync(objects, RowOrder.Clustered);
        for (var i = 0; i < 10; i++) await new SampleDataset($"small{i}", seed: i + 2).Make(series: 3, files: 2).PutAsync(objects, RowOrder.Clustered);
        await using var database = await Database.OpenAsync("memory:", cancellationToken: Token);
        var opened = new List<string>();
        var watched = new TrippingStore(objects, static _ => { }, opened);
        await IndexAsync(watched, database, new IndexingOptions { Concurrency = 4 });
        var rows = opened.Where(static key => key.EndsWith(".csv", StringComparison.Ordinal)).ToList();
        Assert.True(rows.FindIndex(static key => key.StartsWith("giant", StringComparison.Ordinal)) >= 16, string.Join(' ', rows.Take(24)));
    }

    [Fact]
    public async Task A_plan_reads_no_rows_and_writes_nothing()
    {
        await using var objects = new MemoryObjectStore();
        var sample = new SampleDataset("d", seed: 5).Make(series: 40, files: 6);
        await sample.PutAsync(objects, RowOrder.Clustered);
        await using var database = await Database.OpenAsync("memory:", cancellationToken: Token);
        var opened = new List<string>();
        var plan = await new Indexer(new DatasetRoot(new TrippingStore(objects, static _ => { }, opened), ""), new CatalogStore(database)).PlanAsync(Token);
        Assert.Equal(["metadata/d_metadata.yaml"], opened);
        Assert.Empty(await database.ListCollectionsAsync(Token));
        Assert.Equal((6, 6, await SizeOfAsync(objects, "d/")), (plan.Datasets[0].ToRead.Count, plan.Datasets[0].Requests, plan.Datasets[0].Bytes));
    }

    [Fact]
    public async Task A_catalogue_has_a_dataset_of_one_name_from_one_root_only()
    {
        await using var objects = new MemoryObjectStore();
        await using var database = await Database.OpenAsync("memory:", cancellationToken: Token);
        await objects.PutAsync("x/d/a.csv", "v\n1\n"u8.ToArray(), cancellationToken: Token);
        await objects.PutAsync("y/d/a.csv", "v\n1\n"u8.ToArray(), cancellationToken: Token);
        await objects.PutAsync("z/e/a.csv", "v\n1\n"u8.ToArray(), cancellationToken: Token);
        await RunAsync("x/");
        await RunAsync("z/");
        Assert.Equal(ErrorCode.AlreadyExists, (await Assert.ThrowsAsync<BasaltException>(() => RunAsync("y/"))).Code);
        Assert.Equal(["d", "e"], await IdsAsync(new CatalogStore(database).Datasets));

        async Task RunAsync(string prefix) => await new Indexer(new DatasetRoot(objects, prefix), new CatalogStore(database)).RunAsync(null, Token);
    }

    [Fact]
    public async Task A_bucket_is_indexed_through_throttling_and_broken_connections()
    {
        var options = await server.NewBucketAsync();
        await using var proxy = new FaultyProxy(server.Endpoint, static (_, number) => (number % 5) switch { 1 => new Mishap { Status = 503 }, 3 => new Mishap { CutsAfter = 700 }, _ => Mishap.None });
        await using var objects = S3ObjectStore.Open(options with { Endpoint = proxy.Endpoint, FirstPause = TimeSpan.FromMilliseconds(1), MaxAttempts = 20 });
        await using var direct = S3ObjectStore.Open(options);
        var one = new SampleDataset("one", seed: 1).Make(series: 60, files: 5);
        var two = new SampleDataset("two", seed: 2).Make(series: 60, files: 5, parts: 2);
        await one.PutAsync(direct, RowOrder.Interleaved, prefix: "some/prefix/");
        await two.PutAsync(direct, RowOrder.Interleaved, isGzip: true, prefix: "some/prefix/");
        await using var database = await Database.OpenAsync("memory:", cancellationToken: Token);
        var report = await new Indexer(new DatasetRoot(objects, "some/prefix/"), new CatalogStore(database)).RunAsync(null, Token);
        Assert.Equal(0, report.FilesFailed);
        await ExpectAsync(database, one, isShuffled: false);
        await ExpectAsync(database, two, isShuffled: false);
    }

    [Fact]
    public void Options_that_cannot_be_used_are_refused()
    {
        IndexingOptions[] bad = [new() { Concurrency = 0 }, new() { Concurrency = 65 }, new() { MaxAttempts = 0 }, new() { FirstPause = TimeSpan.FromMinutes(2) }, new() { SeriesMemoryBytes = 1 }, new() { TimeProvider = null! }];
        foreach (var options in bad) Assert.Equal(ErrorCode.InvalidOptions, Assert.Throws<BasaltException>(options.Validate).Code);
    }

    [Fact]
    public async Task The_limit_halves_once_for_what_was_under_way_and_grows_by_one()
    {
        using var limit = new AdaptiveLimit(8, 10);
        for (var i = 0; i < 8; i++) await limit.EnterAsync(Token);
        for (var i = 0; i < 8; i++) limit.Leave(wasRefused: true);
        Assert.Equal(4, limit.Limit);
        for (var i = 0; i < 4; i++) await limit.EnterAsync(Token);
        Assert.False(limit.EnterAsync(Token).IsCompleted);
        limit.Leave(wasRefused: false);
        for (var i = 0; i < 100; i++)
        {
            limit.Leave(wasRefused: false);
            await limit.EnterAsync(Token);
        }

        Assert.Equal(10, limit.Limit);
        limit.Leave(wasRefused: true);
        Assert.Equal(5, limit.Limit);
    }

    private static async ValueTask<IndexReport> IndexAsync(IObjectStore objects, Database database, IndexingOptions? options = null) =>
        await new Indexer(new DatasetRoot(objects, ""), new CatalogStore(database), options).RunAsync(null, Token);

    private static async Task<(int Files, long Bytes)> ChangesAsync(IObjectStore objects, Database database) => await IndexAsync(objects, database) is var report ? (report.FilesRead + report.FilesFailed, report.BytesRead) : default;

    private static async Task<List<string>> IdsAsync(Collection collection)
    {
        var ids = new List<string>();
        await foreach (var record in collection.StreamAsync(Query.All, Token)) ids.Add(record.Id);
        return ids;
    }

    private static async Task<long> SizeOfAsync(MemoryObjectStore objects, string prefix)
    {
        long size = 0;
        await foreach (var item in objects.ListAsync(new ObjectListing { Prefix = prefix }, Token)) size += item.Entry!.Length;
        return size;
    }

    /// <summary>Compares what the catalogue says of a dataset with what its rows are.</summary>
    private static async Task<Record> ExpectAsync(Database database, SampleDataset sample, bool isShuffled, string state = "complete")
    {
        var store = new CatalogStore(database);
        var record = (await store.FindAsync(sample.Name, Token))!.Record;
        var series = sample.Rows.GroupBy(static r => SeriesKey.NameOf(r.Key)).ToList();
        var lengths = series.Select(static g => (long)g.Count()).Order().ToList();
        var median = lengths.Count % 2 == 1 ? lengths[lengths.Count / 2] : (lengths[(lengths.Count / 2) - 1] + lengths[lengths.Count / 2]) / 2.0;
        Assert.Equal((state, (long)lengths.Count, (long)sample.Rows.Count), (record["state"].AsString, record["series"].AsInt64, record["records"].AsInt64));
        Assert.Equal((lengths[0], lengths[^1], median, "full"), (record["min_length"].AsInt64, record["max_length"].AsInt64, record["median_length"].AsDouble, record["method"].AsString));
        Assert.Equal(lengths.Average(), record["avg_length"].AsDouble, 9);
        Assert.Equal((sample.Rows.Min(static r => r.Time), sample.Rows.Max(static r => r.Time)), (record["first_time"].AsDateTime.UtcDateTime, record["last_time"].AsDateTime.UtcDateTime));

        var expected = series.Select(g => $"{sample.Name}/{g.Key} {g.Count()} {g.Select(static r => r.File).Distinct().Count()} {g.Min(static r => r.Time):s} {g.Max(static r => r.Time):s}").Order(StringComparer.Ordinal);
        var actual = new List<string>();
        var steps = series.ToDictionary(static g => g.Key, static g =>
        {
            var times = g.Select(static r => r.Time).Order().ToList();
            var distances = times.Zip(times.Skip(1), static (a, b) => (b - a).TotalSeconds).Distinct().ToList();
            return distances.Count == 1 ? distances[0] : (double?)null;
        });
        await foreach (var found in store.Series.StreamAsync(Query.Where(Basalt.Filters.Filter.Field("dataset") == sample.Name), Token))
        {
            actual.Add($"{found.Id} {found["records"].AsInt64} {found["files"].AsList.Length} {found["first_time"].AsDateTime.UtcDateTime:s} {found["last_time"].AsDateTime.UtcDateTime:s}");
            Assert.Equal(found["name"].AsString, SeriesKey.NameOf([.. found["key"].AsList.ToArray().Select(static p => p.IsNull ? null : p.AsString)]));
            // The distance of rows, also where a file ends; without one where a file that cannot be read lies between.
            if (!isShuffled) Assert.Equal(steps[found["name"].AsString], found["step_seconds"].IsNull ? null : found["step_seconds"].AsDouble);
        }

        Assert.Equal(expected, actual.Order(StringComparer.Ordinal));
        return record;
    }

    /// <summary>A store that tells of each file of rows before it is opened.</summary>
    private sealed class TrippingStore(IObjectStore inner, Action<int> trip, List<string>? opened = null) : IObjectStore
    {
        private int _reads;

        public int Reads => _reads;

        public string Address => inner.Address;

        public ValueTask<ObjectEntry?> HeadAsync(string key, CancellationToken cancellationToken = default) => inner.HeadAsync(key, cancellationToken);

        public ValueTask<ObjectContent?> OpenAsync(string key, ObjectRange range = default, string? ifMatch = null, CancellationToken cancellationToken = default)
        {
            if (opened is not null)
                lock (opened) opened.Add(key);
            if (!key.EndsWith(".yaml", StringComparison.Ordinal)) trip(Interlocked.Increment(ref _reads));
            return inner.OpenAsync(key, range, ifMatch, cancellationToken);
        }

        public ValueTask<string> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition = default, CancellationToken cancellationToken = default) => inner.PutAsync(key, content, condition, cancellationToken);

        public ValueTask<string> PutAsync(string key, Stream content, CancellationToken cancellationToken = default) => inner.PutAsync(key, content, cancellationToken);

        public ValueTask DeleteAsync(string key, CancellationToken cancellationToken = default) => inner.DeleteAsync(key, cancellationToken);

        public IAsyncEnumerable<ObjectListItem> ListAsync(ObjectListing listing, CancellationToken cancellationToken = default) => inner.ListAsync(listing, cancellationToken);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
