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
    internal TableEntry(long ordinal, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isTombstone)
    {
        Ordinal = ordinal;
        Key = key;
        Value = value;
        IsTombstone = isTombstone;
    }

    /// <summary>The place of the entry in its table, from zero.</summary>
    public long Ordinal { get; }

    /// <summary>The key.</summary>
    public ReadOnlySpan<byte> Key { get; }

    /// <summary>The value; empty for a tombstone.</summary>
    public ReadOnlySpan<byte> Value { get; }

    /// <summary>Whether the entry says that the key was deleted.</summary>
    public bool IsTombstone { get; }
}

/// <summary>Where a builder writes its section: the bytes begin at a page of the file and end up under a checksum.</summary>
public sealed class SectionWriter
{
    private readonly TableFile _file;

    internal SectionWriter(TableFile file) => _file = file;

    internal uint Checksum { get; private set; }

    /// <summary>How many bytes were written.</summary>
    public long Length { get; private set; }

    /// <summary>Adds bytes to the section.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        _file.Append(bytes);
        Checksum = Crc32C.Continue(Checksum, bytes);
        Length += bytes.Length;
    }
}
