using System.Buffers;
using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.IO;
using Basalt.Lsm.Wal;

namespace Basalt.Tests.Lsm;

/// <summary>Where entries are: in which table at which ordinal, or in memory.</summary>
public sealed class PlaceTests
{
    private static readonly int FirstSeed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    [Fact]
    public void A_place_is_nowhere_by_default_and_equal_to_what_it_was_made_of()
    {
        Assert.Equal((false, 0UL, -1L), Parts(default));
        Assert.Equal((true, 0UL, -1L), Parts(EntryPlace.InMemory));
        Assert.Equal((true, 7UL, 0L), Parts(EntryPlace.At(7, 0)));
        Assert.NotEqual(default, EntryPlace.InMemory);
        Assert.Equal(EntryPlace.At(7, 3), EntryPlace.At(7, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => EntryPlace.At(0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => EntryPlace.At(1, -1));
    }

    [Fact]
    public void The_place_of_a_key_is_where_walking_memory_and_tables_finds_it_first()
    {
        var (inMemory, inTables, nowhere, trimmed) = (0, 0, 0, 0);
        for (var seed = FirstSeed; seed < FirstSeed + 10; seed++)
        {
            var random = new Random(seed);
            var (clock, fuse) = (new ShiftedTime(), new Fuse());
            var options = new LsmOptions { Folder = "s", FileSystem = fuse.On(new MemoryFileSystem()), MemtableBytes = 4096, BlockBytes = 256, MaxTableBytes = 1024, MergeWidth = 2, RunsMaintenanceInline = true, TimeProvider = clock };
            using var store = LsmStore.Open(options);
            var tree = store.Tree("t");
            for (var round = 0; round < 25; round++)
            {
                for (var i = random.Next(60); i > 0; i--)
                {
                    var key = Key(random.Next(120));
                    if (random.Next(4) == 0) tree.Delete(key);
                    else if (random.Next(6) == 0) tree.Put(key, BitConverter.GetBytes(i), clock.GetUtcNow().AddSeconds(random.Next(1, 20)));
                    else tree.Put(key, [.. BitConverter.GetBytes(round), .. new byte[random.Next(60)]]);
                }

                if (random.Next(3) == 0) store.Flush();
                // Stopped on the way, it leaves slices and trimmed inputs.
                if (random.Next(3) == 0) fuse.Light(random.Next(5, 40), token => tree.Compact(token));
                if (random.Next(4) == 0) clock.Advance(TimeSpan.FromSeconds(5));
                using var snapshot = store.Snapshot();
                var walked = Walk(tree, snapshot);
                foreach (var table in tree.Tables(snapshot)) CheckEntries(table);
                trimmed += tree.Tables(snapshot).Count(static table => table.FirstOrdinal > 0);
                for (var i = 0; i < 125; i++)
                {
                    var (expected, value) = walked.GetValueOrDefault(Encoding.ASCII.GetString(Key(i)));
                    var destination = new ArrayBufferWriter<byte>();
                    Assert.Equal(expected, tree.Locate(Key(i), snapshot));
                    Assert.Equal(expected.Exists, tree.TryGet(Key(i), destination, out var place, snapshot));
                    Assert.Equal(expected, place);
                    Assert.Equal(value, tree.Get(Key(i), snapshot));
                    Assert.Equal(value ?? [], destination.WrittenSpan.ToArray());
                    if (!place.Exists) nowhere++;
                    else if (place.Table == 0) inMemory++;
                    else inTables++;
                }
            }
        }

        Assert.True(inMemory > 500 && inTables > 500 && nowhere > 500 && trimmed > 0, $"BASALT_SEED={FirstSeed}: {inMemory} in memory, {inTables} in tables, {nowhere} nowhere, {trimmed} trimmed tables");
    }

    [Fact]
    public void What_is_in_memory_is_walked_with_its_tombstones_as_of_a_snapshot()
    {
        for (var seed = FirstSeed; seed < FirstSeed + 10; seed++)
        {
            var random = new Random(seed);
            var clock = new ShiftedTime();
            using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = new MemoryFileSystem(), RunsMaintenanceInline = true, TimeProvider = clock });
            var (tree, other) = (store.Tree("t"), store.Tree("other"));
            var memory = new SortedDictionary<string, (byte[]? Value, DateTimeOffset Expires)>(StringComparer.Ordinal);
            var seen = new List<(LsmSnapshot Snapshot, DateTimeOffset Time, SortedDictionary<string, (byte[]? Value, DateTimeOffset Expires)> Memory)>();
            for (var step = 0; step < 300; step++)
            {
                var key = random.Next(80);
                var text = Encoding.ASCII.GetString(Key(key));
                switch (random.Next(20))
                {
                    case < 4:
                        tree.Delete(Key(key));
                        memory[text] = (null, DateTimeOffset.MaxValue);
                        break;
                    case < 6:
                        var expires = clock.GetUtcNow().AddSeconds(random.Next(1, 10));
                        tree.Put(Key(key), BitConverter.GetBytes(step), expires);
                        memory[text] = (BitConverter.GetBytes(step), expires);
                        break;
                    case < 15:
                        tree.Put(Key(key), BitConverter.GetBytes(step));
                        other.Put(Key(key), "x"u8);
                        memory[text] = (BitConverter.GetBytes(step), DateTimeOffset.MaxValue);
                        break;
                    case < 16:
                        store.Flush();
                        memory.Clear();
                        break;
                    case < 17:
                        clock.Advance(TimeSpan.FromSeconds(2));
                        break;
                    default:
                        seen.Add((store.Snapshot(), clock.GetUtcNow(), new(memory, StringComparer.Ordinal)));
                        break;
                }
            }

            foreach (var (snapshot, time, then) in seen)
            {
                var (from, to) = (Key(random.Next(80)), Key(random.Next(80)));
                foreach (var range in (KeyRange?[])[null, KeyRange.Between(from, to)])
                {
                    var expected = then.Where(entry => range is null || (string.CompareOrdinal(entry.Key, Encoding.ASCII.GetString(from)) >= 0 && string.CompareOrdinal(entry.Key, Encoding.ASCII.GetString(to)) < 0));
                    Assert.Equal(expected.Select(entry => (entry.Key, entry.Value.Expires > time ? entry.Value.Value : null)), Memory(tree, range, snapshot));
                }

                Assert.True(tree.MemoryEntries(snapshot) >= then.Count, $"BASALT_SEED={seed}");
                Assert.Equal(then.Where(entry => entry.Value.Expires > time && entry.Value.Value is not null).Select(static entry => (entry.Key, entry.Value.Value!)), Arrived(tree, snapshot));
                snapshot.Dispose();
                Assert.Throws<ObjectDisposedException>(() => tree.ScanMemory(null, snapshot));
                Assert.Throws<ObjectDisposedException>(() => tree.MemoryEntries(snapshot));
            }

            store.Flush();
            using var flushed = store.Snapshot();
            Assert.Empty(Memory(tree, null, flushed));
            Assert.Equal(0, tree.MemoryEntries(flushed));
        }
    }

    [Fact]
    public void Memory_that_waits_to_be_written_out_is_walked_below_what_is_newer()
    {
        var isBroken = true;
        var disk = new FaultingFileSystem(new MemoryFileSystem(), operation => isBroken && operation.Kind == FileOperationKind.Create && operation.Path.Contains("table-"));
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk, RunsMaintenanceInline = true });
        var tree = store.Tree("t");
        foreach (var i in (int[])[1, 2, 3]) tree.Put(Key(i), "old"u8);
        Assert.Throws<IOException>(() => store.Flush());
        tree.Put(Key(2), "new"u8);
        tree.Delete(Key(3));
        using var snapshot = store.Snapshot();
        Assert.Equal([(Text(1), "old"), (Text(2), "new"), (Text(3), null)], Memory(tree, null, snapshot).Select(static entry => (entry.Key, entry.Value is null ? null : Encoding.ASCII.GetString(entry.Value))));
        Assert.Equal(5, tree.MemoryEntries(snapshot));
        Assert.Equal((EntryPlace.InMemory, EntryPlace.InMemory, default), (tree.Locate(Key(1)), tree.Locate(Key(2)), tree.Locate(Key(3))));
        isBroken = false;
        store.Flush();
        Assert.All((int[])[1, 2], i => Assert.NotEqual(0UL, tree.Locate(Key(i)).Table));
        Assert.Equal(default, tree.Locate(Key(3)));
        Assert.Equal(3, Memory(tree, null, snapshot).Count);
    }

    [Fact]
    public void What_is_kept_with_a_memtable_ends_with_the_flush_and_the_last_snapshot()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = new MemoryFileSystem(), RunsMaintenanceInline = true });
        var tree = store.Tree("t");
        tree.Put(Key(1), "a"u8);
        var first = store.Snapshot();
        var memtable = Assert.Single(tree.Memory(first));
        var kept = memtable.Keep("x", static () => new Kept());
        Assert.Same(kept, memtable.Keep("x", static () => new Kept()));
        Assert.NotSame(kept, memtable.Keep("y", static () => new Kept()));
        tree.Put(Key(2), "b"u8);
        using (var second = store.Snapshot()) Assert.Same(kept, Assert.Single(tree.Memory(second)).Keep("x", static () => new Kept()));
        store.Flush();
        Assert.False(kept.IsDisposed);
        first.Dispose();
        Assert.True(kept.IsDisposed);
        Assert.Throws<ObjectDisposedException>(() => memtable.Keep("x", static () => new Kept()));
        using var third = store.Snapshot();
        Assert.Empty(tree.Memory(third));
    }

    [Fact]
    public async Task Who_goes_on_where_he_was_sees_every_entry_once_while_others_write()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = new MemoryFileSystem(), Sync = SyncPolicy.None });
        var tree = store.Tree("t");
        const int batches = 400;
        const int perBatch = 25;
        var writer = Task.Run(() =>
        {
            var random = new Random(3);
            for (var b = 0; b < batches; b++)
            {
                var batch = new WriteBatch();
                for (var i = 0; i < perBatch; i++) batch.Put(tree, Key(random.Next(1000)), BitConverter.GetBytes(b * perBatch + i));
                store.Commit(batch);
            }
        });
        var (place, next) = (default(MemoryPlace), 0);
        while (next < batches * perBatch)
        {
            using var snapshot = store.Snapshot();
            var to = (int)snapshot.Sequence;
            foreach (var memtable in tree.Memory(snapshot))
                while (memtable.TryNext(ref place)) Assert.Equal(next++, BitConverter.ToInt32(memtable.Value(place)));
            // Neither less than was there, nor half a batch.
            Assert.Equal(to, next);
            Assert.Equal(0, next % perBatch);
        }

        await writer;
    }

    [Fact]
    public void Reading_at_a_place_allocates_nothing()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = new MemoryFileSystem(), RunsMaintenanceInline = true });
        var tree = store.Tree("t");
        for (var i = 0; i < 1000; i++) tree.Put(Key(i), new byte[100]);
        store.Flush();
        using var snapshot = store.Snapshot();
        var table = tree.Tables(snapshot)[0];
        var (key, value) = (new ArrayBufferWriter<byte>(1000), new ArrayBufferWriter<byte>(1000));
        void Read(int i)
        {
            key.ResetWrittenCount();
            value.ResetWrittenCount();
            Assert.True(tree.TryGet("k500"u8, value, out var place, snapshot) && tree.Locate("k501"u8, snapshot).Ordinal == place.Ordinal + 1);
            Assert.True(table.TryRead(i, key, value));
            table.ReadKey(i, key);
        }

        for (var i = 0; i < 1000; i++) Read(i);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Read(i);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.ReadKey(1000, key));
        Assert.Throws<ArgumentOutOfRangeException>(() => table.TryRead(-1, key, value));
        snapshot.Dispose();
        Assert.Throws<ObjectDisposedException>(() => table.ReadKey(0, key));
    }

    /// <summary>What is read at each ordinal is what a walk finds there.</summary>
    private static void CheckEntries(LsmTable table)
    {
        var walked = new List<(string Key, string Value, bool IsTombstone)>();
        for (var cursor = table.Scan(0); cursor.MoveNext();) walked.Add((Convert.ToHexString(cursor.Key), Convert.ToHexString(cursor.Value), cursor.IsTombstone));
        // In no order, and some more than once.
        var random = new Random(walked.Count);
        var ordinals = Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(walked.Count)).ToArray();
        var read = new List<(string Key, string Value, bool IsTombstone)>();
        table.ReadEach(ordinals, (at, key, value, isTombstone) =>
        {
            Assert.Equal(read.Count, at);
            read.Add((Convert.ToHexString(key), Convert.ToHexString(value), isTombstone));
        });
        Assert.Equal(ordinals.Select(ordinal => walked[ordinal]), read);
        Assert.Throws<ArgumentOutOfRangeException>(() => table.ReadEach([0, walked.Count], static (_, _, _, _) => { }));
        for (var cursor = table.Scan(0); cursor.MoveNext();)
        {
            var (key, value, onlyKey) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
            Assert.Equal(!cursor.IsTombstone, table.TryRead(cursor.Ordinal, key, value));
            table.ReadKey(cursor.Ordinal, onlyKey);
            Assert.True(key.WrittenSpan.SequenceEqual(cursor.Key) && value.WrittenSpan.SequenceEqual(cursor.Value) && onlyKey.WrittenSpan.SequenceEqual(cursor.Key));
        }
    }

    /// <summary>What counts among all that came, by key.</summary>
    private static List<(string Key, byte[] Value)> Arrived(LsmTree tree, LsmSnapshot snapshot)
    {
        var counting = new List<(string Key, byte[] Value)>();
        foreach (var memtable in tree.Memory(snapshot))
        {
            for (MemoryPlace place = default; memtable.TryNext(ref place);)
            {
                Assert.True(memtable.Includes(place));
                if (memtable.Counts(place)) counting.Add((Encoding.ASCII.GetString(memtable.Key(place)), memtable.Value(place).ToArray()));
                if (memtable.IsTombstone(place)) Assert.Equal(0, memtable.Value(place).Length);
            }
        }

        return [.. counting.OrderBy(static entry => entry.Key, StringComparer.Ordinal)];
    }

    private sealed class Kept : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }

    private static (bool, ulong, long) Parts(EntryPlace place) => (place.Exists, place.Table, place.Ordinal);

    private static List<(string Key, byte[]? Value)> Memory(LsmTree tree, KeyRange? range, LsmSnapshot snapshot)
    {
        var entries = new List<(string, byte[]?)>();
        using var cursor = tree.ScanMemory(range, snapshot);
        while (cursor.MoveNext())
        {
            if (cursor.IsTombstone) Assert.Equal(0, cursor.Value.Length);
            entries.Add((Encoding.ASCII.GetString(cursor.Key), cursor.IsTombstone ? null : cursor.Value.ToArray()));
        }

        return entries;
    }

    /// <summary>The first place of each key, newest first, and its value; nowhere for those that are gone.</summary>
    private static Dictionary<string, (EntryPlace Place, byte[]? Value)> Walk(LsmTree tree, LsmSnapshot snapshot)
    {
        var places = new Dictionary<string, (EntryPlace, byte[]?)>(StringComparer.Ordinal);
        foreach (var (key, value) in Memory(tree, null, snapshot)) places.Add(key, (value is null ? default : EntryPlace.InMemory, value));
        foreach (var table in tree.Tables(snapshot))
        {
            for (var cursor = table.Scan(); cursor.MoveNext();)
            {
                var isGone = cursor.IsTombstone || cursor.Expires <= DateTimeOffset.FromUnixTimeMilliseconds((long)snapshot.Moment.Milliseconds);
                places.TryAdd(Encoding.ASCII.GetString(cursor.Key), isGone ? default : (EntryPlace.At(table.Number, cursor.Ordinal), cursor.Value.ToArray()));
            }
        }

        return places;
    }

    private static byte[] Key(int i) => Encoding.ASCII.GetBytes(Text(i));

    private static string Text(int i) => $"k{i:D3}";
}
