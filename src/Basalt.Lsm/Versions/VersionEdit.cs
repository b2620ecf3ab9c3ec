using System.Text;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Versions;

/// <summary>One step from a version to the next, in the manifest one frame: it happens whole or not at all. Normative: docs/formats/manifest.md.</summary>
internal sealed class VersionEdit
{
    private const int MostKeyspaceNameBytes = 255;

    private enum Tag : byte
    {
        AddKeyspace = 1,
        AddTable = 2,
        RemoveTable = 3,
        Log = 4,
    }

    public List<(uint Id, string Name)> Keyspaces { get; } = [];

    public List<(uint Keyspace, ulong Number)> Added { get; } = [];

    public List<ulong> Removed { get; } = [];

    /// <summary>The first log that is still needed, and the last sequence that is in tables.</summary>
    public (ulong Number, ulong Flushed)? Log { get; set; }

    public byte[] Encode()
    {
        var bytes = new ByteBuffer();
        foreach (var (id, name) in Keyspaces)
        {
            bytes.Add((byte)Tag.AddKeyspace);
            bytes.AddVarint(id);
            bytes.AddText(Encoding.UTF8.GetBytes(name));
        }

        foreach (var (keyspace, number) in Added)
        {
            bytes.Add((byte)Tag.AddTable);
            bytes.AddVarint(keyspace);
            bytes.AddVarint(number);
        }

        foreach (var number in Removed)
        {
            bytes.Add((byte)Tag.RemoveTable);
            bytes.AddVarint(number);
        }

        if (Log is { } log)
        {
            bytes.Add((byte)Tag.Log);
            bytes.AddVarint(log.Number);
            bytes.AddVarint(log.Flushed);
        }

        return bytes.Written.ToArray();
    }

    public static VersionEdit Decode(ReadOnlySpan<byte> bytes, string path, long offset)
    {
        var edit = new VersionEdit();
        var reader = new ByteReader(bytes);
        while (!reader.IsAtEnd)
        {
            var tag = (Tag)reader.ReadByte();
            var first = reader.ReadVarint();
            switch (tag)
            {
                case Tag.AddKeyspace:
                    var name = reader.ReadText();
                    if (first > uint.MaxValue || name.Length is 0 or > MostKeyspaceNameBytes) throw LsmException.Corrupt(path, offset, "an edit names a keyspace that cannot be");
                    edit.Keyspaces.Add(((uint)first, Encoding.UTF8.GetString(name)));
                    break;
                case Tag.AddTable:
                    if (first > uint.MaxValue) throw LsmException.Corrupt(path, offset, "an edit names a keyspace that cannot be");
                    edit.Added.Add(((uint)first, reader.ReadVarint()));
                    break;
                case Tag.RemoveTable:
                    edit.Removed.Add(first);
                    break;
                case Tag.Log:
                    edit.Log = (first, reader.ReadVarint());
                    break;
                default:
                    throw LsmException.Corrupt(path, offset, $"an edit has the unknown tag {(byte)tag}");
            }

            if (!reader.IsSound) throw LsmException.Corrupt(path, offset, "an edit is cut short");
        }

        return edit;
    }
}
