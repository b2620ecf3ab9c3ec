using System.Buffers;
using Basalt.Lsm.Tables;
using Basalt.Lsm.Versions;

namespace Basalt.Lsm;

/// <summary>A table as a reader of its sidecars sees it. Valid as long as the snapshot that it came from, or the builder that it was given to. Thread-safe.</summary>
public sealed class LsmTable
{
    private readonly LsmSnapshot? _snapshot;
    private readonly LiveTable _table;
    private long _firstOrdinal = -1;

    /// <summary>Without a snapshot the caller holds the table.</summary>
    internal LsmTable(LsmSnapshot? snapshot, LiveTable table) => (_snapshot, _table) = (snapshot, table);

    internal Table File => _table.File;

    /// <summary>Its number, which no other table of the store has or had.</summary>
    public ulong Number => _table.Number;

    /// <summary>The size of its file in bytes, without sidecars that lie in files of their own.</summary>
    public long Size => _table.File.Size;

    /// <summary>How many entries it has, tombstones included; ordinals are below.</summary>
    public long Entries => _table.File.Meta.Entries;

    /// <summary>How many of them say that their key was deleted.</summary>
    public long Tombstones => _table.File.Meta.Tombstones;

    /// <summary>How many of them have a value that ceases to count at some time, or has ceased to.</summary>
    public long Expiring => _table.File.Meta.Expiring;

    /// <summary>The first entry that counts: those before it have moved to another table, as a merge is under way. Usually zero.</summary>
    public long FirstOrdinal
    {
        get
        {
            if (_firstOrdinal >= 0) return _firstOrdinal;
            CheckValid();
            return _firstOrdinal = _table.FindFirstOrdinal();
        }
    }

    /// <summary>The names of the sidecars that it has, in ordinal order.</summary>
    public IReadOnlyList<string> Sidecars => _table.SidecarNames;

    /// <summary>What the sidecar of this name holds; null when the table has none. Dispose of it.</summary>
    /// <exception cref="LsmException">Its file is damaged or missing; <see cref="LsmStore.RebuildSidecar"/> cures it.</exception>
    public SidecarSection? Sidecar(string name)
    {
        CheckValid();
        return _table.FindSidecar(name) is { } found ? new SidecarSection(found.File, found.Content) : null;
    }

    /// <summary>All that the sidecar of this name holds, checked; null when the table has none. For sections that fit into an array.</summary>
    /// <exception cref="LsmException">Damaged; <see cref="LsmStore.RebuildSidecar"/> cures it.</exception>
    public byte[]? ReadSidecar(string name)
    {
        CheckValid();
        return _table.FindSidecar(name)?.Content.ReadAll();
    }

    /// <summary>The key and value at an ordinal; the value is null for a tombstone. Newer tables and memtables may have another value.</summary>
    public (byte[] Key, byte[]? Value) ReadEntry(long ordinal)
    {
        CheckOrdinal(ordinal);
        var cursor = new TableCursor(_table.File, isDescending: false);
        cursor.StartAt(ordinal);
        return (cursor.Key.ToArray(), cursor.IsTombstone ? null : cursor.Value.ToArray());
    }

    /// <summary>
    /// Writes the key and the value at an ordinal to the destinations; false for a tombstone, of which there is only the key. Blocks that it reads stay in the cache, as those of
    /// <see cref="LsmTree.Get"/> do, and nothing is allocated. Newer tables and memtables may have another value.
    /// </summary>
    public bool TryRead(long ordinal, IBufferWriter<byte> key, IBufferWriter<byte> value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        CheckOrdinal(ordinal);
        return _table.File.ReadAt(ordinal, key, value);
    }

    /// <summary>Reads the entries at ordinals, in their order, as <see cref="TryRead"/> does each; several wait for memory together, so that ten cost far less than ten times one.</summary>
    public void ReadEach(ReadOnlySpan<int> ordinals, EntryVisitor visit)
    {
        ArgumentNullException.ThrowIfNull(visit);
        foreach (var ordinal in ordinals) CheckOrdinal(ordinal);
        _table.File.ReadEach(ordinals, visit);
    }

    /// <summary>Writes the key at an ordinal to the destination, as <see cref="TryRead"/> does.</summary>
    public void ReadKey(long ordinal, IBufferWriter<byte> key)
    {
        ArgumentNullException.ThrowIfNull(key);
        CheckOrdinal(ordinal);
        _table.File.ReadAt(ordinal, key, null);
    }

    /// <summary>Whether there is an entry of a key, a tombstone or one that has expired with them.</summary>
    /// <param name="key">The key.</param>
    /// <param name="ordinal">Its place; -1 for that of a tombstone, and without one.</param>
    public bool Contains(ReadOnlySpan<byte> key, out long ordinal)
    {
        CheckValid();
        var sink = EntrySink.None;
        // At the beginning of time nothing has expired.
        var lookup = _table.File.Get(key, BloomFilter.Hash(key), Moment.At(0), ref sink);
        ordinal = lookup == Lookup.Found ? sink.Place.Ordinal : -1;
        return lookup != Lookup.Absent;
    }

    /// <summary>Whether their keys are of ranges that overlap.</summary>
    public bool MayShareKeysWith(LsmTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var (mine, others) = (_table.File.Meta, other._table.File.Meta);
        return mine.MinKey.AsSpan().SequenceCompareTo(others.MaxKey) <= 0 && others.MinKey.AsSpan().SequenceCompareTo(mine.MaxKey) <= 0;
    }

    /// <summary>Walks the entries from one ordinal up to, and without, another; by default all that count.</summary>
    public LsmTableCursor Scan(long? from = null, long? to = null)
    {
        var (first, end) = (from ?? FirstOrdinal, to ?? Entries);
        ArgumentOutOfRangeException.ThrowIfNegative(first, nameof(from));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(end, Entries, nameof(to));
        return new LsmTableCursor(_table.File, first, end, CheckValid);
    }

    private void CheckOrdinal(long ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ordinal, Entries);
        CheckValid();
    }

    private void CheckValid() => _ = _snapshot?.Version;
}

/// <summary>Takes an entry that was read.</summary>
/// <param name="at">Which of those that were asked for.</param>
/// <param name="key">The key; valid during the call, as the value is.</param>
/// <param name="value">The value; empty for a tombstone.</param>
/// <param name="isTombstone">Whether the entry says that the key was deleted.</param>
public delegate void EntryVisitor(int at, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isTombstone);
