using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>
/// A kind of index that lives in the tables of a keyspace: whenever a table is written, a builder of its own sees every entry and writes a
/// section of the same file. Section and table are installed, and dropped, by one manifest edit. Thread-safe.
/// </summary>
public interface ISidecar
{
    /// <summary>The name of the section: 1 to 255 bytes of UTF-8, unique in its keyspace.</summary>
    string Name { get; }

    /// <summary>A builder for one new table.</summary>
    ISidecarBuilder Begin();
}

/// <summary>Builds one section of one table. One thread. What it throws fails the flush or merge, and nothing is installed.</summary>
public interface ISidecarBuilder
{
    /// <summary>Sees the next entry; ordinals count from zero, keys ascend, each key comes once, tombstones included.</summary>
    void Add(in TableEntry entry);

    /// <summary>Writes the section. Called once, behind the last entry.</summary>
    void Finish(SectionWriter section);
}

/// <summary>An entry of a table as its builders see it. The spans are valid during the call.</summary>
public readonly ref struct TableEntry
{
    internal TableEntry(long ordinal, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, EntryKind kind)
    {
        Ordinal = ordinal;
        Key = key;
        Value = value;
        IsTombstone = kind.IsTombstone;
        Expires = kind.Expiry == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds((long)kind.Expiry);
    }

    /// <summary>The place of the entry in its table, from zero.</summary>
    public long Ordinal { get; }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value; empty for a tombstone.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Whether the entry says that the key was deleted.</summary>
    public bool IsTombstone { get; }

    /// <summary>When the value ceases to count; null: never.</summary>
    public DateTimeOffset? Expires { get; }
}

/// <summary>
/// Where a builder writes its section. It begins at a page of the file and lies there as it was written, so that it can be mapped; in an
/// encrypted table it is sealed in chunks.
/// </summary>
public sealed class SectionWriter
{
    /// <summary>How many bytes are sealed at a time.</summary>
    internal const int Chunk = 64 << 10;

    private readonly TableFile _file;
    private readonly FileCipher? _cipher;
    private readonly ByteBuffer _pending;

    internal SectionWriter(TableFile file, FileCipher? cipher) => (_file, _cipher, _pending) = (file, cipher, new ByteBuffer(cipher is null ? 0 : Chunk));

    internal uint Checksum { get; private set; }

    /// <summary>What it takes in the file.</summary>
    internal long StoredLength { get; private set; }

    /// <summary>How many bytes were written.</summary>
    public long Length { get; private set; }

    /// <summary>Adds bytes to the section.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Length += bytes.Length;
        if (_cipher is null)
        {
            Store(bytes);
            return;
        }

        while (bytes.Length > 0)
        {
            var taken = Math.Min(bytes.Length, Chunk - _pending.Length);
            _pending.Add(bytes[..taken]);
            bytes = bytes[taken..];
            if (_pending.Length == Chunk) Seal();
        }
    }

    /// <summary>Nothing follows.</summary>
    internal void Complete()
    {
        if (_pending.Length > 0) Seal();
    }

    private void Seal()
    {
        var stored = new byte[_pending.Length + FileCipher.Overhead];
        _cipher!.Seal((ulong)_file.Length, (uint)BlockRole.Section, _pending.Written, stored);
        Store(stored);
        _pending.Clear();
    }

    private void Store(ReadOnlySpan<byte> bytes)
    {
        _file.Append(bytes);
        Checksum = Crc32C.Continue(Checksum, bytes);
        StoredLength += bytes.Length;
    }
}
