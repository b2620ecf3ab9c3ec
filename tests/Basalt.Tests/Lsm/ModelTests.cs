using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Tables;

namespace Basalt.Tests.Lsm;

/// <summary>Random histories against a sorted dictionary, with snapshots, flushes, merges, drops and reopening.</summary>
public sealed class ModelTests
{
    private static readonly int FirstSeed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    [Theory]
    [InlineData(4096, 256, 10, 2, TableCompression.None, false)]
    [InlineData(4096, 512, 10, 2, TableCompression.Brotli, true)]
    [InlineData(16384, 1024, 0, 4, TableCompression.None, true)]
    [InlineData(1 << 20, 4096, 12, 3, TableCompression.Brotli, false)]
    public void A_store_equals_a_sorted_dictionary(int memtable, int block, int filter, int width, TableCompression compression, bool isEncrypted)
    {
        for (var seed = FirstSeed; seed < FirstSeed + 6; seed++)
        {
            try
            {
                var memory = new MemoryBudget(20 << 20);
                var clock = new ShiftedTime();
                var fuse = new Fuse();
                Run(seed, clock, fuse, new LsmOptions
                {
                    Folder = "s",
                    FileSystem = fuse.On(new MemoryFileSystem()),
                    MaxTableBytes = 1024 << (seed % 7),
                    SpaceRatio = 0.5 + seed % 3,
                    RunsMaintenanceInline = seed % 2 == 0,
                    MemtableBytes = memtable,
                    BlockBytes = block,
                    FilterBitsPerKey = filter,
                    MergeWidth = width,
                    Compression = compression,
                    Keys = isEncrypted ? new KeyRing("k", new byte[KeyRing.KeyBytes]) : null,
                    Memory = memory,
                    TimeProvider = clock,
                });
                Assert.Equal(0, memory.Used);
                Assert.InRange(memory.Highest, 1, memory.Limit);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"BASALT_SEED={seed}, memtable {memtable}", e);
            }
        }
    }

    private static void Run(int seed, ShiftedTime clock, Fuse fuse, LsmOptions options)
    {
        var random = new Random(seed);
        var models = new[] { NewModel(), NewModel() };
        var expiring = new List<(DateTimeOffset Time, int Tree, string Key, string Value)>();
        var store = LsmStore.Open(options);
        var snapshots = new List<(LsmSnapshot Snapshot, SortedDictionary<string, string>[] Models, LsmTree[] Trees)>();
        for (var step = 0; step < 1500; step++)
        {
            var trees = new[] { store.Tree("a"), store.Tree("b") };
            switch (random.Next(100))
            {
                case < 70:
                    var batch = new WriteBatch();
                    for (var i = random.Next(1, 8); i > 0; i--)
                    {
                        var (which, key) = (random.Next(2), Key(random));
                        if (random.Next(4) == 0)
                        {
                            batch.Delete(trees[which], Bytes(key));
                            models[which].Remove(key);
                        }
                        else
                        {
                            var value = new string((char)random.Next('a', 'z'), random.Next(random.Next(20) == 0 ? 3000 : 40));
                            if (random.Next(5) == 0)
                            {
                                // Each value is its own, so that the model can tell whether it is still the one that expires.
                                value += step + "." + i;
                                expiring.Add((clock.GetUtcNow().AddSeconds(random.Next(1, 30)), which, key, value));
                                batch.Put(trees[which], Bytes(key), Bytes(value), expiring[^1].Time);
                            }
                            else
                            {
                                batch.Put(trees[which], Bytes(key), Bytes(value));
                            }

                            models[which][key] = value;
                        }
                    }

                    store.Commit(batch);
                    break;
                case < 85:
                    var tree = random.Next(2);
                    CheckPoint(trees[tree], Key(random), models[tree], null);
                    break;
                case < 92:
                    tree = random.Next(2);
                    CheckScan(random, trees[tree], models[tree], null);
                    break;
                case 92:
                    clock.Advance(TimeSpan.FromSeconds(random.Next(10)));
                    foreach (var (_, which, key, value) in expiring.Where(entry => entry.Time <= clock.GetUtcNow()))
                        if (models[which].GetValueOrDefault(key) == value) models[which].Remove(key);
                    expiring.RemoveAll(entry => entry.Time <= clock.GetUtcNow());
                    break;
                case < 94:
                    snapshots.Add((store.Snapshot(), [new(models[0], StringComparer.Ordinal), new(models[1], StringComparer.Ordinal)], trees));
                    break;
                case < 96 when snapshots.Count > 0:
                    var (snapshot, then, seen) = snapshots[random.Next(snapshots.Count)];
                    CheckScan(random, seen[0], then[0], snapshot);
                    CheckPoint(seen[1], Key(random), then[1], snapshot);
                    break;
                case 96:
                    store.Flush();
                    break;
                case 97:
                    fuse.Light(random.Next(10, 200), token => trees[random.Next(2)].Compact(token));
                    break;
                case 98 when random.Next(3) == 0:
                    foreach (var (held, _, _) in snapshots) held.Dispose();
                    snapshots.Clear();
                    Assert.Empty(store.Verify());
                    var sequence = store.Sequence;
                    store.Dispose();
                    store = LsmStore.Open(options);
                    Assert.Equal(sequence, store.Sequence);
                    break;
                case 99 when random.Next(2) == 0:
                    tree = random.Next(2);
                    store.DropTree(trees[tree]);
                    models[tree].Clear();
                    expiring.RemoveAll(entry => entry.Tree == tree);
                    break;
            }
        }

        foreach (var (snapshot, _, _) in snapshots) snapshot.Dispose();
        store.Compact();
        Assert.Equal(models[0].Count + models[1].Count, store.Stats().Entries);
        Assert.Equal(0, store.Stats().Tombstones);
        Assert.Empty(store.Verify());
        foreach (var i in (int[])[0, 1]) CheckScan(random, store.Tree("ab"[i].ToString()), models[i], null);
        var files = options.FileSystem.List("s");
        Assert.Equal(store.Stats().Tables, files.Count(static name => name.StartsWith("table-", StringComparison.Ordinal)));
        store.Dispose();
    }

    private static SortedDictionary<string, string> NewModel() => new(StringComparer.Ordinal);

    private static string Key(Random random) => random.Next(20) switch
    {
        0 => "",
        1 => "\u007f\u007f" + random.Next(9),
        _ => new string('k', random.Next(4)) + random.Next(random.Next(2) == 0 ? 40 : 1000),
    };

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static void CheckPoint(LsmTree tree, string key, SortedDictionary<string, string> model, LsmSnapshot? snapshot)
    {
        var expected = model.TryGetValue(key, out var value) ? Bytes(value) : null;
        Assert.Equal(expected, tree.Get(Bytes(key), snapshot));
        Assert.Equal([expected, expected], tree.MultiGet([Bytes(key), Bytes(key)], snapshot));
    }

    private static void CheckScan(Random random, LsmTree tree, SortedDictionary<string, string> model, LsmSnapshot? snapshot)
    {
        var (from, to) = (Key(random), Key(random));
        var (range, fits) = random.Next(3) switch
        {
            0 => (KeyRange.All, static _ => true),
            1 => (KeyRange.Prefix(Bytes(from)), (Func<string, bool>)(key => key.StartsWith(from, StringComparison.Ordinal))),
            _ => (KeyRange.Between(Bytes(from), Bytes(to)), key => string.CompareOrdinal(key, from) >= 0 && string.CompareOrdinal(key, to) < 0),
        };
        var expected = model.Where(entry => fits(entry.Key)).Select(static entry => (entry.Key, entry.Value)).ToList();
        var descending = random.Next(2) == 0;
        if (descending) expected.Reverse();
        var found = new List<(string, string)>();
        using var cursor = tree.Scan(range, descending, snapshot);
        while (cursor.MoveNext()) found.Add((Encoding.ASCII.GetString(cursor.Key), Encoding.ASCII.GetString(cursor.Value)));
        Assert.Equal(expected, found);
        Assert.False(cursor.MoveNext());
    }
}
