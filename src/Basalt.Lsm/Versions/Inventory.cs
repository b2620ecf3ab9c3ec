namespace Basalt.Lsm.Versions;

/// <summary>What the manifest's edits add up to: the keyspaces, the tables of each, and where the log begins.</summary>
internal sealed class Inventory
{
    /// <summary>Names by id; ids count from zero.</summary>
    public List<string> Keyspaces { get; } = [];

    /// <summary>Table number to keyspace.</summary>
    public Dictionary<ulong, uint> Tables { get; } = [];

    public ulong LogNumber { get; private set; }

    public ulong FlushedSequence { get; private set; }

    /// <summary>Takes a step; one that does not fit what is there is damage.</summary>
    public void Apply(VersionEdit edit, string path, long offset)
    {
        LsmException Damage(string what) => LsmException.Corrupt(path, offset, "an edit contradicts those before it: " + what);
        foreach (var (id, name) in edit.Keyspaces)
        {
            if (id != Keyspaces.Count || Keyspaces.Contains(name)) throw Damage($"keyspace {id} '{name}'");
            Keyspaces.Add(name);
        }

        foreach (var number in edit.Removed)
            if (!Tables.Remove(number)) throw Damage($"table {number} is removed and not there");
        foreach (var (keyspace, number) in edit.Added)
            if (keyspace >= Keyspaces.Count || !Tables.TryAdd(number, keyspace)) throw Damage($"table {number} is added to keyspace {keyspace}");
        if (edit.Log is not { } log) return;
        if (log.Number < LogNumber || log.Flushed < FlushedSequence) throw Damage("the log goes back");
        (LogNumber, FlushedSequence) = log;
    }

    /// <summary>The one edit that leads from nothing to here.</summary>
    public VersionEdit ToEdit()
    {
        var edit = new VersionEdit { Log = (LogNumber, FlushedSequence) };
        for (var id = 0; id < Keyspaces.Count; id++) edit.Keyspaces.Add(((uint)id, Keyspaces[id]));
        foreach (var (number, keyspace) in Tables.OrderBy(static table => table.Key)) edit.Added.Add((keyspace, number));
        return edit;
    }
}
