using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;

namespace Basalt.Lsm.Versions;

/// <summary>A table as one version has it: the open file, the files of sidecars that were attached to it, and what the manifest said of it then.</summary>
internal sealed class LiveTable(Table file, TableRecord record, IReadOnlyList<SidecarFile>? attached = null)
{
    /// <summary>The sidecars in files of their own.</summary>
    public IReadOnlyList<SidecarFile> Attached { get; } = attached ?? [];

    public Table File => file;

    public TableRecord Record => record;

    public ulong Number => record.Number;

    /// <summary>No key below it counts.</summary>
    public ReadOnlySpan<byte> LowestKey => record.From.AsSpan().SequenceCompareTo(file.Meta.MinKey) > 0 ? record.From : file.Meta.MinKey;

    public ReadOnlySpan<byte> HighestKey => file.Meta.MaxKey;

    /// <summary>The table's file and those of its sidecars.</summary>
    public IEnumerable<SharedFile> Files => [file, .. Attached];

    /// <summary>The names of the sidecars that it has, wherever they lie, in ordinal order.</summary>
    public IReadOnlyList<string> SidecarNames =>
        [.. file.Sidecars.Keys.Where(name => !record.Sidecars.ContainsKey(name)).Concat(Attached.Select(static sidecar => sidecar.Name)).Order(StringComparer.Ordinal)];

    public void Hold()
    {
        file.Hold();
        foreach (var sidecar in Attached) sidecar.Hold();
    }

    public void Release()
    {
        file.Release();
        foreach (var sidecar in Attached) sidecar.Release();
    }

    /// <summary>The table when only keys from this one on count.</summary>
    public LiveTable Trim(byte[] from) => new(file, record with { From = from }, Attached);

    /// <summary>The table with another sidecar of this name, or with none.</summary>
    public LiveTable With(string name, SidecarFile? sidecar) =>
        new(file, record.With(name, sidecar?.Number ?? 0), [.. Attached.Where(other => other.Name != name), .. sidecar is null ? [] : (SidecarFile[])[sidecar]]);

    /// <summary>Where the sidecar of a name lies; null when there is none. What the manifest says goes before what lies in the table.</summary>
    public (SharedFile File, SectionContent Content)? FindSidecar(string name)
    {
        if (Attached.FirstOrDefault(sidecar => sidecar.Name == name) is { } sidecar) return (sidecar, sidecar.Content);
        return !record.Sidecars.ContainsKey(name) && file.Sidecars.TryGetValue(name, out var content) ? (file, content) : null;
    }

    /// <summary>The ordinal of the lowest key that counts.</summary>
    public long FindFirstOrdinal()
    {
        if (record.From.Length == 0) return 0;
        var cursor = new TableCursor(file, isDescending: false, record.From);
        return cursor.Start(KeyRange.All) ? cursor.Ordinal : file.Meta.Entries;
    }

    /// <summary>Looks a key up among those that still count.</summary>
    public Lookup Get(ReadOnlySpan<byte> key, ulong hash, Moment moment, ref EntrySink sink)
    {
        if (key.SequenceCompareTo(HighestKey) > 0 || key.SequenceCompareTo(LowestKey) < 0) return Lookup.Absent;
        return file.Get(key, hash, moment, ref sink);
    }

    public TableCursor Cursor(bool isDescending) => new(file, isDescending, record.From);
}
