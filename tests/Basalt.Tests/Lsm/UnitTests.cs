using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.Compaction;
using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;
using Basalt.Lsm.Wal;

namespace Basalt.Tests.Lsm;

public sealed class UnitTests
{
    [Fact]
    public void Crc32C_is_the_published_one() => Assert.Equal(0xE3069283u, Crc32C.Of("123456789"u8));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Both_file_systems_keep_the_contract(bool isLocal)
    {
        var folder = Directory.CreateTempSubdirectory("basalt-lsm-").FullName;
        try
        {
            IFileSystem disk = isLocal ? LocalFileSystem.Instance : new MemoryFileSystem();
            string At(string name) => Path.Combine(folder, name);
            using (var file = disk.Create(At("a")))
            {
                file.Append("hello "u8);
                file.Append("world"u8);
                file.Sync();
            }

            using (var file = disk.Append(At("a"), 6)) file.Append("you"u8);
            Span<byte> buffer = stackalloc byte[20];
            using (var file = disk.Open(At("a")))
            {
                Assert.Equal(9, file.Length);
                Assert.True(buffer[..file.Read(3, buffer)].SequenceEqual("lo you"u8));
                Assert.Equal(0, file.Read(9, buffer));
                disk.Link(At("a"), At("b"));
                Assert.Throws<IOException>(() => disk.Link(At("a"), At("b")));
                disk.Delete(At("a"));
                disk.Delete(At("a"));
                Assert.Equal(4, file.Read(0, buffer[..4]));
            }

            disk.Create(At("c")).Dispose();
            disk.Rename(At("b"), At("c"));
            disk.SyncFolder(folder);
            Assert.Equal(["c"], disk.List(folder));
            Assert.Throws<FileNotFoundException>(() => disk.Open(At("b")));
            using (disk.TryLock(At("LOCK"), "me", out _))
            {
                Assert.Null(disk.TryLock(At("LOCK"), "you", out var other));
                if (!OperatingSystem.IsWindows()) Assert.Equal("me", other);
            }

            using var taken = disk.TryLock(At("LOCK"), "you", out _);
            Assert.NotNull(taken);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_torn_end_is_cut_and_damage_before_a_synced_frame_is_named()
    {
        var disk = new MemoryFileSystem();
        long first, second;
        using (var log = LogWriter.Create(disk, "s/log", LogFormat.WalMagic, 1, 0, null))
        {
            log.Add(FrameKind.Entry, 1, 1, "one"u8);
            log.Write();
            log.Sync();
            first = log.Length;
            log.Add(FrameKind.Entry, 1, 2, "two"u8);
            log.Write();
            second = log.Length;
        }

        for (var cut = first; cut <= second; cut++)
        {
            var copy = disk.CrashClone(0, 1);
            copy.Append("s/log", cut).Dispose();
            using var reader = LogReader.Open(copy, "s/log", LogFormat.WalMagic, 1, mayBeTorn: true, null);
            Assert.True(reader.Read(out _, out _));
            Assert.Equal(cut == second, reader.Read(out _, out _));
            Assert.Equal(cut == second ? second : first, reader.ValidLength);
        }

        var damaged = disk.CrashClone(0, 1);
        damaged.Damage("s/log", first - 1, 1);
        using var broken = LogReader.Open(damaged, "s/log", LogFormat.WalMagic, 1, mayBeTorn: true, null);
        var fault = Assert.Throws<LsmException>(() => broken.Read(out _, out _));
        Assert.Equal((LsmErrorCode.Corrupt, "s/log", (long?)LogFormat.HeadSize), (fault.Code, fault.File, fault.Offset));
    }

    [Fact]
    public void A_newer_format_is_refused_by_name()
    {
        var disk = new MemoryFileSystem();
        LogWriter.Create(disk, "s/log", LogFormat.WalMagic, 1, 0, null).Dispose();
        var head = new byte[LogFormat.HeadSize];
        using (var file = disk.Open("s/log")) file.Read(0, head);
        head[8] = 2;
        var checksum = Crc32C.Continue(Crc32C.Of(head.AsSpan(0, 12)), head.AsSpan(16));
        BitConverter.TryWriteBytes(head.AsSpan(12), checksum);
        using (var file = disk.Create("s/log")) file.Append(head);
        Assert.Equal(LsmErrorCode.FormatTooNew, Assert.Throws<LsmException>(() => LogReader.Open(disk, "s/log", LogFormat.WalMagic, 1, true, null)).Code);
    }

    [Fact]
    public void A_block_finds_exactly_the_keys_that_it_holds()
    {
        var builder = new BlockBuilder();
        var keys = Enumerable.Range(0, 500).Select(static i => $"key{i / 7:D3}{new string('x', i % 7)}").ToList();
        foreach (var key in keys) builder.Add(Encoding.ASCII.GetBytes(key), Encoding.ASCII.GetBytes(key.Length.ToString()), key.Length % 5 == 0 ? EntryKind.Tombstone : EntryKind.Value(key.Length % 3 == 0 ? (ulong)key.Length : 0));
        var block = new Block(builder.Finish(), "f", 0);
        for (var i = 0; i < keys.Count; i++)
        {
            Assert.True(block.TryFind(Encoding.ASCII.GetBytes(keys[i]), out var value, out var kind, out var index));
            Assert.Equal((i, keys[i].Length % 5 == 0), (index, kind.IsTombstone));
            Assert.Equal(keys[i].Length % 3 == 0 && !kind.IsTombstone ? (ulong)keys[i].Length : 0, kind.Expiry);
            if (!kind.IsTombstone) Assert.Equal(keys[i].Length.ToString(), Encoding.ASCII.GetString(value));
        }

        foreach (var absent in (string[])["", "k", "key", "key0000", "key000xxxxxxx", "key0001", "key072", "z"])
            Assert.False(block.TryFind(Encoding.ASCII.GetBytes(absent), out _, out _, out _), absent);
    }

    [Fact]
    public void A_filter_never_denies_and_seldom_errs()
    {
        var hashes = Enumerable.Range(0, 20_000).Select(static i => BloomFilter.Hash(BitConverter.GetBytes(i))).ToList();
        var filter = BloomFilter.Build(hashes, 10);
        Assert.All(hashes, hash => Assert.True(BloomFilter.MayContain(filter, hash)));
        var wrong = Enumerable.Range(20_000, 20_000).Count(i => BloomFilter.MayContain(filter, BloomFilter.Hash(BitConverter.GetBytes(i))));
        Assert.InRange(wrong, 1, 600);
    }

    [Fact]
    public void Tiers_keep_the_number_of_tables_low()
    {
        var sizes = new List<long>();
        var written = 0L;
        for (var flush = 0; flush < 2000; flush++)
        {
            sizes.Insert(0, 100);
            for (var (first, count) = SizeTiers.Pick(sizes, 4); count > 0; (first, count) = SizeTiers.Pick(sizes, 4))
            {
                var merged = sizes.Skip(first).Take(count).Sum();
                sizes.RemoveRange(first, count);
                sizes.Insert(first, merged);
                written += merged;
            }

            Assert.InRange(sizes.Count, 1, 24);
        }

        Assert.InRange(written, 200_000, 2_000_000);
    }
}
