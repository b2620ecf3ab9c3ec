using System.Buffers.Binary;
using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Tables;
using Basalt.Lsm.Versions;
using Basalt.Lsm.Wal;

namespace Basalt.Fuzz;

/// <summary>Corpora of these are bytes; decoders behind checksums are reached by sealing the mutated bytes anew.</summary>
public abstract class LsmTarget : FuzzTarget
{
    protected override bool IsRefusal(Exception exception) => exception is LsmException { Code: LsmErrorCode.Corrupt or LsmErrorCode.FormatTooNew };

    protected static MemoryFileSystem DiskOf(ReadOnlySpan<byte> bytes)
    {
        var disk = new MemoryFileSystem();
        disk.Create("f").Append(bytes);
        return disk;
    }

    internal static TableResources Resources(IFileSystem disk)
    {
        var memory = new MemoryBudget(16 << 20);
        return new TableResources(disk, memory, new BlockCache(memory), null);
    }

    protected static byte[] Bytes(MemoryFileSystem disk, string path)
    {
        using var file = disk.Open(path);
        var bytes = new byte[file.Length];
        file.Read(0, bytes);
        return bytes;
    }
}

public sealed class WalRecordTarget : LsmTarget
{
    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var disk = new MemoryFileSystem();
            using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = disk });
            var tree = store.Tree("t");
            using var log = LogWriter.Create(disk, "s/f", LogFormat.WalMagic, 1, 0, null);
            for (var i = 1; i <= 5; i++)
            {
                log.Add(FrameKind.Entry, 2, (ulong)i * 2 - 1, new WriteBatch().Put(tree, "key"u8, "value"u8).Delete(tree, "old"u8).Payload);
                log.Write();
                if (i % 2 == 0) log.Sync();
            }

            log.Reserve(3, 11);
            log.Write();
            return [Bytes(disk, "s/f")];
        }
    }

    protected override void Decode(byte[] input)
    {
        using var reader = LogReader.Open(DiskOf(input), "f", LogFormat.WalMagic, 1, mayBeTorn: input.Length % 2 == 0, null);
        while (reader.Read(out _, out var payload)) Assert.True(payload.Length <= input.Length);
        for (var batch = new BatchReader(input); batch.Read();) Assert.True(batch.Key.Length + batch.Value.Length <= input.Length);
    }
}

/// <summary>A log under a key. Frames whose checksums hold are reached by sealing their heads and payloads anew, so that the tag alone decides.</summary>
public sealed class EncryptedLogTarget : LsmTarget
{
    private static readonly KeyRing Keys = new("spring", new byte[KeyRing.KeyBytes]);

    protected override IReadOnlyList<byte[]> Seeds => [Log(LogFormat.WalMagic), Log(LogFormat.ManifestMagic)];

    protected override bool IsRefusal(Exception exception) => base.IsRefusal(exception) || exception is LsmException { Code: LsmErrorCode.WrongKey };

    private static byte[] Log(ReadOnlySpan<byte> magic)
    {
        var disk = new MemoryFileSystem();
        using var log = LogWriter.Create(disk, "s/f", magic, 1, 0, FileCipher.Create(Keys));
        for (var i = 1UL; i <= 5; i++)
        {
            log.Add(FrameKind.Entry, 1, i, "an edit or a batch"u8);
            log.Write();
            if (i % 2 == 0) log.Sync();
        }

        log.Reserve(3, 6);
        log.End(8);
        return Bytes(disk, "s/f");
    }

    protected override void Decode(byte[] input)
    {
        if (input.Length % 2 == 0) Repair(input);
        var magic = input.AsSpan().StartsWith(LogFormat.WalMagic) ? LogFormat.WalMagic : LogFormat.ManifestMagic;
        using var reader = LogReader.Open(DiskOf(input), "f", magic, 1, mayBeTorn: input.Length % 4 < 2, Keys);
        // What opens is what was sealed, whatever the bytes around it.
        while (reader.Read(out var head, out var payload)) Assert.True(reader.Encryption is null || (head.Kind == FrameKind.Reserved ? payload.IsEmpty : payload.SequenceEqual("an edit or a batch"u8) && head.Count == 1));
    }

    private static void Repair(byte[] input)
    {
        if (input.Length < LogFormat.HeadSize) return;
        var header = CipherHeader.TryRead(input.AsSpan(LogFormat.HeadSize), "f");
        var at = LogFormat.HeadSize + (header?.Size ?? 0);
        while (at + FrameHead.Size <= input.Length)
        {
            var frame = input.AsSpan(at);
            var (length, kind) = (BinaryPrimitives.ReadUInt32LittleEndian(frame[8..]), BinaryPrimitives.ReadUInt32LittleEndian(frame[12..]));
            if (length > frame.Length - FrameHead.Size) return;
            var payload = frame.Slice(FrameHead.Size, (int)length);
            new FrameHead((FrameKind)(byte)kind, kind >> 8, (int)length, Crc32C.Of(payload), BinaryPrimitives.ReadUInt64LittleEndian(frame[16..]), BinaryPrimitives.ReadUInt64LittleEndian(frame[24..])).Write(frame, 1);
            at += FrameHead.Size + (int)length;
        }
    }
}

public sealed class CipherHeaderTarget : LsmTarget
{
    private static readonly KeyRing Keys = new("spring", new byte[KeyRing.KeyBytes]);

    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            using var cipher = FileCipher.Create(Keys);
            return [cipher.Header.ToArray()];
        }
    }

    protected override bool IsRefusal(Exception exception) => base.IsRefusal(exception) || exception is LsmException { Code: LsmErrorCode.WrongKey };

    protected override void Decode(byte[] input)
    {
        if (input.Length >= 2 && input.Length >= 2 + input[1] + CipherHeader.SaltBytes + CipherHeader.CheckBytes + sizeof(uint))
        {
            var sum = 2 + input[1] + CipherHeader.SaltBytes + CipherHeader.CheckBytes;
            BinaryPrimitives.WriteUInt32LittleEndian(input.AsSpan(sum), Crc32C.Of(input.AsSpan(0, sum)));
        }

        var read = CipherHeader.TryRead(input, "f") ?? throw LsmException.Corrupt("f", 0, "not a header");
        Assert.Equal(input[..read.Size], read.Encode());
        using var cipher = FileCipher.Open(Keys, read, "f");
        Assert.Equal("spring", cipher.KeyId);
    }
}

public sealed class BlockTarget : LsmTarget
{
    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var builder = new BlockBuilder();
            for (var i = 0; i < 40; i++) builder.Add(System.Text.Encoding.ASCII.GetBytes($"key{i:D4}"), new byte[i % 5], i % 7 == 0 ? EntryKind.Tombstone : EntryKind.Value(i % 3 == 0 ? 1_700_000_000_000UL : 0));
            return [builder.Finish().ToArray()];
        }
    }

    protected override void Decode(byte[] input)
    {
        if (input.Length % 3 == 0) new Block(input, "f", 0).ReadAt(input[0], new System.Buffers.ArrayBufferWriter<byte>(), out _);
        _ = new Block(input, "f", 0).TryFind("key0017"u8, out _, out _, out _);
        var decoded = new DecodedBlock();
        decoded.Bytes = [.. input];
        decoded.Decode(input.Length, "f", 0);
        for (var i = 1; i < decoded.Count; i++) Assert.True(decoded.Key(i - 1).SequenceCompareTo(decoded.Key(i)) < 0);
        for (var i = 0; i < decoded.Count; i++) Assert.Equal(i, decoded.LowerBound(decoded.Key(i)));
        for (var i = 0; i < decoded.Count; i++)
        {
            var key = new System.Buffers.ArrayBufferWriter<byte>();
            // Restart points, which a walk does not look at, may lead to another entry.
            Assert.True(new Block(input, "f", 0).ReadAt(i, key, out _).Length <= input.Length && key.WrittenCount <= WriteBatch.MaxKeyBytes);
        }
    }
}

public sealed class BlockIndexTarget : LsmTarget
{
    private const int From = 100, To = 9100;

    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var builder = new BlockIndex.Builder();
            for (var i = 0; i < 30; i++) builder.Add(new BlockPlace(From + i * 300, 300, i * 7), System.Text.Encoding.ASCII.GetBytes($"key{i:D4}"));
            return [builder.Finish().ToArray()];
        }
    }

    protected override void Decode(byte[] input)
    {
        var sound = 0;
        foreach (var isRoot in (bool[])[false, true])
        {
            if (!BlockIndex.IsSound(input, From, To, 0, 210, isRoot)) continue;
            sound++;
            var index = new BlockIndex(input);
            Assert.InRange(index.Find("key0017"u8), 0, index.Count);
            for (var i = 0; i < index.Count; i++)
            {
                Assert.InRange(index[i].Offset, From, To);
                Assert.InRange(index[i].End, From, To);
                Assert.Equal(i, index.FindOrdinal(index[i].FirstOrdinal, 210));
                Assert.Equal(i, index.FindOrdinal((i + 1 < index.Count ? index[i + 1].FirstOrdinal : 210) - 1, 210));
                Assert.True(index.LastKey(i).Length <= input.Length);
            }
        }

        if (sound == 0) throw LsmException.Corrupt("f", 0, "neither leaf nor root");
    }
}

public sealed class EnvelopeTarget : LsmTarget
{
    protected override IReadOnlyList<byte[]> Seeds =>
        [.. new[] { TableCompression.None, TableCompression.Brotli }.Select(static compression =>
        {
            var bytes = new ByteBuffer();
            Envelope.Write(bytes, new byte[3000], compression, null, BlockRole.Data, 0);
            return bytes.Written.ToArray();
        })];

    protected override void Decode(byte[] input)
    {
        if (input.Length >= 4) BinaryPrimitives.WriteUInt32LittleEndian(input.AsSpan(input.Length - 4), Crc32C.Of(input.AsSpan(0, input.Length - 4)));
        var body = Envelope.Unseal(input, null, BlockRole.Data, "f", 0, out var compression);
        if (compression == TableCompression.None) return;
        var length = Envelope.ContentLength(body, "f", 0, out var start);
        Assert.InRange(length, 1, BlockFormat.MaxContent);
        if (length < 1 << 20) Envelope.Decompress(body[start..], new byte[length], "f", 0);
    }
}

public sealed class TableMetaTarget : LsmTarget
{
    private long _offset;

    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var disk = new MemoryFileSystem();
            using (var writer = new TableWriter(Resources(disk), "f", new TableSettings(0, 256, 10, [])))
            {
                for (var i = 0; i < 40; i++) writer.Add(System.Text.Encoding.ASCII.GetBytes($"key{i:D4}"), new byte[i % 5], EntryKind.Value());
                writer.Finish(1);
            }

            using var file = disk.Open("f");
            var meta = TableMeta.Read(file, "f", 1, null, out _);
            _offset = meta.Sections[^1].Offset + meta.Sections[^1].Length;
            return [meta.Encode()];
        }
    }

    protected override void Decode(byte[] input)
    {
        var meta = TableMeta.Decode(input, "f", _offset);
        Assert.True(meta.Tombstones <= meta.Entries);
    }
}

public sealed class SidecarMetaTarget : LsmTarget
{
    private const int Length = 3 * 65_536 + 5;

    protected override IReadOnlyList<byte[]> Seeds => [new SidecarMeta(7, "vectors", Length, [1, 2, 3, 4]).Encode()];

    protected override void Decode(byte[] input)
    {
        var meta = SidecarMeta.Decode(input, isSealed: false, "f", Length);
        Assert.Equal((Length, 4), (meta.Length, meta.Checksums.Length));
    }
}

public sealed class ManifestTarget : LsmTarget
{
    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var edit = new VersionEdit { Log = (5, 17), Identity = new Guid("00112233-4455-6677-8899-aabbccddeeff") };
            edit.Keyspaces.Add((0, "movies"));
            edit.Keyspaces.Add((1, "more"));
            edit.Added.Add(new TableRecord(0, 4, 1, 17));
            edit.Added.Add(new TableRecord(1, 6, 18, 30) { From = [7] }.With("vectors", 8));
            var second = new VersionEdit();
            second.Added.Add(new TableRecord(1, 9, 31, 31));
            second.Removed.Add(300);
            var third = new VersionEdit { Log = (5, 17) };
            third.Keyspaces.Add((3, "movies"));
            third.Keyspaces.Add((4, "more"));
            third.Dropped.Add((1, 30));
            third.Dropped.Add((3, 12));
            third.Dropped.Add((6, 0));
            third.Added.Add(new TableRecord(4, 9, 31, 31));
            return [edit.Encode(), second.Encode(), third.Encode()];
        }
    }

    protected override void Decode(byte[] input)
    {
        var inventory = new Inventory();
        inventory.Apply(VersionEdit.Decode(input, "f", 0), "f", 0);
        var again = new Inventory();
        again.Apply(VersionEdit.Decode(inventory.ToEdit().Encode(), "f", 0), "f", 0);
        Assert.Equal(inventory.ToEdit().Encode(), again.ToEdit().Encode());
        Assert.Equal(inventory.NextKeyspace, again.NextKeyspace);
        // Whatever is there belongs to a keyspace that is; none is there and dropped.
        Assert.All(inventory.Tables.Values, table => Assert.True(inventory.Keyspaces.ContainsKey(table.Keyspace)));
        Assert.All(inventory.Keyspaces.Keys, id => Assert.True(id < inventory.NextKeyspace && inventory.MayBeWritten(id, ulong.MaxValue) && !inventory.Dropped.ContainsKey(id)));
    }
}
