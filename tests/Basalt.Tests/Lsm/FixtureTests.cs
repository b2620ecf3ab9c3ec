using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.Tables;

namespace Basalt.Tests.Lsm;

/// <summary>
/// Stores as every released format wrote them, left by a process that did not close them, stay readable. The folders of a version are written
/// once, by <c>BASALT_REWRITE=1</c> while the version is being made, and never again.
/// </summary>
public sealed class FixtureTests : IDisposable
{
    private const int Keys = 300;
    private static readonly DateTimeOffset Expiry = new(2999, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-lsm-").FullName;

    public static TheoryData<string> Fixtures => new("version-1-plain", "version-1-encrypted");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void A_store_of_an_older_format_is_read_and_goes_on(string name)
    {
        var fixture = Repository.Path("tests", "Basalt.Tests", "Lsm", "Fixtures", name);
        var options = new LsmOptions { Folder = _folder, Keys = name.EndsWith("encrypted", StringComparison.Ordinal) ? Ring() : null, BlockBytes = 512 };
        if (Environment.GetEnvironmentVariable("BASALT_REWRITE") == "1") Make(fixture, options with { Folder = Path.Combine(_folder, "made") });
        using (var asItIs = LsmStore.OpenReadOnly(options with { Folder = fixture })) Check(asItIs);
        foreach (var file in Directory.EnumerateFiles(fixture)) File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        using var store = LsmStore.Open(options);
        Check(store);
        store.Compact();
        Assert.Empty(store.Verify());
        Assert.Equal(Expected().Count, ScanAll(store.Tree("a")).Count);
    }

    private static void Check(LsmStore store)
    {
        Assert.Empty(store.Verify());
        Assert.Equal(Expected(), ScanAll(store.Tree("a")));
        Assert.Equal("logged", Encoding.ASCII.GetString(store.Tree("b").Get("only in the log"u8)!));
        using var cursor = store.Tree("a").Scan(KeyRange.Prefix("k003"u8.ToArray()));
        Assert.True(cursor.MoveNext());
        Assert.Equal(Expiry, cursor.Expires);
        using var snapshot = store.Snapshot();
        var tables = store.Tree("a").Tables(snapshot);
        Assert.Equal(2, tables.Count);
        Assert.All(tables, static table => Assert.StartsWith("inline k00", Encoding.ASCII.GetString(table.ReadSidecar("inline")!), StringComparison.Ordinal));
        Assert.StartsWith("late k00", Encoding.ASCII.GetString(tables.Single(static table => table.Sidecars.Contains("late")).ReadSidecar("late")!), StringComparison.Ordinal);
    }

    /// <summary>What the history below comes to.</summary>
    private static SortedDictionary<string, string> Expected()
    {
        var model = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var i = 0; i < Keys; i++)
            if (i % 7 != 0) model[Key(i)] = Value(i, i % 2 == 0 ? 2 : 1);
        model[Key(7)] = "logged";
        return model;
    }

    private static void Make(string fixture, LsmOptions options)
    {
        options = options with { Sidecars = static tree => tree == "a" ? [new KeyList("inline", "inline ")] : [], MergeWidth = 8, SpaceRatio = 10 };
        using (var first = LsmStore.Open(options)) Write(first, 1, static i => true);
        using var store = LsmStore.Open(options with { Compression = TableCompression.Brotli });
        Write(store, 2, static i => i % 2 == 0);
        using (var snapshot = store.Snapshot()) Assert.True(store.AttachSidecar(store.Tree("a"), store.Tree("a").Tables(snapshot)[0].Number, new KeyList("late", "late ")));
        store.Tree("a").Put(Encoding.ASCII.GetBytes(Key(7)), "logged"u8);
        store.Tree("b").Put("only in the log"u8, "logged"u8);
        Directory.CreateDirectory(fixture);
        foreach (var file in Directory.EnumerateFiles(fixture)) File.Delete(file);
        foreach (var file in Directory.EnumerateFiles(options.Folder).Where(static file => Path.GetFileName(file) != "LOCK")) File.Copy(file, Path.Combine(fixture, Path.GetFileName(file)));
    }

    private static void Write(LsmStore store, int round, Func<int, bool> isWritten)
    {
        var tree = store.Tree("a");
        var batch = new WriteBatch();
        for (var i = 0; i < Keys; i++)
        {
            if (!isWritten(i)) continue;
            var key = Encoding.ASCII.GetBytes(Key(i));
            if (i % 7 == 0) batch.Delete(tree, key);
            else if (i % 3 == 0) batch.Put(tree, key, Encoding.ASCII.GetBytes(Value(i, round)), Expiry);
            else batch.Put(tree, key, Encoding.ASCII.GetBytes(Value(i, round)));
        }

        store.Commit(batch);
        store.Flush();
    }

    private static SortedDictionary<string, string> ScanAll(LsmTree tree)
    {
        var found = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var cursor = tree.Scan();
        while (cursor.MoveNext()) found.Add(Encoding.ASCII.GetString(cursor.Key), Encoding.ASCII.GetString(cursor.Value));
        return found;
    }

    private static string Key(int i) => $"k{i:D3}";

    private static string Value(int i, int round) => $"value {i} of round {round}, the same words again and again";

    private static KeyRing Ring() => new("fixture", [.. Enumerable.Range(1, KeyRing.KeyBytes).Select(static i => (byte)i)]);
}
