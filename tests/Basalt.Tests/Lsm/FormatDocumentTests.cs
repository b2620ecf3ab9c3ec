using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Tables;
using Basalt.Lsm.Versions;
using Basalt.Lsm.Wal;

namespace Basalt.Tests.Lsm;

/// <summary>The hex examples of docs/formats are what is written, and can be read. <c>BASALT_REWRITE=1</c> writes them anew.</summary>
public sealed class FormatDocumentTests
{
    private readonly MemoryFileSystem _disk = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_examples_of_the_log_are_written_and_read(bool isEncrypted)
    {
        using var keys = Keys(isEncrypted);
        var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = _disk });
        var tree = store.Tree("t");
        using (var log = LogWriter.Create(_disk, "s/wal-7", LogFormat.WalMagic, 7, 41, NewCipher(keys)))
        {
            var batch = new WriteBatch().Put(tree, "key"u8, "value"u8).Delete(tree, "old"u8);
            log.Add(FrameKind.Entry, (uint)batch.Count, 42, batch.Payload);
            log.Write();
            log.End(43);
        }

        var bytes = Example("wal.md", "s/wal-7", isEncrypted ? 1 : 0);
        using var reader = LogReader.Open(bytes.Open("x"), "x", LogFormat.WalMagic, 7, mayBeTorn: false, keys);
        Assert.True(reader.Read(out var head, out var payload));
        Assert.Equal((42UL, 2U), (head.Sequence, head.Count));
        var operations = new BatchReader(payload);
        Assert.True(operations.Read() && operations.Kind == OperationKind.Put && operations.Key.SequenceEqual("key"u8) && operations.Value.SequenceEqual("value"u8));
        Assert.True(operations.Read() && operations.Kind == OperationKind.Delete && operations.Key.SequenceEqual("old"u8));
        Assert.False(operations.Read());
        Assert.False(reader.Read(out _, out _));
        Assert.Equal(43UL, reader.LastSequence);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_examples_of_the_manifest_are_written_and_read(bool isEncrypted)
    {
        using var keys = Keys(isEncrypted);
        var names = new FileNames("s");
        using (var manifest = Manifest.Create(_disk, names, new Inventory(), 3, NewCipher(keys)))
        {
            var edit = new VersionEdit { Log = (5, 17), LastNumber = 7, Identity = new Guid("00112233-4455-6677-8899-aabbccddeeff") };
            edit.Keyspaces.Add((0, "movies"));
            edit.Dropped.Add((1, 20));
            edit.Added.Add(new TableRecord(0, 4, 1, 17) { From = "banana"u8.ToArray() }.With("vectors", 6));
            manifest.Append(edit);
            manifest.Close();
        }

        var bytes = Example("manifest.md", names.Manifest(3), isEncrypted ? 1 : 0);
        using var reader = LogReader.Open(bytes.Open("x"), "x", LogFormat.ManifestMagic, 3, mayBeTorn: false, keys);
        var inventory = new Inventory();
        for (var count = 0; count < 2; count++)
        {
            Assert.True(reader.Read(out _, out var payload));
            inventory.Apply(VersionEdit.Decode(payload, "x", 0), "x", 0);
        }

        Assert.Equal([(0U, "movies")], inventory.Keyspaces.Select(static keyspace => (keyspace.Key, keyspace.Value)));
        Assert.Equal([(1U, 20UL)], inventory.Dropped.Select(static dropped => (dropped.Key, dropped.Value)));
        Assert.Equal(2U, inventory.NextKeyspace);
        var table = inventory.Tables.Single().Value;
        Assert.Equal((0U, 4UL, 1UL, 17UL), (table.Keyspace, table.Number, table.MinSequence, table.MaxSequence));
        Assert.Equal("banana"u8.ToArray(), table.From);
        Assert.Equal(6UL, table.Sidecars["vectors"]);
        Assert.Equal(new Guid("00112233-4455-6677-8899-aabbccddeeff"), inventory.Identity);
        Assert.Equal((5UL, 17UL, 7UL), (inventory.LogNumber, inventory.FlushedSequence, inventory.LastNumber));
    }

    [Fact]
    public void The_example_of_the_table_is_written_and_read()
    {
        using (var writer = new TableWriter(Resources(_disk), "t", new TableSettings(0, 4096, 10, [])))
        {
            writer.Add("apple"u8, "red"u8, EntryKind.Value());
            writer.Add("apricot"u8, default, EntryKind.Tombstone);
            writer.Add("banana"u8, "yellow"u8, EntryKind.Value(1_700_000_000_000));
            writer.Finish(4);
        }

        var table = Table.Open(Resources(Example("table.md", "t")), "x", 4);
        Assert.Equal((3L, 1L, 1L), (table.Meta.Entries, table.Meta.Tombstones, table.Meta.Expiring));
        var sink = EntrySink.Array;
        Assert.Equal(Lookup.Found, table.Get("banana"u8, BloomFilter.Hash("banana"u8), Moment.At(1_699_999_999_999), ref sink));
        Assert.Equal("yellow"u8.ToArray(), sink.Value);
        Assert.Equal(EntryPlace.At(4, 2), sink.Place);
        sink = EntrySink.Array;
        Assert.Equal(Lookup.Deleted, table.Get("apricot"u8, BloomFilter.Hash("apricot"u8), Moment.At(0), ref sink));
        Assert.Equal(Lookup.Deleted, table.Get("banana"u8, BloomFilter.Hash("banana"u8), Moment.At(1_700_000_000_000), ref sink));
        Assert.Equal((null, default), (sink.Value, sink.Place));
    }

    [Fact]
    public void The_example_of_the_sidecar_is_written_and_read()
    {
        SidecarFile.Write(Resources(_disk), "s", 6, "vectors", 4, static section => section.Append("index"u8));
        var read = SidecarFile.Open(Resources(Example("sidecar.md", "s")), "x", 6, "vectors", 4, toleratesMissing: false);
        read.Check(default);
        Assert.Equal("index"u8.ToArray(), read.Content.ReadAll());
        Assert.NotNull(SidecarFile.Open(Resources(Example("sidecar.md", "s")), "x", 6, "vectors", 5, toleratesMissing: false).Damage);
    }

    [Fact]
    public void The_example_of_an_encrypted_file_is_written_and_read()
    {
        using var keys = Keys(isEncrypted: true)!;
        using (var cipher = NewCipher(keys)!)
        using (var file = _disk.Create("c"))
        {
            var (placed, stored) = (new byte[3 + FileCipher.Overhead], new byte[3 + FileCipher.StoredNonceOverhead]);
            cipher.Seal(4096, 2, "red"u8, placed);
            cipher.SealWithNonce("head"u8, "red"u8, stored);
            file.Append([.. cipher.Header, .. placed, .. stored]);
        }

        using var shown = Example("encryption.md", "c").Open("x");
        var (bytes, plain) = (new byte[shown.Length], new byte[3]);
        shown.Read(0, bytes);
        using var read = FileCipher.Open(keys, bytes, "x", 0);
        var rest = bytes.AsSpan(read.Header.Length);
        read.Open(4096, 2, rest[..(3 + FileCipher.Overhead)], plain, "x", 0);
        Assert.Equal("red"u8, plain);
        read.OpenWithNonce("head"u8, rest[(3 + FileCipher.Overhead)..], plain, "x", 0);
        Assert.Equal("red"u8, plain);
    }

    private static KeyRing? Keys(bool isEncrypted) => isEncrypted ? new KeyRing("spring", [.. Enumerable.Range(1, KeyRing.KeyBytes).Select(static i => (byte)i)]) : null;

    private static FileCipher? NewCipher(KeyRing? keys) => keys is null ? null : FileCipher.Create(keys, new CountingEntropy());

    private static TableResources Resources(IFileSystem disk)
    {
        var memory = new MemoryBudget(16 << 20);
        return new TableResources(disk, memory, new BlockCache(memory), null);
    }

    /// <summary>A disk with one of the document's examples as the file x, which must equal the written file.</summary>
    private MemoryFileSystem Example(string document, string path, int number = 0)
    {
        using var file = _disk.Open(path);
        var written = new byte[file.Length];
        file.Read(0, written);
        var lines = written.Chunk(16).Select(static (chunk, i) => $"{i * 16:x4}  {string.Join(' ', chunk.Select(static b => $"{b:x2}"))}");
        var text = Repository.Read("docs", "formats", document);
        const string open = "```hex\n", close = "```";
        var from = 0;
        for (var i = 0; i <= number; i++) from = text.IndexOf(open, from, StringComparison.Ordinal) + open.Length;
        var to = text.IndexOf(close, from, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("BASALT_REWRITE") == "1")
        {
            text = text[..from] + string.Join('\n', lines) + "\n" + text[to..];
            File.WriteAllText(Repository.Path("docs", "formats", document), text);
            to = text.IndexOf(close, from, StringComparison.Ordinal);
        }

        var shown = Convert.FromHexString(string.Concat(text[from..to].Split('\n').Where(static line => line.Length > 6).Select(static line => line[6..].Replace(" ", ""))));
        Assert.Equal(Convert.ToHexString(written), Convert.ToHexString(shown));
        var disk = new MemoryFileSystem();
        disk.Create("x").Append(shown);
        return disk;
    }
}
