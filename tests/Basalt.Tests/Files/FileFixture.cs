using Basalt.Backends;
using Basalt.Backends.Files;
using Basalt.Filters;
using Basalt.Records;
using FileOptions = Basalt.Backends.Files.FileOptions;

namespace Basalt.Tests.Files;

/// <summary>A folder of its own for a test, and short words for what tests do with files.</summary>
public abstract class FileFixture : IDisposable
{
    internal static readonly DateTimeOffset Now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    public static TheoryData<string> Formats => ["jsonl", "json", "csv", "tsv", "jsonl.gz", "json.gz", "csv.gz", "tsv.gz"];

    // These tests cut histories short by themselves, thousands of times: memory takes their syncs faster than a disk and proves the same.
    protected string Folder { get; } = Directory.Exists("/dev/shm")
        ? Directory.CreateDirectory(Path.Combine("/dev/shm", "basalt-files-" + Guid.NewGuid().ToString("N"))).FullName
        : Directory.CreateTempSubdirectory("basalt-files-").FullName;

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        GC.SuppressFinalize(this);
    }

    protected string PathOf(string name) => Path.Combine(Folder, name);

    protected FileBackend Open(string name, Action<string>? onStep = null, long appendThreshold = 4 << 20, long rewriteThreshold = 16 << 20) =>
        FileBackend.Open(new FileOptions { Path = PathOf(name), OnStep = onStep, AppendThreshold = appendThreshold, RewriteThreshold = rewriteThreshold, LockTimeout = TimeSpan.FromSeconds(20) });

    protected string Write(string name, string text)
    {
        File.WriteAllText(PathOf(name), text);
        return PathOf(name);
    }

    internal static async Task<IReadOnlyList<WriteOutcome>> Apply(IBackend backend, string collection, params Write[] writes) =>
        await backend.WriteAsync(collection, new WriteBatch(writes, OnFailure.Continue, Now), default);

    internal static Task<IReadOnlyList<WriteOutcome>> Upsert(IBackend backend, string collection, params Record[] records) =>
        Apply(backend, collection, [.. records.Select(static r => new Write(WriteKind.Upsert, r))]);

    internal static async Task<List<Record>> Scan(IBackend backend, string collection, PushedQuery? query = null)
    {
        var records = new List<Record>();
        await foreach (var record in backend.ScanAsync(collection, query ?? PushedQuery.Everything, default)) records.Add(record);
        return records;
    }

    internal static async Task<List<string>> Ids(IBackend backend, string collection, PushedQuery? query = null) => [.. (await Scan(backend, collection, query)).Select(static r => r.Id)];

    internal static void AssertSame(Record? expected, Record? actual, string context = "")
    {
        Assert.True(expected is null == actual is null, $"{context}: expected {expected}, found {actual}");
        if (expected is null || actual is null) return;
        Assert.True(expected.HasSameContent(actual) && SameKinds(Value.FromMap(expected.Fields), Value.FromMap(actual.Fields)), $"{context}: expected {expected}, found {actual}");
        Assert.Equal((expected.Version, expected.Created, expected.Updated), (actual.Version, actual.Created, actual.Updated));
    }

    internal static async Task AssertSame(IReadOnlyList<Record> expected, IBackend backend, string collection, string context = "")
    {
        var actual = await Scan(backend, collection);
        Assert.True(expected.Select(static r => r.Id).SequenceEqual(actual.Select(static r => r.Id)), $"{context}: expected {string.Join(' ', expected.Select(static r => r.Id))}, found {string.Join(' ', actual.Select(static r => r.Id))}");
        for (var i = 0; i < expected.Count; i++) AssertSame(expected[i], actual[i], context);
        Assert.Equal(expected.Count, await backend.CountAsync(collection, Filter.True, default));
    }

    // Equality of numbers ignores the kind; a file must keep it, with a decimal's scale and an instant's offset.
    private static bool SameKinds(Value a, Value b)
    {
        if (a.Kind != b.Kind) return false;
        return a.Kind switch
        {
            ValueKind.Map => a.AsMap.All(e => SameKinds(e.Value, b.AsMap[e.Key])),
            ValueKind.List => a.AsList.ToArray().Zip(b.AsList.ToArray()).All(static p => SameKinds(p.First, p.Second)),
            ValueKind.Decimal => a.ToString() == b.ToString(),
            ValueKind.DateTime => a.AsDateTime.EqualsExact(b.AsDateTime),
            _ => true,
        };
    }

    internal static readonly Record EveryKind = new("every \"kind\", \t\r\n é 🙂", ValueMap.From(
    [
        new("null", Value.Null), new("true", true), new("false", false),
        new("int", 42), new("long", long.MaxValue), new("least", long.MinValue), new("unsafe", (1L << 53) + 1),
        new("double", 1.5), new("whole double", 2.0), new("tiny", double.Epsilon), new("nan", double.NaN), new("infinity", double.NegativeInfinity), new("minus zero", -0.0),
        new("decimal", 1.50m), new("most", decimal.MaxValue),
        new("text", "plain"), new("empty", ""), new("slash N", "\\N"), new("number text", "007"), new("hostile", "a,b\t\"c\"\r\nd\n"), new("emoji", "🙂"), new("spaces", "  x  "),
        new("time", new DateTimeOffset(2026, 1, 2, 3, 4, 5, 678, TimeSpan.FromHours(2))),
        new("guid", Guid.Parse("0f8fad5b-d9cb-469f-a165-70867728950e")),
        new("bytes", new byte[] { 0, 1, 255 }), new("no bytes", Array.Empty<byte>()),
        new("vector", new[] { 1.5f, -0.25f, float.MaxValue }),
        new("list", Value.FromList([1, "two", Value.Null, 3.0])), new("no list", Value.FromList(ReadOnlySpan<Value>.Empty)),
        new("map", Value.FromMap(ValueMap.From([new("a", 1), new("$id", "x"), new("", 2)]))), new("no map", Value.FromMap(ValueMap.Empty)),
        new("$id", "a field"), new("$$", "dollars"), new("", "a field without a name"), new("a,\"b\"\n", "a hostile name"),
    ]))
    {
        Metadata = ValueMap.From([new("source", "test"), new("n", 1.5m)]),
    };
}
