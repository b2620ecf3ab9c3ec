namespace Basalt.Lsm.Versions;

/// <summary>What the manifest's edits add up to: who the store is, its keyspaces, the tables of each, and where the log begins.</summary>
internal sealed class Inventory
{
    /// <summary>Empty until the first edit gives it.</summary>
    public Guid Identity { get; private set; }

    /// <summary>Names by id; ids count from zero.</summary>
    public List<string> Keyspaces { get; } = [];

    /// <summary>The tables by number.</summary>
    public Dictionary<ulong, TableRecord> Tables { get; } = [];

    public ulong LogNumber { get; private set; }

    public ulong FlushedSequence { get; private set; }

    /// <summary>The greatest number that any file had which was ever part of the store.</summary>
    public ulong LastNumber { get; private set; }

    /// <summary>The files of sidecars that are attached to tables.</summary>
    public IEnumerable<ulong> SidecarFiles => Tables.Values.SelectMany(static table => table.Sidecars.Values).Where(static file => file != 0);

    /// <summary>Tells by its name whether a file holds a table or a sidecar of the store as it is now.</summary>
    public Predicate<string> Contents()
    {
        var sidecars = SidecarFiles.ToHashSet();
        return file => FileNames.IsTable(file, out var number) ? Tables.ContainsKey(number) : FileNames.IsSidecar(file, out number) && sidecars.Contains(number);
    }

    /// <summary>Takes a step; one that does not fit what is there is damage.</summary>
    public void Apply(VersionEdit edit, string path, long offset)
    {
        LsmException Damage(string what) => LsmException.Corrupt(path, offset, "an edit contradicts those before it: " + what);
        if (edit.Identity is { } identity) Identity = Identity == Guid.Empty ? identity : throw Damage("the store has an identity already");
        foreach (var (id, name) in edit.Keyspaces)
        {
            if (id != Keyspaces.Count || Keyspaces.Contains(name)) throw Damage($"keyspace {id} '{name}'");
            Keyspaces.Add(name);
        }

        foreach (var number in edit.Removed)
            if (!Tables.Remove(number)) throw Damage($"table {number} is removed and not there");
        foreach (var table in edit.Added)
            if (table.Keyspace >= Keyspaces.Count || !Tables.TryAdd(table.Number, table)) throw Damage($"table {table.Number} is added to keyspace {table.Keyspace}");
        foreach (var (number, from) in edit.Trimmed)
        {
            if (!Tables.TryGetValue(number, out var table) || table.From.AsSpan().SequenceCompareTo(from) > 0) throw Damage($"table {number} is trimmed");
            Tables[number] = table with { From = from };
        }

        foreach (var (number, name, file) in edit.Sidecars)
            Tables[number] = Tables.TryGetValue(number, out var table) ? table.With(name, file) : throw Damage($"table {number} gets a sidecar and is not there");
        LastNumber = edit.Added.Select(static table => table.Number).Concat(edit.Sidecars.Select(static sidecar => sidecar.File)).Append(edit.LastNumber).Append(edit.Log?.Number ?? 0).Append(LastNumber).Max();
        if (edit.Log is not { } log) return;
        if (log.Number < LogNumber || log.Flushed < FlushedSequence) throw Damage("the log goes back");
        (LogNumber, FlushedSequence) = log;
    }

    /// <summary>Who goes on from here is somebody else from now on: a store that was a backup must not pass for the one that it is of.</summary>
    public void Rename() => Identity = Guid.NewGuid();

    /// <summary>The one edit that leads from nothing to here.</summary>
    public VersionEdit ToEdit()
    {
        var edit = new VersionEdit { Log = (LogNumber, FlushedSequence), Identity = Identity == Guid.Empty ? null : Identity, LastNumber = LastNumber };
        for (var id = 0; id < Keyspaces.Count; id++) edit.Keyspaces.Add(((uint)id, Keyspaces[id]));
        edit.Added.AddRange(Tables.Values.OrderBy(static table => table.Number));
        return edit;
    }
}
