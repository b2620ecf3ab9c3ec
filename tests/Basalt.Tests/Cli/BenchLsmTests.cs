using System.Text.Json;
using Basalt.Cli.Bench.Lsm;

namespace Basalt.Tests.Cli;

public sealed class BenchLsmTests : IDisposable
{
    private static readonly string[] Figures =
    [
        "load_per_s", "load_space_amplification", "read_hit_per_s", "read_miss_per_s", "scan_per_s", "reverse_scan_per_s", "put_per_s", "concurrent_put_per_s", "concurrent_put_ratio",
        "compact_seconds", "space_amplification", "compacted_read_hit_per_s", "compacted_scan_per_s", "peak_rss_bytes",
    ];

    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    [Fact]
    public async Task It_prints_every_figure_that_the_document_names_and_leaves_nothing_behind()
    {
        var folder = _tool.PathOf("bench");
        var said = await _tool.RunAsync("bench", "lsm", "--dir", folder, "--n", "3000", "--threads", "3", "--put-ms", "20", "--json");
        using var json = JsonDocument.Parse(said.Done());
        var root = json.RootElement;
        Assert.Equal((3000, 16, 100, "always"), (root.GetProperty("n").GetInt32(), root.GetProperty("key_bytes").GetInt32(), root.GetProperty("value_bytes").GetInt32(), root.GetProperty("sync").GetString()));
        var document = File.ReadAllText(Repository.Path("bench", "README.md"));
        foreach (var order in (string[])["random", "ascending"])
        {
            var basalt = root.GetProperty(order).GetProperty("basalt");
            foreach (var name in (string[])[.. Figures, "load_write_amplification", "write_amplification", "bulk_load_per_s"]) Assert.True(basalt.GetProperty(name).GetDouble() > 0, name);
            Assert.All(basalt.EnumerateObject(), figure => Assert.Contains($"`{figure.Name}`", document, StringComparison.Ordinal));
            var sqlite = root.GetProperty(order).GetProperty("sqlite");
            Assert.Equal(SqliteLibrary.Version is null, sqlite.ValueKind == JsonValueKind.Null);
            if (SqliteLibrary.Version is not null) Assert.All(Figures, name => Assert.True(sqlite.GetProperty(name).GetDouble() > 0, name));
        }

        Assert.Equal((SqliteLibrary.Version, SqliteLibrary.Reason), (root.GetProperty("sqlite").GetString(), root.GetProperty("sqlite_reason").GetString()));
        Assert.All(root.EnumerateObject(), property => Assert.Contains($"`{property.Name}`", document, StringComparison.Ordinal));
        Assert.False(Directory.Exists(folder));
        Assert.Contains("random keys, basalt: load ", said.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_kept_folder_can_be_opened_again_and_is_not_measured_in_twice()
    {
        var folder = Directory.CreateDirectory(_tool.PathOf("bench")).FullName;
        var table = (await _tool.RunAsync("bench", "lsm", "--dir", folder, "--n", "500", "--threads", "2", "--put-ms", "20", "--compression", "brotli", "--encrypt", "--memory", "33554432", "--sqlite", "off", "--sync", "none", "--keep")).Done();
        Assert.Contains("no SQLite: not asked for", table, StringComparison.Ordinal);
        using var json = JsonDocument.Parse((await _tool.RunAsync("bench", "lsm", "--dir", folder, "--reopen", "--json")).Done());
        Assert.Equal(["random", "ascending"], json.RootElement.EnumerateArray().Select(static store => store.GetProperty("keys").GetString()));
        Assert.All(json.RootElement.EnumerateArray(), static store => Assert.True(store.GetProperty("entries").GetInt64() > 500 && store.GetProperty("open_ms").GetDouble() > 0));
        Assert.Contains("basalt random", (await _tool.RunAsync("bench", "lsm", "--dir", folder, "--reopen")).Done(), StringComparison.Ordinal);
        Assert.Equal(2, (await _tool.RunAsync("bench", "lsm", "--dir", folder)).ExitCode);
        Assert.Equal(2, (await _tool.RunAsync("bench", "lsm", "--dir", folder, "--reopen", "--n", "5")).ExitCode);
        Assert.NotEmpty(Directory.EnumerateFileSystemEntries(folder));
    }

    [Theory]
    [InlineData("--n", "0")]
    [InlineData("--n", "many")]
    [InlineData("--key-bytes", "7")]
    [InlineData("--key-bytes", "2000")]
    [InlineData("--value-bytes", "1000000000")]
    [InlineData("--compressible", "101")]
    [InlineData("--threads", "1000")]
    [InlineData("--memory", "1000")]
    [InlineData("--compression", "zip")]
    [InlineData("--put-ms", "0")]
    [InlineData("--put-ms", "10000000")]
    [InlineData("--batch", "100000000")]
    [InlineData("--sync", "sometimes")]
    [InlineData("--sqlite", "on")]
    [InlineData("--reopen", "--keep")]
    [InlineData("--reopen")]
    public async Task What_makes_no_sense_is_refused_before_anything_is_written(params string[] arguments)
    {
        var folder = _tool.PathOf("bench");
        var said = await _tool.RunAsync(["bench", "lsm", "--dir", folder, .. arguments]);
        Assert.Equal((2, ""), (said.ExitCode, said.Output));
        Assert.False(Directory.Exists(folder));
    }

    [Fact]
    public async Task Stopped_it_cleans_up()
    {
        var folder = _tool.PathOf("bench");
        using var stopping = new CancellationTokenSource();
        stopping.CancelAfter(TimeSpan.FromMilliseconds(200));
        var said = await _tool.RunAsync("", stopping.Token, "bench", "lsm", "--dir", folder, "--n", "100000000");
        Assert.Equal((130, ""), (said.ExitCode, said.Output));
        Assert.False(Directory.Exists(folder));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_entry_is_told_by_its_key_alone(bool isRandom)
    {
        var workload = new Workload(1000, 19, 37, 10, 1, Durability.None, 40, -7);
        var order = isRandom ? KeyOrder.Random : KeyOrder.Ascending;
        var (entries, other) = (new EntrySource(workload, order), new EntrySource(workload, order));
        var (keys, last) = (new HashSet<string>(), Array.Empty<byte>());
        foreach (var index in Enumerable.Range(0, 1000).Select(static i => (long)i).Append(1L << 40))
        {
            entries.Make(index);
            Assert.True(keys.Add(Convert.ToHexString(entries.Key)));
            Assert.Equal(index, other.IndexOf(entries.Key));
            Assert.True(other.IsValue(index, entries.Value));
            Assert.False(other.IsValue(index + 1, entries.Value));
            Assert.False(other.IsValue(index, entries.Value[1..]));
            if (!isRandom) Assert.True(entries.Key.SequenceCompareTo(last) > 0);
            last = entries.Key.ToArray();
            last[^1] ^= 1;
            Assert.Equal(-1, other.IndexOf(last));
            entries.MakeMissingKey(index);
            Assert.Equal(-1, other.IndexOf(entries.Key));
            Assert.True(keys.Add(Convert.ToHexString(entries.Key)));
        }
    }

    [Fact]
    public void The_compressible_part_of_a_value_repeats_what_stands_before_it()
    {
        foreach (var (percent, distinct) in ((int, int)[])[(0, 100), (25, 75), (50, 50), (90, 10), (100, 8)])
        {
            var entries = new EntrySource(new Workload(1, 16, 100, 1, 1, Durability.None, percent, 1), KeyOrder.Random);
            entries.Make(3);
            for (var i = distinct; i < 100; i++) Assert.Equal(entries.Value[i - distinct], entries.Value[i]);
            Assert.True(entries.Value[..distinct].ToArray().Distinct().Count() > distinct / 2);
        }
    }

    [Theory]
    [InlineData("lost", "lost entry")]
    [InlineData("invented", "never written, beside")]
    [InlineData("changed", "another value for entry")]
    [InlineData("short", "of 64 entries in a scan")]
    [InlineData("unordered", "out of order")]
    public void A_contender_that_answers_wrongly_ends_the_run(string fault, string message)
    {
        var workload = new Workload(64, 16, 20, 10, 1, Durability.None, 0, 5);
        var run = new ContenderRun(new LyingContender(fault, Directory.CreateDirectory(_tool.PathOf("lies")).FullName), workload, KeyOrder.Ascending, TimeProvider.System);
        run.Load(default);
        var wrong = Assert.Throws<BasaltException>(() =>
        {
            run.Read("hits", isMiss: false, default);
            run.Read("misses", isMiss: true, default);
            run.Scan("scan", descending: false, default);
        });
        Assert.Contains(message, wrong.Message, StringComparison.Ordinal);
    }

    private sealed class LyingContender(string fault, string folder) : IContender, IEntryWriter, IPointReader
    {
        private readonly SortedDictionary<string, byte[]> _entries = new(StringComparer.Ordinal);

        public string Name => "liar";

        public string Folder => folder;

        public IReadOnlyList<WritingWay> ConcurrentWays => [];

        public long? WrittenBytes => null;

        public long? HighestMemory => null;

        public IEntryWriter OpenWriter() => this;

        public IBulkWriter? OpenBulk() => null;

        public IPointReader OpenReader() => this;

        public IEntryScan OpenScan(bool descending)
        {
            var entries = _entries.Select(static entry => (Convert.FromHexString(entry.Key), entry.Value)).ToList();
            if (fault == "short") entries.RemoveAt(0);
            if (fault == "unordered") entries.Reverse();
            return new ListScan(entries);
        }

        public void Compact(CancellationToken cancellationToken)
        {
            // Nothing to do.
        }

        public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Add(key, value);

        public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => _entries[Convert.ToHexString(key)] = value.ToArray();

        public void Commit()
        {
            // Nothing to do.
        }

        public bool TryRead(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
        {
            var found = _entries.TryGetValue(Convert.ToHexString(key), out var stored);
            if (fault == "changed" && found) stored![^1] ^= 1;
            value = stored;
            return fault == "invented" || (found && fault != "lost");
        }

        public void Dispose()
        {
            // Nothing is held.
        }
    }

    private sealed class ListScan(List<(byte[] Key, byte[] Value)> entries) : IEntryScan
    {
        private int _at = -1;

        public ReadOnlySpan<byte> Key => entries[_at].Key;

        public ReadOnlySpan<byte> Value => entries[_at].Value;

        public bool MoveNext() => ++_at < entries.Count;

        public void Dispose()
        {
            // Nothing is held.
        }
    }
}
