using System.Buffers.Binary;
using Basalt.Lsm;
using Basalt.Lsm.IO;
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

public sealed class BlockTarget : LsmTarget
{
    protected override IReadOnlyList<byte[]> Seeds
    {
        get
        {
            var builder = new BlockBuilder();
            for (var i = 0; i < 40; i++) builder.Add(System.Text.Encoding.ASCII.GetBytes($"key{i:D4}"), new byte[i % 5], i % 7 == 0);
            return [builder.Finish().ToArray()];
        }
    }

    protected override void Decode(byte[] input)
    {
        if (input.Length >= 4) BinaryPrimitives.WriteUInt32LittleEndian(input.AsSpan(input.Length - 4), Crc32C.Of(input.AsSpan(0, input.Length - 4)));
        _ = new Block(input, "f", 0).TryFind("key0017"u8, out _, out _, out _);
        var decoded = new DecodedBlock();
        input.CopyTo(decoded.Buffer(input.Length));
        decoded.Decode(input.Length, "f", 0);
        for (var i = 1; i < decoded.Count; i++) Assert.True(decoded.Key(i - 1).SequenceCompareTo(decoded.Key(i)) < 0);
        for (var i = 0; i < decoded.Count; i++) Assert.Equal(i, decoded.LowerBound(decoded.Key(i)));
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
            using (var writer = new TableWriter(disk, "f", new TableSettings(0, 256, 10, [])))
            {
                for (var i = 0; i < 40; i++) writer.Add(System.Text.Encoding.ASCII.GetBytes($"key{i:D4}"), new byte[i % 5], false);
                writer.Finish(1);
            }

            var file = Bytes(disk, "f");
            var footer = file.AsSpan(file.Length - TableMeta.FooterSize);
            _offset = BinaryPrimitives.ReadInt64LittleEndian(footer[24..]);
            return [file[(int)_offset..^TableMeta.FooterSize]];
        }
    }

    protected override void Decode(byte[] input)
    {
        var meta = TableMeta.Decode(input, "f", _offset);
        Assert.True(meta.Tombstones <= meta.Entries);
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
            return [edit.Encode(), second.Encode()];
        }
    }

    protected override void Decode(byte[] input)
    {
        var inventory = new Inventory();
        inventory.Apply(VersionEdit.Decode(input, "f", 0), "f", 0);
        var again = new Inventory();
        again.Apply(VersionEdit.Decode(inventory.ToEdit().Encode(), "f", 0), "f", 0);
        Assert.Equal(inventory.ToEdit().Encode(), again.ToEdit().Encode());
    }
}
