using System.Text;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Versions;

/// <summary>One step from a version to the next, in the manifest one frame: it happens whole or not at all. Normative: docs/formats/manifest.md.</summary>
internal sealed class VersionEdit
{
    private const int MostNameBytes = 255;
    private const int IdentityBytes = 16;

    private enum Tag : byte
    {
        AddKeyspace = 1,
        AddTable = 2,
        RemoveTable = 3,
        Log = 4,
        Identity = 5,
        TrimTable = 6,
        Sidecar = 7,
        LastNumber = 8,
        DropKeyspace = 9,
    }

    /// <summary>Who the store is: given once, and kept by its backups.</summary>
    public Guid? Identity { get; set; }

    public List<(uint Id, string Name)> Keyspaces { get; } = [];

    /// <summary>Keyspaces that are gone with all their tables, and the last sequence up to which the log may still write to each; zero: it does not.</summary>
    public List<(uint Id, ulong LastSequence)> Dropped { get; } = [];

    public List<ulong> Removed { get; } = [];

    /// <summary>New tables; what their records say of trims and sidecars is encoded too.</summary>
    public List<TableRecord> Added { get; } = [];

    /// <summary>Tables of which only the keys from this one on count any more.</summary>
    public List<(ulong Table, byte[] From)> Trimmed { get; } = [];

    /// <summary>Sidecars that lie in a file of their own from now on; file 0: the table has none of this name any more.</summary>
    public List<(ulong Table, string Name, ulong File)> Sidecars { get; } = [];

    /// <summary>The first log that is still needed, and the last sequence that is in tables.</summary>
    public (ulong Number, ulong Flushed)? Log { get; set; }

    /// <summary>The greatest number that any installed file had so far; zero: nothing is said. Numbers are never given twice.</summary>
    public ulong LastNumber { get; set; }

    public byte[] Encode()
    {
        var bytes = new ByteBuffer();
        if (Identity is { } identity)
        {
            bytes.Add((byte)Tag.Identity);
            identity.TryWriteBytes(bytes.Take(IdentityBytes), bigEndian: true, out _);
        }

        foreach (var (id, name) in Keyspaces)
        {
            bytes.Add((byte)Tag.AddKeyspace);
            bytes.AddVarint(id);
            bytes.AddText(Encoding.UTF8.GetBytes(name));
        }

        foreach (var (id, last) in Dropped)
        {
            bytes.Add((byte)Tag.DropKeyspace);
            bytes.AddVarint(id);
            bytes.AddVarint(last);
        }

        foreach (var number in Removed)
        {
            bytes.Add((byte)Tag.RemoveTable);
            bytes.AddVarint(number);
        }

        foreach (var table in Added)
        {
            bytes.Add((byte)Tag.AddTable);
            bytes.AddVarint(table.Keyspace);
            bytes.AddVarint(table.Number);
            bytes.AddVarint(table.MinSequence);
            bytes.AddVarint(table.MaxSequence);
            if (table.From.Length > 0) AddTrim(bytes, table.Number, table.From);
            foreach (var (name, file) in table.Sidecars) AddSidecar(bytes, table.Number, name, file);
        }

        foreach (var (table, from) in Trimmed) AddTrim(bytes, table, from);
        foreach (var (table, name, file) in Sidecars) AddSidecar(bytes, table, name, file);
        if (Log is { } log)
        {
            bytes.Add((byte)Tag.Log);
            bytes.AddVarint(log.Number);
            bytes.AddVarint(log.Flushed);
        }

        if (LastNumber > 0)
        {
            bytes.Add((byte)Tag.LastNumber);
            bytes.AddVarint(LastNumber);
        }

        return bytes.Written.ToArray();
    }

    public static VersionEdit Decode(ReadOnlySpan<byte> bytes, string path, long offset)
    {
        LsmException Damage(string what) => LsmException.Corrupt(path, offset, "an edit " + what);
        var edit = new VersionEdit();
        var reader = new ByteReader(bytes);
        while (!reader.IsAtEnd)
        {
            var tag = (Tag)reader.ReadByte();
            if (tag == Tag.Identity)
            {
                var identity = reader.Take(IdentityBytes);
                if (!reader.IsSound) throw Damage("is cut short");
                edit.Identity = new Guid(identity, bigEndian: true);
                continue;
            }

            var first = reader.ReadVarint();
            switch (tag)
            {
                case Tag.AddKeyspace:
                    var keyspace = reader.ReadText();
                    if (first > uint.MaxValue || keyspace.Length is 0 or > MostNameBytes) throw Damage("names a keyspace that cannot be");
                    edit.Keyspaces.Add(((uint)first, Encoding.UTF8.GetString(keyspace)));
                    break;
                case Tag.DropKeyspace:
                    if (first > uint.MaxValue) throw Damage("names a keyspace that cannot be");
                    edit.Dropped.Add(((uint)first, reader.ReadVarint()));
                    break;
                case Tag.AddTable:
                    if (first > uint.MaxValue) throw Damage("names a keyspace that cannot be");
                    var (number, least, greatest) = (reader.ReadVarint(), reader.ReadVarint(), reader.ReadVarint());
                    if (least > greatest) throw Damage("adds a table of reversed sequences");
                    edit.Added.Add(new TableRecord((uint)first, number, least, greatest));
                    break;
                case Tag.RemoveTable:
                    edit.Removed.Add(first);
                    break;
                case Tag.TrimTable:
                    edit.Trimmed.Add((first, reader.ReadText().ToArray()));
                    break;
                case Tag.Sidecar:
                    var name = reader.ReadText();
                    if (name.Length is 0 or > MostNameBytes) throw Damage("names a sidecar that cannot be");
                    edit.Sidecars.Add((first, Encoding.UTF8.GetString(name), reader.ReadVarint()));
                    break;
                case Tag.Log:
                    edit.Log = (first, reader.ReadVarint());
                    break;
                case Tag.LastNumber:
                    edit.LastNumber = first;
                    break;
                default:
                    throw Damage($"has the unknown tag {(byte)tag}");
            }

            if (!reader.IsSound) throw Damage("is cut short");
        }

        return edit;
    }

    private static void AddTrim(ByteBuffer bytes, ulong table, byte[] from)
    {
        bytes.Add((byte)Tag.TrimTable);
        bytes.AddVarint(table);
        bytes.AddText(from);
    }

    private static void AddSidecar(ByteBuffer bytes, ulong table, string name, ulong file)
    {
        bytes.Add((byte)Tag.Sidecar);
        bytes.AddVarint(table);
        bytes.AddText(Encoding.UTF8.GetBytes(name));
        bytes.AddVarint(file);
    }
}
