using Basalt.Lsm.Tables;
using Basalt.Lsm.Versions;
using Basalt.Lsm.Wal;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    /// <summary>
    /// Reads everything that is stored and checks every checksum, order and count. One fault per damaged file is reported, with file and
    /// offset; none means that all is well. Writers wait while the log and the manifest are read, not while tables are. Open for reading only, it
    /// checks the tables that it holds, and manifest and log as they are now.
    /// </summary>
    public IReadOnlyList<LsmException> Verify(CancellationToken cancellationToken = default)
    {
        var faults = new List<LsmException>();
        using var snapshot = Snapshot();
        if (IsReadOnly) Check(faults, () => VerifyMoment(cancellationToken));
        else VerifyWritten(faults, cancellationToken);
        foreach (var table in snapshot.Version.AllTables)
        {
            Check(faults, () => VerifyTable(table.File, cancellationToken));
            foreach (var sidecar in table.Attached) Check(faults, () => sidecar.Check(cancellationToken));
        }

        return faults;
    }

    private void VerifyWritten(List<LsmException> faults, CancellationToken cancellationToken)
    {
        lock (_maintenance)
        {
            ThrowIfClosed();
            Check(faults, VerifyManifest);
            // Nothing that this handle wrote can be torn, whatever it has synced.
            var mayBeTorn = Volatile.Read(ref _poison) is not null;
            lock (_writeGate)
                foreach (var path in _oldLogs.Select(static log => log.Path).Append(_log.Path)) Check(faults, () => VerifyLog(path, mayBeTorn, Inventory, cancellationToken));
        }
    }

    private static void Check(List<LsmException> faults, Action check)
    {
        try
        {
            check();
        }
        catch (LsmException e)
        {
            faults.Add(e);
        }
    }

    /// <summary>The manifest on disk must say what this handle knows: a damaged last edit would otherwise pass for one that never counted.</summary>
    private void VerifyManifest()
    {
        var known = Inventory.ToEdit().Encode();
        var read = Manifest.Read(_disk, _names, _disk.List(_names.Folder), _options.Keys, out var current) ?? throw LsmException.Missing(_names.CurrentPath, "the store is open");
        if (_poison is null && !read.ToEdit().Encode().AsSpan().SequenceEqual(known)) throw LsmException.Corrupt(current!, 0, "it does not lead to the version that is open");
    }

    private void VerifyLog(string path, bool mayBeTorn, Inventory inventory, CancellationToken cancellationToken)
    {
        FileNames.IsLog(Path.GetFileName(path), out var number);
        using var reader = LogReader.Open(_disk, path, LogFormat.WalMagic, number, mayBeTorn, _options.Keys);
        for (var at = reader.ValidLength; reader.Read(out var head, out var payload); at = reader.ValidLength)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (head.Kind == FrameKind.Entry) CheckBatch(payload, head, inventory, path, at);
        }
    }

    private static void VerifyTable(Table table, CancellationToken cancellationToken)
    {
        table.CheckMeta();
        var end = table.Meta.DataLength;
        foreach (var section in table.Meta.Sections)
        {
            table.CheckGap(end, section.Offset);
            table.CheckSection(section, cancellationToken);
            end = section.Offset + section.Length;
        }

        var (entries, tombstones) = (0L, 0L);
        byte[] last = [];
        byte[] filter = [];
        var partition = -1;
        var cursor = new TableCursor(table, isDescending: false);
        for (var found = cursor.Start(KeyRange.All); found; found = cursor.Move())
        {
            if ((entries & 1023) == 0) cancellationToken.ThrowIfCancellationRequested();
            if (entries > 0 && cursor.Key.SequenceCompareTo(last) <= 0) throw LsmException.Corrupt(table.Path, 0, $"the key of entry {entries} does not follow the one before");
            if (partition != cursor.Partition) filter = table.ReadFilter(partition = cursor.Partition);
            if (filter.Length > 0 && !BloomFilter.MayContain(filter, BloomFilter.Hash(cursor.Key))) throw LsmException.Corrupt(table.Path, 0, $"the filter denies the key of entry {entries}");
            if (entries == 0 && !cursor.Key.SequenceEqual(table.Meta.MinKey)) throw LsmException.Corrupt(table.Path, 0, "the first key is not what the meta says");
            last = cursor.Key.ToArray();
            entries++;
            if (cursor.IsTombstone) tombstones++;
        }

        if (entries != table.Meta.Entries || tombstones != table.Meta.Tombstones || !last.AsSpan().SequenceEqual(table.Meta.MaxKey)) throw LsmException.Corrupt(table.Path, 0, "the entries are not what the meta says");
    }
}
