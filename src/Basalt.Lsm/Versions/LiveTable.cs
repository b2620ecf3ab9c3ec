using System.Buffers;
using Basalt.Lsm.Tables;

namespace Basalt.Lsm.Versions;

/// <summary>A table as one version has it: the open file and what the manifest said of it then.</summary>
internal sealed class LiveTable(Table file, TableRecord record)
{
    public Table File => file;

    public TableRecord Record => record;

    public ulong Number => record.Number;

    /// <summary>No key below it counts.</summary>
    public ReadOnlySpan<byte> LowestKey => record.From.AsSpan().SequenceCompareTo(file.Meta.MinKey) > 0 ? record.From : file.Meta.MinKey;

    public ReadOnlySpan<byte> HighestKey => file.Meta.MaxKey;

    public void Hold() => file.Hold();

    public void Release() => file.Release();

    /// <summary>Looks a key up among those that still count.</summary>
    public Lookup Get(ReadOnlySpan<byte> key, ulong hash, Moment moment, IBufferWriter<byte>? destination, out byte[]? value)
    {
        value = null;
        if (key.SequenceCompareTo(HighestKey) > 0 || key.SequenceCompareTo(LowestKey) < 0) return Lookup.Absent;
        return file.Get(key, hash, moment, destination, out value);
    }

    public TableCursor Cursor(bool isDescending) => new(file, isDescending, record.From);
}
