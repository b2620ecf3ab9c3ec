using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;
using Basalt.Lsm.Versions;
using Version = Basalt.Lsm.Versions.Version;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    private const int EntriesBetweenChecks = 1024;
    private const int BytesBetweenChecks = 1 << 20;

    /// <summary>A table ends when this many times its bytes were read for it, so that a merge which keeps little makes steps as well.</summary>
    private const int MostReadPerWritten = 8;

    /// <summary>How many versions were installed.</summary>
    private long _changes;

    private Inventory Inventory => _manifest?.Inventory ?? _recovered;

    /// <summary>
    /// A durable table of the cursor's entries, opened; null when there are none. It is closed behind so many bytes, and the cursor is then
    /// on the entry that follows. Its file is removed when that fails. The check is called often; it may throw.
    /// </summary>
    private Table? WriteTable(LsmTree tree, EntryCursor cursor, bool dropTombstones, long mostBytes, ref bool found, SidecarContext context, Action check)
    {
        var number = TakeNumber();
        var path = _names.Table(number);
        var settings = SettingsOf(tree, context);
        var moment = Moment.At(Moment.Of(Clock.GetUtcNow()));
        try
        {
            using (var writer = new TableWriter(_tables, path, settings))
            {
                var (read, entries, bytes) = (0L, 0, 0);
                Table? source = null;
                var input = -1;
                for (; found && writer.Length < mostBytes && read / MostReadPerWritten < mostBytes; found = cursor.Move())
                {
                    if (writer.HasSidecars && source != cursor.Table) input = context.IndexOf(source = cursor.Table);
                    // What has expired hides older values, as what was deleted does.
                    if (!moment.IsGone(cursor.Kind)) writer.Add(cursor.Key, cursor.Value, cursor.Kind, input, cursor.Ordinal);
                    else if (!dropTombstones) writer.Add(cursor.Key, default, EntryKind.Tombstone, input, cursor.Ordinal);
                    var size = cursor.Key.Length + cursor.Value.Length;
                    read += size;
                    bytes += size;
                    if (++entries < EntriesBetweenChecks && bytes < BytesBetweenChecks) continue;
                    (entries, bytes) = (0, 0);
                    check();
                }

                if (writer.Entries > 0) writer.Finish(number);
                else number = 0;
            }

            if (number == 0)
            {
                _disk.Delete(path);
                return null;
            }

            _disk.SyncFolder(_names.Folder);
            return Table.Open(_tables, path, number);
        }
        catch
        {
            TryDelete(path);
            throw;
        }
    }

    private TableSettings SettingsOf(LsmTree tree, SidecarContext context) =>
        new(tree.Id, _options.BlockBytes, _options.FilterBitsPerKey, SidecarsOf(tree.Name)) { Compression = _options.Compression, Context = context };

    private SidecarContext Context(LsmTree tree, IReadOnlyList<LiveTable> inputs, long mostEntries, CancellationToken cancellationToken) =>
        new(tree.Name, mostEntries, [.. inputs.Select(static input => new LsmTable(null, input))], null, Memory, OpenScratch, cancellationToken);

    private ScratchFile OpenScratch() => new(_tables, _names.Sidecar(TakeNumber()));

    private IReadOnlyList<ISidecar> SidecarsOf(string name)
    {
        var sidecars = _options.Sidecars(name);
        if (sidecars.Count > TableMeta.MostSidecars) throw new InvalidOperationException($"A tree has at most {TableMeta.MostSidecars} sidecars; '{name}' has {sidecars.Count}.");
        if (sidecars.Any(static sidecar => System.Text.Encoding.UTF8.GetByteCount(sidecar.Name) is 0 or > 255) || sidecars.DistinctBy(static sidecar => sidecar.Name, StringComparer.Ordinal).Count() < sidecars.Count)
            throw new InvalidOperationException($"The sidecars of '{name}' need names of 1 to 255 bytes, each its own.");
        return sidecars;
    }

    /// <summary>Makes a step of the store durable. The caller has the maintenance lock, and installs the version that the step leads to before it lets go of it.</summary>
    private void AppendEdit(VersionEdit edit)
    {
        // Behind an edit that another thread left half written none would count.
        ThrowIfPoisoned();
        // Before anything is written: a key provider that fails here has changed nothing.
        var isNew = _manifest is null || _manifest.IsDueToRoll;
        var cipher = isNew ? NewCipher() : null;
        try
        {
            if (_manifest is null) _manifest = Manifest.Create(_disk, _names, _recovered, TakeNumber(), cipher);
            else if (isNew) _manifest.Roll(TakeNumber(), cipher);
            _manifest.Append(edit);
        }
        catch (LsmException e) when (e.Code == LsmErrorCode.DiskFull)
        {
            throw BecomeFull(e.InnerException ?? e);
        }
        catch (Exception e)
        {
            throw Poison(e);
        }
    }

    /// <summary>Makes a version the current one. The caller has the write gate.</summary>
    private void Install(Version version)
    {
        var old = _version;
        Volatile.Write(ref _version, version);
        Interlocked.Increment(ref _changes);
        old?.Release();
    }

    private static void Drop(SharedFile table, bool isUnknown)
    {
        if (!isUnknown) table.MarkObsolete();
        table.Hold();
        table.Release();
    }

    private void TryDelete(string path)
    {
        try
        {
            _disk.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // No version names it: it is an orphan, which the next open removes.
        }
    }

    private ulong TakeNumber() => Interlocked.Increment(ref _nextFile) - 1;
}
