using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Tables;

/// <summary>
/// A kind of index that lives with the tables of a tree: whenever a table is written, a builder of its own sees every entry and writes a
/// section of the same file. Section and table are installed, and dropped, by one manifest edit. One that is deferred is built later, into a
/// file of its own, by <see cref="LsmStore.AttachSidecar"/>. Thread-safe.
/// </summary>
public interface ISidecar
{
    /// <summary>The name of the section: 1 to 255 bytes of UTF-8, unique in its keyspace.</summary>
    string Name { get; }

    /// <summary>Whether flushes and merges leave it out, as building takes too long for them: it is attached afterwards. Default: no.</summary>
    bool IsDeferred => false;

    /// <summary>
    /// Whether its builder sees the entries of a table that it is attached to. Not when it is made of another sidecar of the table, <see cref="SidecarContext.Table"/>: then the table need not be read. Default: yes.
    /// </summary>
    bool ReadsEntries => true;

    /// <summary>A builder for one table.</summary>
    ISidecarBuilder Begin(SidecarContext context);
}

/// <summary>Builds one section of one table. One thread. What it throws fails the flush, merge or attachment, and nothing is installed. Disposed of at the end, if it can be.</summary>
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
    internal TableEntry(long ordinal, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, EntryKind kind, int input, long inputOrdinal)
    {
        (Input, InputOrdinal) = (input, inputOrdinal);
        Ordinal = ordinal;
        Key = key;
        Value = value;
        IsTombstone = kind.IsTombstone;
        Expires = ExpiryOf(kind);
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

    /// <summary>Which of the <see cref="SidecarContext.Inputs"/> the entry comes from; -1 when it comes from a memtable, or is that of the table itself.</summary>
    public int Input { get; }

    /// <summary>Its place in that input; -1 without one.</summary>
    public long InputOrdinal { get; }

    internal static DateTimeOffset? ExpiryOf(EntryKind kind) => kind.Expiry == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds((long)kind.Expiry);
}

/// <summary>
/// Where a builder writes its section. It begins at a page of the file and lies there as it was written, so that it can be mapped; in an
/// encrypted file it is sealed in chunks.
/// </summary>
public sealed class SectionWriter
{
    /// <summary>How many bytes are sealed at a time, and have a checksum of their own in a sidecar's file.</summary>
    internal const int Chunk = 64 << 10;

    private readonly TableFile _file;
    private readonly FileCipher? _cipher;
    private readonly ByteBuffer _pending;
    private readonly List<uint>? _chunks;
    private uint _chunk;

    internal SectionWriter(TableFile file, FileCipher? cipher, bool countsChunks = false)
    {
        (_file, _cipher, _pending) = (file, cipher, new ByteBuffer(cipher is null ? 0 : Chunk));
        if (countsChunks) _chunks = [];
    }

    /// <summary>A checksum for each chunk as it is stored, when they were asked for.</summary>
    internal IReadOnlyList<uint> ChunkChecksums => _chunks ?? [];

    internal uint Checksum { get; private set; }

    /// <summary>What it takes in the file.</summary>
    internal long StoredLength { get; private set; }

    /// <summary>How many bytes were written.</summary>
    public long Length { get; private set; }

    /// <summary>Adds bytes to the section.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_cipher is null && _chunks is null)
        {
            Store(bytes);
            Length += bytes.Length;
            return;
        }

        while (bytes.Length > 0)
        {
            var taken = Math.Min(bytes.Length, Chunk - (int)(Length % Chunk));
            if (_cipher is null) Store(bytes[..taken]);
            else _pending.Add(bytes[..taken]);
            bytes = bytes[taken..];
            Length += taken;
            if (Length % Chunk == 0) EndChunk();
        }
    }

    /// <summary>Nothing follows.</summary>
    internal void Complete()
    {
        if (Length % Chunk != 0) EndChunk();
    }

    private void EndChunk()
    {
        if (_pending.Length > 0) Seal();
        _chunks?.Add(_chunk);
        _chunk = 0;
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
        if (_chunks is null) Checksum = Crc32C.Continue(Checksum, bytes);
        else _chunk = Crc32C.Continue(_chunk, bytes);
        StoredLength += bytes.Length;
    }
}
