namespace Basalt.Lsm.Versions;

/// <summary>What the manifest's edits add up to: who the store is, its keyspaces, the tables of each, and where the log begins.</summary>
internal sealed class Inventory
{
    /// <summary>Empty until the first edit gives it.</summary>
    public Guid Identity { get; private set; }

    /// <summary>Names by id, of those that were not dropped.</summary>
    public SortedDictionary<uint, string> Keyspaces { get; } = [];

    /// <summary>Keyspaces that were dropped and that the log, where it is not in tables, may still write to: up to which sequence.</summary>
    public SortedDictionary<uint, ulong> Dropped { get; } = [];

    /// <summary>The next id. Ids ascend and are given once, so that one means the same tree in every log and to every reader.</summary>
    public uint NextKeyspace { get; private set; }

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

    /// <summary>Whether a write that the log has under a sequence may be to a keyspace: to one that is there, or that was dropped later. Of what is in tables it only tells what never was.</summary>
    public bool MayBeWritten(uint keyspace, ulong sequence) =>
        sequence <= FlushedSequence ? keyspace < NextKeyspace : Keyspaces.ContainsKey(keyspace) || (Dropped.TryGetValue(keyspace, out var last) && sequence <= last);

    /// <summary>Takes a step; one that does not fit what is there is damage.</summary>
    public void Apply(VersionEdit edit, string path, long offset)
    {
        LsmException Damage(string what) => LsmException.Corrupt(path, offset, "an edit contradicts those before it: " + what);
        if (edit.Identity is { } identity) Identity = Identity == Guid.Empty ? identity : throw Damage("the store has an identity already");
        foreach (var (id, name) in edit.Keyspaces)
        {
            if (id < NextKeyspace || id == uint.MaxValue || Keyspaces.ContainsValue(name)) throw Damage($"keyspace {id} '{name}'");
            Keyspaces.Add(id, name);
            NextKeyspace = id + 1;
        }

        foreach (var (id, last) in edit.Dropped)
        {
            // A whole manifest names those that were dropped before it; they have nothing.
            if (id == uint.MaxValue || !Dropped.TryAdd(id, last)) throw Damage($"keyspace {id} is dropped");
            if (Keyspaces.Remove(id))
                foreach (var table in Tables.Values.Where(table => table.Keyspace == id).ToList()) Tables.Remove(table.Number);
            NextKeyspace = Math.Max(NextKeyspace, id + 1);
        }

        foreach (var number in edit.Removed)
            if (!Tables.Remove(number)) throw Damage($"table {number} is removed and not there");
        foreach (var table in edit.Added)
            if (!Keyspaces.ContainsKey(table.Keyspace) || !Tables.TryAdd(table.Number, table)) throw Damage($"table {table.Number} is added to keyspace {table.Keyspace}");
        foreach (var (number, from) in edit.Trimmed)
        {
            if (!Tables.TryGetValue(number, out var table) || table.From.AsSpan().SequenceCompareTo(from) > 0) throw Damage($"table {number} is trimmed");
            Tables[number] = table with { From = from };
        }

        foreach (var (number, name, file) in edit.Sidecars)
            Tables[number] = Tables.TryGetValue(number, out var table) ? table.With(name, file) : throw Damage($"table {number} gets a sidecar and is not there");
        LastNumber = edit.Added.Select(static table => table.Number).Concat(edit.Sidecars.Select(static sidecar => sidecar.File)).Append(edit.LastNumber).Append(edit.Log?.Number ?? 0).Append(LastNumber).Max();
        if (edit.Log is { } log)
        {
            if (log.Number < LogNumber || log.Flushed < FlushedSequence) throw Damage("the log goes back");
            (LogNumber, FlushedSequence) = log;
        }

        foreach (var (id, last) in Dropped.ToList())
            if (last <= FlushedSequence) Dropped.Remove(id);
    }

    /// <summary>Who goes on from here is somebody else from now on: a store that was a backup must not pass for the one that it is of.</summary>
    public void Rename() => Identity = Guid.NewGuid();

    /// <summary>The one edit that leads from nothing to here.</summary>
    public VersionEdit ToEdit()
    {
        var edit = new VersionEdit { Log = (LogNumber, FlushedSequence), Identity = Identity == Guid.Empty ? null : Identity, LastNumber = LastNumber };
        edit.Keyspaces.AddRange(Keyspaces.Select(static keyspace => (keyspace.Key, keyspace.Value)));
        edit.Dropped.AddRange(Dropped.Select(static dropped => (dropped.Key, dropped.Value)));
        // The last id that was given is always named.
        if (NextKeyspace > 0 && !Keyspaces.ContainsKey(NextKeyspace - 1) && !Dropped.ContainsKey(NextKeyspace - 1)) edit.Dropped.Add((NextKeyspace - 1, 0));
        edit.Added.AddRange(Tables.Values.OrderBy(static table => table.Number));
        return edit;
    }
}
