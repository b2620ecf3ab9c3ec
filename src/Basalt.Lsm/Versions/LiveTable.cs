using System.Buffers;
using Basalt.Lsm.Tables;

namespace Basalt.Lsm.Versions;

/// <summary>A table as one version has it: the open file and what the manifest said of it then.</summary>
internal sealed class LiveTable(Table file, TableRecord record)
{
    public Table File => file;

    public TableRecord Record => record;

    public ulong Number => record.Number;

    public void Hold() => file.Hold();

    public void Release() => file.Release();

    /// <summary>Looks a key up among those that still count.</summary>
    public Lookup Get(ReadOnlySpan<byte> key, ulong hash, Moment moment, IBufferWriter<byte>? destination, out byte[]? value)
    {
        value = null;
        if (key.SequenceCompareTo(file.Meta.MaxKey) > 0 || key.SequenceCompareTo(record.From.Length > 0 ? record.From : file.Meta.MinKey) < 0) return Lookup.Absent;
        return file.Get(key, hash, moment, destination, out value);
    }

    public TableCursor Cursor(bool isDescending) => new(file, isDescending, record.From);
}
