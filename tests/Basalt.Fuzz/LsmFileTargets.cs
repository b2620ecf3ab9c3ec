using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.IO;

namespace Basalt.Fuzz;

/// <summary>
/// A small store one file of which has any bytes, opened, read, verified and written to as a program does it. What is not refused must be a
/// state that the store was in; whatever the formats are.
/// </summary>
public abstract class StoreFileTarget : LsmTarget
{
    private const string Folder = "s";
    private const int Batches = 24;
    private readonly MemoryFileSystem _whole = Make();

    protected override bool IsSealed => true;

    protected override IReadOnlyList<byte[]> Seeds => [Bytes(_whole, PathOf(_whole))];

    /// <summary>Whether a file is of the kind that gets the bytes.</summary>
    protected abstract bool IsKind(string name);

    protected override void Decode(byte[] input)
    {
        var disk = _whole.CrashClone(0, 1);
        using (var file = disk.Create(PathOf(disk))) file.Append(input);
        using var store = LsmStore.Open(Options(disk));
        if (store.Verify() is [var fault, ..]) throw fault;
        Check(store.Tree("t"));
        // It goes on: what was accepted can be merged, and is found again.
        var before = Entries(store.Tree("t"), descending: false);
        store.Tree("t").Put("later"u8, "x"u8);
        store.Compact();
        Assert.Equal([.. before, "later=x"], Entries(store.Tree("t"), descending: false));
    }

    private static MemoryFileSystem Make()
    {
        var disk = new MemoryFileSystem();
        using var store = LsmStore.Open(Options(disk));
        var tree = store.Tree("t");
        for (var batch = 0; batch < Batches; batch++)
        {
            tree.Put(Encoding.ASCII.GetBytes($"key{batch % 7}"), Encoding.ASCII.GetBytes($"{batch}"));
            if (batch is Batches / 4 or Batches / 2) store.Flush();
        }

        return disk.CrashClone(0, 1);
    }

    private static LsmOptions Options(MemoryFileSystem disk) => new() { Folder = Folder, FileSystem = disk, MemtableBytes = 64 << 10, BlockBytes = 256 };

    private string PathOf(MemoryFileSystem disk) => Path.Combine(Folder, disk.List(Folder).Last(IsKind));

    /// <summary>Batch n wrote n to key n modulo seven: the newest value says which batches there must be.</summary>
    private static void Check(LsmTree tree)
    {
        var entries = Entries(tree, descending: false);
        var last = entries.Count == 0 ? -1 : entries.Max(static entry => int.Parse(entry[(entry.IndexOf('=') + 1)..]));
        var expected = Enumerable.Range(0, last + 1).GroupBy(static batch => batch % 7).Select(static key => $"key{key.Key}={key.Max()}").ToList();
        Assert.Equal(expected, entries);
        Assert.Equal(entries, Enumerable.Reverse(Entries(tree, descending: true)));
        foreach (var entry in expected) Assert.Equal(entry[5..], Encoding.ASCII.GetString(tree.Get(Encoding.ASCII.GetBytes(entry[..4]))!));
    }

    private static List<string> Entries(LsmTree tree, bool descending)
    {
        var entries = new List<string>();
        using var cursor = tree.Scan(descending: descending);
        while (cursor.MoveNext()) entries.Add($"{Encoding.ASCII.GetString(cursor.Key)}={Encoding.ASCII.GetString(cursor.Value)}");
        return entries;
    }
}

public sealed class TableFileTarget : StoreFileTarget
{
    protected override bool IsKind(string name) => name.StartsWith("table-", StringComparison.Ordinal);
}

public sealed class LogFileTarget : StoreFileTarget
{
    protected override bool IsKind(string name) => name.StartsWith("wal-", StringComparison.Ordinal);
}

public sealed class ManifestFileTarget : StoreFileTarget
{
    protected override bool IsKind(string name) => name.StartsWith("manifest-", StringComparison.Ordinal);
}

public sealed class CurrentFileTarget : StoreFileTarget
{
    protected override bool IsKind(string name) => name == "CURRENT";
}
