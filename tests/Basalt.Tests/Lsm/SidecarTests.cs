using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Tables;

namespace Basalt.Tests.Lsm;

public sealed class SidecarTests : IDisposable
{
    private static readonly int FirstSeed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-sidecar-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_builder_is_told_where_each_entry_of_a_merge_comes_from()
    {
        var (merged, flushed, dropped) = (0, 0, 0);
        var list = new KeyList
        {
            Begun = context =>
            {
                Assert.Equal("t", context.Tree);
                Assert.Null(context.Table);
                foreach (var input in context.Inputs) Assert.NotNull(input.ReadSidecar("keys"));
            },
            Added = (context, entry) =>
            {
                if (context.Inputs.Count == 0)
                {
                    Assert.Equal((-1, -1L), (entry.Input, entry.InputOrdinal));
                    flushed++;
                    return;
                }

                var (key, value) = context.Inputs[entry.Input].ReadEntry(entry.InputOrdinal);
                Assert.Equal(key, entry.Key.ToArray());
                Assert.Equal(value ?? [], entry.Value.ToArray());
                Assert.Equal(value is null, entry.IsTombstone);
                merged++;
                if (entry.IsTombstone) dropped++;
            },
        };
        var options = new LsmOptions { Folder = "s", FileSystem = new MemoryFileSystem(), BlockBytes = 256, MaxTableBytes = 1024, MergeWidth = 2, RunsMaintenanceInline = true, Sidecars = _ => [list] };
        using var store = LsmStore.Open(options);
        var random = new Random(FirstSeed);
        // An old table that later merges leave alone, so that they keep tombstones.
        for (var i = 0; i < 1000; i++) store.Tree("t").Put(Key(i), new byte[100]);
        store.Flush();
        for (var round = 0; round < 8; round++)
        {
            for (var i = 0; i < 60; i++)
            {
                var key = Key(random.Next(200));
                if (random.Next(4) == 0) store.Tree("t").Delete(key);
                else store.Tree("t").Put(key, BitConverter.GetBytes(round * 1000 + i));
            }

            store.Flush();
            if (round % 3 == 0) store.Settle();
        }

        store.Compact();
        Assert.True(flushed > 300 && merged > 300 && dropped > 0, $"BASALT_SEED={FirstSeed}: {flushed}, {merged}, {dropped}");
        Assert.True(CheckLists(store, "keys") > 1);
        Assert.Empty(store.Verify());
    }

    [Fact]
    public void A_deferred_sidecar_is_attached_later_stays_and_goes_with_its_table()
    {
        var deferred = new KeyList(isDeferred: true);
        var options = new LsmOptions { Folder = _folder, RunsMaintenanceInline = true, Sidecars = _ => [deferred] };
        using (var store = LsmStore.Open(options))
        {
            var tree = Fill(store);
            var table = Only(store);
            using (var snapshot = store.Snapshot())
            {
                Assert.Empty(tree.Tables(snapshot)[0].Sidecars);
                Assert.Null(tree.Tables(snapshot)[0].Sidecar("keys"));
            }

            Assert.True(store.AttachSidecar(tree, table, deferred));
            Assert.Throws<InvalidOperationException>(() => store.AttachSidecar(tree, table, deferred));
            Assert.Throws<InvalidOperationException>(() => store.RebuildSidecar(tree, table, new KeyList("other")));
            Assert.False(store.AttachSidecar(tree, table + 1000, deferred));
            Assert.Equal(1, CheckLists(store, "keys"));
        }

        File.WriteAllBytes(Path.Combine(_folder, "sidecar-0000009999"), [1, 2, 3]);
        using var again = LsmStore.Open(options);
        Assert.Equal(1, CheckLists(again, "keys"));
        Assert.Empty(again.Verify());
        Assert.Single(Directory.GetFiles(_folder, "sidecar-*"));
        again.Tree("t").Put(Key(5), "new"u8);
        using (var snapshot = again.Snapshot())
        {
            again.Compact();
            // Who looked before goes on.
            Assert.NotNull(again.Tree("t").Tables(snapshot)[0].ReadSidecar("keys"));
        }

        Assert.Empty(Directory.GetFiles(_folder, "sidecar-*"));
        Assert.Empty(again.Verify());
    }

    [Fact]
    public void A_rebuilt_sidecar_takes_the_place_of_one_in_the_table_and_a_dropped_one_is_gone()
    {
        var options = new LsmOptions { Folder = _folder, RunsMaintenanceInline = true, Sidecars = _ => [new KeyList(mark: "first:")] };
        using (var store = LsmStore.Open(options))
        {
            var tree = Fill(store);
            var table = Only(store);
            Assert.StartsWith("first:", Content(store, "keys"));
            Assert.True(store.RebuildSidecar(tree, table, new KeyList(mark: "second:")));
            Assert.StartsWith("second:", Content(store, "keys"));
            using var held = store.Snapshot();
            using var section = tree.Tables(held)[0].Sidecar("keys")!;
            Assert.True(store.RebuildSidecar(tree, table, new KeyList(mark: "third:")));
            Assert.StartsWith("third:", Content(store, "keys"));
            var bytes = new byte[7];
            section.Read(0, bytes);
            Assert.Equal("second:"u8.ToArray(), bytes);
            Assert.True(store.AttachSidecar(tree, table, new KeyList("more")));
            Assert.Equal(2, Directory.GetFiles(_folder, "sidecar-*").Length - 1);
        }

        using var again = LsmStore.Open(options);
        Assert.Equal(2, Directory.GetFiles(_folder, "sidecar-*").Length);
        Assert.StartsWith("third:", Content(again, "keys"));
        Assert.Equal(1, again.DropSidecar(again.Tree("t"), "keys"));
        Assert.Equal(0, again.DropSidecar(again.Tree("t"), "keys"));
        Assert.Null(Content(again, "keys"));
        Assert.NotNull(Content(again, "more"));
        Assert.Single(Directory.GetFiles(_folder, "sidecar-*"));
        Assert.True(again.AttachSidecar(again.Tree("t"), Only(again), new KeyList(mark: "fourth:")));
        Assert.StartsWith("fourth:", Content(again, "keys"));
        Assert.Empty(again.Verify());
        again.Tree("t").Put("z"u8, "z"u8);
        again.Compact();
        Assert.StartsWith("first:", Content(again, "keys"));
    }

    [Fact]
    public void A_table_that_is_merged_away_meanwhile_gets_none_and_the_file_is_removed()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = _folder, RunsMaintenanceInline = true });
        var tree = Fill(store);
        var merging = new KeyList
        {
            Finishing = context =>
            {
                Assert.NotNull(context.Table);
                Assert.Empty(context.Inputs);
                tree.Delete(Key(0));
                store.Compact();
            },
        };
        Assert.False(store.AttachSidecar(tree, Only(store), merging));
        Assert.Empty(Directory.GetFiles(_folder, "sidecar-*"));
        var overtaken = new KeyList(mark: "late:") { Finishing = _ => Assert.True(store.AttachSidecar(tree, Only(store), new KeyList(mark: "early:"))) };
        Assert.True(store.AttachSidecar(tree, Only(store), overtaken));
        Assert.StartsWith("late:", Content(store, "keys"));
        Assert.Single(Directory.GetFiles(_folder, "sidecar-*"));
    }

    [Fact]
    public async Task A_closing_store_ends_what_is_being_built_and_waits_for_it()
    {
        var store = LsmStore.Open(new LsmOptions { Folder = _folder });
        var tree = Fill(store);
        Task? closing = null;
        var slow = new KeyList
        {
            Begun = context =>
            {
                closing = Task.Run(store.Dispose);
                Assert.True(context.CancellationToken.WaitHandle.WaitOne(TimeSpan.FromSeconds(30)));
                Assert.False(closing.IsCompleted);
            },
        };
        Assert.Equal(LsmErrorCode.Closed, Assert.Throws<LsmException>(() => store.AttachSidecar(tree, Only(store), slow)).Code);
        await closing!;
        Assert.Empty(Directory.GetFiles(_folder, "sidecar-*"));
        Assert.Equal(LsmErrorCode.Closed, Assert.Throws<LsmException>(() => store.AttachSidecar(tree, 1, slow)).Code);
        LsmStore.Open(new LsmOptions { Folder = _folder }).Dispose();
    }

    [Fact]
    public void What_a_builder_throws_and_a_cancellation_leave_nothing()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = _folder });
        var tree = Fill(store);
        Assert.Throws<DivideByZeroException>(() => store.AttachSidecar(tree, Only(store), new KeyList { Finishing = static _ => throw new DivideByZeroException() }));
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => store.AttachSidecar(tree, Only(store), new KeyList { Finishing = _ => stop.Cancel() }, stop.Token));
        Assert.Empty(Directory.GetFiles(_folder, "sidecar-*"));
        Assert.True(store.AttachSidecar(tree, Only(store), new KeyList()));
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void A_section_is_read_and_mapped_wherever_it_lies(bool isLocal, bool isEncrypted)
    {
        const int length = 300_001;
        var blob = new byte[length];
        new Random(FirstSeed).NextBytes(blob);
        using var keys = isEncrypted ? new KeyRing("k", new byte[32]) : null;
        var memory = new MemoryBudget(64 << 20);
        var options = new LsmOptions { Folder = _folder, Keys = keys, Memory = memory, MemtableBytes = 1 << 20, Sidecars = _ => [new Blob("inline", blob), new Blob("empty", [])] };
        if (!isLocal) options = options with { FileSystem = new MemoryFileSystem() };
        using var store = LsmStore.Open(options);
        var tree = Fill(store);
        Assert.True(store.AttachSidecar(tree, Only(store), new Blob("attached", blob)));
        Assert.True(store.AttachSidecar(tree, Only(store), new Blob("attached empty", [])));
        var regions = new List<FileRegion>();
        using (var snapshot = store.Snapshot())
        {
            var table = tree.Tables(snapshot)[0];
            Assert.Equal(["attached", "attached empty", "empty", "inline"], table.Sidecars);
            foreach (var name in table.Sidecars)
            {
                var expected = name.Contains("empty") ? [] : blob;
                Assert.Equal(expected, table.ReadSidecar(name));
                using var section = table.Sidecar(name)!;
                Assert.Equal(expected.Length, section.Length);
                foreach (var verify in (bool[])[false, true])
                {
                    foreach (var (from, to) in ((int, int)[])[(0, 1), (65_535, 65_537), (0, length), (123_456, 299_999), (length - 1, length), (0, 0)])
                    {
                        if (to > expected.Length) continue;
                        var buffer = new byte[to - from];
                        section.Read(from, buffer, verify);
                        Assert.Equal(expected[from..to], buffer);
                    }

                    regions.Add(section.Map(verify));
                    Assert.Equal(expected, regions[^1].Span(0, expected.Length).ToArray());
                    if (isLocal && !isEncrypted) Assert.Equal(0, regions[^1].Address % 4096);
                }

                Assert.Throws<ArgumentOutOfRangeException>(() => section.Read(expected.Length, new byte[1]));
            }
        }

        Assert.Equal(isEncrypted ? 4 * length : 0, memory.UsedFor(MemoryUse.Sidecars));
        // The regions outlive table and store.
        tree.Delete(Key(0));
        store.Compact();
        store.Dispose();
        foreach (var region in regions.Where(static region => region.Length > 0)) Assert.Equal(blob, region.Span(0, length).ToArray());
        regions.ForEach(static region => region.Dispose());
        Assert.Equal(0, memory.UsedFor(MemoryUse.Sidecars));
        Assert.Equal(0, regions[0].Length);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Scratch_of_a_builder_is_read_as_it_was_written_and_leaves_nothing_behind(bool isEncrypted)
    {
        using var keys = isEncrypted ? new KeyRing("k", new byte[32]) : null;
        var disk = new MemoryFileSystem();
        var options = new LsmOptions { Folder = "s", FileSystem = disk, Keys = keys };
        var bytes = new byte[200_001];
        new Random(FirstSeed).NextBytes(bytes);
        var crashed = disk;
        using (var store = LsmStore.Open(options))
        {
            var tree = Fill(store);
            Assert.True(store.AttachSidecar(tree, Only(store), new Scratched(stream =>
            {
                foreach (var part in bytes.Chunk(70_000)) stream.Write(part);
                Assert.Equal(bytes.Length, stream.Length);
                for (var round = 0; round < 2; round++)
                {
                    var read = new byte[bytes.Length];
                    stream.Position = 0;
                    stream.ReadExactly(read);
                    Assert.Equal(bytes, read);
                    Assert.Equal(0, stream.Read(read));
                }

                Assert.Throws<InvalidOperationException>(() => stream.Write([1]));
                crashed = disk.CrashClone(FirstSeed, 1);
                var name = disk.List("s").Last(static name => name.StartsWith("sidecar-", StringComparison.Ordinal));
                using var file = disk.Open("s/" + name);
                var stored = new byte[file.Length];
                file.Read(0, stored);
                Assert.Equal(!isEncrypted, stored.AsSpan().IndexOf(bytes.AsSpan(1000, 64)) >= 0);
            })));
            Assert.Single(disk.List("s"), static name => name.StartsWith("sidecar-", StringComparison.Ordinal));
        }

        // Power was cut while it was read: whatever is left of it goes with the next open.
        using var again = LsmStore.Open(options with { FileSystem = crashed });
        Assert.DoesNotContain(crashed.List("s"), static name => name.StartsWith("sidecar-", StringComparison.Ordinal));
    }

    /// <summary>Uses scratch before it writes nothing.</summary>
    private sealed class Scratched(Action<Stream> use) : ISidecar
    {
        public string Name => "scratched";

        public bool ReadsEntries => false;

        public ISidecarBuilder Begin(SidecarContext context) => new Builder(context, use);

        private sealed class Builder(SidecarContext context, Action<Stream> use) : ISidecarBuilder
        {
            public void Add(in TableEntry entry) => Assert.Fail("It does not read entries.");

            public void Finish(SectionWriter section)
            {
                using var stream = context.OpenScratch();
                use(stream);
            }
        }
    }

    [Fact]
    public void An_encrypted_section_that_the_budget_has_no_room_for_is_refused()
    {
        using var keys = new KeyRing("k", new byte[32]);
        var memory = new MemoryBudget(24 << 20);
        using var store = LsmStore.Open(new LsmOptions { Folder = _folder, Keys = keys, Memory = memory, MemtableBytes = 1 << 20 });
        var tree = Fill(store);
        Assert.True(store.AttachSidecar(tree, Only(store), new Blob("large", new byte[25 << 20])));
        using var snapshot = store.Snapshot();
        using var section = tree.Tables(snapshot)[0].Sidecar("large")!;
        Assert.Equal(LsmErrorCode.OverBudget, Assert.Throws<LsmException>(() => section.Map()).Code);
        Assert.Equal(0, memory.UsedFor(MemoryUse.Sidecars));
        section.Read(24 << 20, new byte[100]);
    }

    [Fact]
    public void Damage_is_named_harms_no_table_and_is_cured()
    {
        var disk = new MemoryFileSystem();
        var options = new LsmOptions { Folder = "s", FileSystem = disk };
        using (var store = LsmStore.Open(options))
        {
            var tree = Fill(store);
            Assert.True(store.AttachSidecar(tree, Only(store), new KeyList()));
        }

        var path = "s/" + disk.List("s").Single(static name => name.StartsWith("sidecar-", StringComparison.Ordinal));
        using var file = disk.Open(path);
        for (var at = 0L; at < file.Length; at += 3)
        {
            var copy = disk.CrashClone(0, 1);
            copy.Damage(path, at, 16);
            using var store = LsmStore.Open(options with { FileSystem = copy });
            Cure(store, path, at % 2 == 0);
        }

        var without = disk.CrashClone(0, 1);
        without.Delete(path);
        using (var reader = LsmStore.OpenReadOnly(options with { FileSystem = without })) Assert.Equal(path, Assert.Single(reader.Verify()).File);
        using (var store = LsmStore.Open(options with { FileSystem = without })) Cure(store, path, rebuild: true);
        Assert.DoesNotContain(Path.GetFileName(path), without.List("s"));
    }

    [Fact]
    public void A_backup_has_the_sidecars_and_a_store_with_a_damaged_one_has_no_backup()
    {
        var disk = new MemoryFileSystem();
        var options = new LsmOptions { Folder = "s", FileSystem = disk };
        using (var store = LsmStore.Open(options))
        {
            var tree = Fill(store);
            Assert.True(store.AttachSidecar(tree, Only(store), new KeyList()));
            Assert.Equal(2, store.Backup("b").Files);
            Assert.True(store.RebuildSidecar(tree, Only(store), new KeyList(mark: "new:")));
            var second = store.Backup("b");
            Assert.Equal(store.Stats().TableBytes, second.ReusedBytes);
            Assert.Single(disk.List("b"), static name => name.StartsWith("sidecar-", StringComparison.Ordinal));
        }

        var sidecar = disk.List("b").Single(static name => name.StartsWith("sidecar-", StringComparison.Ordinal));
        var copied = disk.CrashClone(0, 1);
        copied.Damage("b/" + sidecar, 5, 1);
        var fault = Assert.Throws<LsmException>(() => LsmStore.Restore("b", options with { Folder = "r", FileSystem = copied }));
        Assert.Equal((LsmErrorCode.Corrupt, "b/" + sidecar), (fault.Code, fault.File));
        LsmStore.Restore("b", options with { Folder = "r" });
        using var restored = LsmStore.Open(options with { Folder = "r" });
        Assert.StartsWith("new:", Content(restored, "keys"));
        Assert.Empty(restored.Verify());

        copied.Delete("s/" + sidecar);
        using var damaged = LsmStore.Open(options with { FileSystem = copied });
        Assert.Contains(sidecar, Assert.Throws<LsmException>(() => damaged.Backup("b2")).Message);
        damaged.DropSidecar(damaged.Tree("t"), "keys");
        damaged.Backup("b2");
    }

    [Fact]
    public void Entries_are_walked_by_ordinals_and_those_that_moved_do_not_count()
    {
        var options = new LsmOptions { Folder = "s", FileSystem = new MemoryFileSystem(), BlockBytes = 256, MaxTableBytes = 2048, RunsMaintenanceInline = true };
        using var store = LsmStore.Open(options);
        var tree = store.Tree("t");
        for (var half = 0; half < 2; half++)
        {
            for (var i = half; i < 2000; i += 2) tree.Put(Key(i), Key(i));
            store.Flush();
        }

        using var stop = new CancellationTokenSource();
        var slices = 0;
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            using var counting = LsmStore.Open(options with { FileSystem = ((MemoryFileSystem)options.FileSystem).CrashClone(0, 1), Sidecars = _ => [new KeyList { Finishing = _ => { if (++slices == 4) stop.Cancel(); } }] });
            try
            {
                counting.Compact(stop.Token);
            }
            finally
            {
                CheckTrimmed(counting);
            }
        });
    }

    [Fact]
    public async Task Attaching_beside_writes_flushes_and_merges_ends_with_every_sidecar_right()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = _folder, MemtableBytes = 16 << 10, BlockBytes = 256, MergeWidth = 2, MaxTableBytes = 8 << 10 });
        var tree = store.Tree("t");
        using var done = new CancellationTokenSource();
        var writer = Task.Factory.StartNew(
            () =>
            {
                var random = new Random(FirstSeed);
                while (!done.IsCancellationRequested) tree.Put(Key(random.Next(3000)), new byte[20]);
            },
            TaskCreationOptions.LongRunning);
        var (attached, gone, rebuilt) = (0, 0, 0);
        try
        {
            var limit = TimeProvider.System.GetTimestamp();
            for (var i = 0; (attached < 40 || rebuilt < 5) && TimeProvider.System.GetElapsedTime(limit) < TimeSpan.FromSeconds(60); i++)
            {
                using var snapshot = store.Snapshot();
                foreach (var table in tree.Tables(snapshot))
                {
                    if (!table.Sidecars.Contains("keys"))
                    {
                        try
                        {
                            if (store.AttachSidecar(tree, table.Number, new KeyList())) attached++;
                            else gone++;
                        }
                        catch (InvalidOperationException)
                        {
                            // The snapshot is older than the one that was attached before.
                        }
                    }
                    else if (i % 7 == 0 && store.RebuildSidecar(tree, table.Number, new KeyList()))
                    {
                        rebuilt++;
                    }
                }

                if (i % 50 == 49) store.DropSidecar(tree, "keys");
                CheckLists(store, "keys");
            }
        }
        finally
        {
            await done.CancelAsync();
            await writer;
        }

        Assert.True(attached >= 40 && rebuilt >= 5, $"{attached} attached, {gone} gone, {rebuilt} rebuilt");
        Assert.Empty(store.Verify());
        store.Dispose();
        using var again = LsmStore.Open(new LsmOptions { Folder = _folder });
        CheckLists(again, "keys");
        Assert.Empty(again.Verify());
    }

    private static void CheckTrimmed(LsmStore store)
    {
        using var snapshot = store.Snapshot();
        var tables = store.Tree("t").Tables(snapshot);
        Assert.Contains(tables, static table => table.FirstOrdinal > 0);
        var seen = new List<int>();
        foreach (var table in tables)
        {
            var entries = table.Scan();
            for (var ordinal = table.FirstOrdinal; ordinal < table.Entries; ordinal++)
            {
                Assert.True(entries.MoveNext());
                Assert.Equal(ordinal, entries.Ordinal);
                Assert.Equal(entries.Key.ToArray(), entries.Value.ToArray());
                seen.Add(int.Parse(Encoding.ASCII.GetString(entries.Key[1..])));
            }

            Assert.False(entries.MoveNext());
            // All of it can still be read by ordinal, and any part.
            var middle = table.Entries / 2;
            var part = table.Scan(middle / 2, middle);
            var count = 0;
            while (part.MoveNext()) Assert.Equal(table.ReadEntry(middle / 2 + count++).Key, part.Key.ToArray());
            Assert.Equal(middle - middle / 2, count);
        }

        Assert.Equal(Enumerable.Range(0, 2000), seen.Order());
    }

    private static void Cure(LsmStore store, string path, bool rebuild)
    {
        var tree = store.Tree("t");
        var fault = Assert.Single(store.Verify());
        Assert.Equal((LsmErrorCode.Corrupt, path), (fault.Code, fault.File));
        using (var snapshot = store.Snapshot())
        {
            var table = Assert.Single(tree.Tables(snapshot));
            Assert.Equal(["keys"], table.Sidecars);
            Assert.Equal(path, Assert.Throws<LsmException>(() => table.ReadSidecar("keys")).File);
            Assert.Equal(Key(0), table.ReadEntry(0).Key);
        }

        if (rebuild)
        {
            Assert.True(store.RebuildSidecar(tree, Only(store), new KeyList()));
            Assert.Equal(1, CheckLists(store, "keys"));
        }
        else
        {
            Assert.Equal(1, store.DropSidecar(tree, "keys"));
        }

        Assert.Empty(store.Verify());
    }

    private static byte[] Key(int i) => Encoding.ASCII.GetBytes($"k{i:D4}");

    private static LsmTree Fill(LsmStore store)
    {
        for (var i = 0; i < 30; i++) store.Tree("t").Put(Key(i), Key(i));
        store.Flush();
        return store.Tree("t");
    }

    private static ulong Only(LsmStore store)
    {
        using var snapshot = store.Snapshot();
        return store.Tree("t").Tables(snapshot).Single().Number;
    }

    private static string? Content(LsmStore store, string name)
    {
        using var snapshot = store.Snapshot();
        return store.Tree("t").Tables(snapshot).Single().ReadSidecar(name) is { } bytes ? Encoding.ASCII.GetString(bytes) : null;
    }

    /// <summary>How many tables have the list; it must be that of the table's entries.</summary>
    private static int CheckLists(LsmStore store, string name)
    {
        using var snapshot = store.Snapshot();
        var count = 0;
        foreach (var table in store.Tree("t").Tables(snapshot))
        {
            if (table.ReadSidecar(name) is not { } bytes) continue;
            count++;
            var expected = new StringBuilder();
            for (var entries = table.Scan(0); entries.MoveNext();) expected.Append(Encoding.ASCII.GetString(entries.Key)).Append(entries.IsTombstone ? "! " : " ");
            Assert.Equal(expected.ToString(), Encoding.ASCII.GetString(bytes));
        }

        return count;
    }

    /// <summary>A sidecar of the same bytes for every table, written in unequal pieces.</summary>
    private sealed class Blob(string name, byte[] bytes) : ISidecar
    {
        public string Name => name;

        public ISidecarBuilder Begin(SidecarContext context) => new Builder(bytes);

        private sealed class Builder(byte[] bytes) : ISidecarBuilder
        {
            public void Add(in TableEntry entry)
            {
                // The bytes are given.
            }

            public void Finish(SectionWriter section)
            {
                for (int at = 0, size = 1; at < bytes.Length; at += size, size = size * 3 + 1) section.Append(bytes.AsSpan(at, Math.Min(size, bytes.Length - at)));
                Assert.Equal(bytes.Length, section.Length);
            }
        }
    }
}
