using Basalt.Lsm.Tables;
using Basalt.Lsm.Versions;

namespace Basalt.Lsm;

/// <summary>A table as a reader of its sidecars sees it. Valid as long as the snapshot that it came from. Thread-safe.</summary>
public sealed class LsmTable
{
    private readonly LsmSnapshot _snapshot;
    private readonly Table _table;

    internal LsmTable(LsmSnapshot snapshot, LiveTable table) => (_snapshot, _table) = (snapshot, table.File);

    /// <summary>Its number, which no other table of the store has or had.</summary>
    public ulong Number => _table.Number;

    /// <summary>How many entries it has, tombstones included; ordinals are below.</summary>
    public long Entries => _table.Meta.Entries;

    /// <summary>The section that the sidecar of this name wrote, checked; null when the table was written without it.</summary>
    public byte[]? ReadSidecar(string name)
    {
        _ = _snapshot.Version;
        var section = _table.Meta.Sections.SingleOrDefault(section => section.Kind == SectionKind.Sidecar && section.Name == name);
        return section is null ? null : _table.ReadSection(section);
    }

    /// <summary>The key and value at an ordinal; the value is null for a tombstone. Newer tables and memtables may have another value.</summary>
    public (byte[] Key, byte[]? Value) ReadEntry(long ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ordinal, Entries);
        _ = _snapshot.Version;
        var cursor = new TableCursor(_table, isDescending: false);
        cursor.StartAt(ordinal);
        return (cursor.Key.ToArray(), cursor.IsTombstone ? null : cursor.Value.ToArray());
    }
}
