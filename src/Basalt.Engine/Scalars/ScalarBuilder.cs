using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;
using Basalt.Records;

namespace Basalt.Engine.Scalars;

/// <summary>
/// Builds the scalar index of one field over one table: its distinct values in their one order, of whatever types, and which entries have each.
/// Holds per entry with a value 24 bytes, what its key has behind the ninth byte (nothing for most numbers and times, at most 1016), and about a byte. Not thread-safe.
/// </summary>
internal sealed class ScalarBuilder
{
    private const int CheckEvery = 1 << 16;
    private readonly KeyWriter _keys = new();
    private readonly SortedRuns _runs = new();
    private readonly PostingsBuilder _valued = new();
    private int _lastOrdinal = -1;

    /// <summary>An entry's value at the field; null, and an entry that is not added, count as null. Ordinals ascend.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The ordinal is not above the one before.</exception>
    public void Add(int ordinal, in Value value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(ordinal, _lastOrdinal);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ordinal, ScalarFormat.MaxEntries);
        _lastOrdinal = ordinal;
        if (value.IsNull) return;
        _runs.Add(_keys.Write(value), ordinal);
        _valued.Add(ordinal);
    }

    /// <summary>Writes the section. Called once, last.</summary>
    /// <param name="section">Where to.</param>
    /// <param name="entries">How many entries the table has, those without a value and tombstones included.</param>
    /// <param name="cancellationToken">Looked at every 65,536 entries.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer entries than ordinals were added, or more than <see cref="ScalarFormat.MaxEntries"/>.</exception>
    public void Finish(SectionWriter section, int entries, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(section);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(entries, _lastOrdinal);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(entries, ScalarFormat.MaxEntries);
        var begin = section.Length;
        section.Append(ScalarFormat.Header());
        var (index, distinct, cut) = WriteBlocks(section, begin, entries, cancellationToken);
        var format = new ScalarFormat { ValuedAt = section.Length - begin, Entries = entries, NonNull = _valued.Count, Distinct = distinct, Cut = cut };
        WriteValued(section, entries);
        format = format with { IndexAt = section.Length - begin };
        section.Append(index.Written);
        section.Append(format.Footer());
    }

    private (ByteBuffer Index, int Distinct, int Cut) WriteBlocks(SectionWriter section, long begin, int entries, CancellationToken cancellationToken)
    {
        var (index, block, scratch, ordinals) = (new ByteBuffer(), new BlockBuilder(), new ByteBuffer(4096), new PostingsBuilder());
        var (distinct, cut, before, seen) = (0, 0, 0, 0);
        var key = new byte[KeyWriter.CutBytes];
        KeyEntry last = default;
        foreach (var entry in _runs.Read())
        {
            if (++seen % CheckEvery == 0) cancellationToken.ThrowIfCancellationRequested();
            if (ordinals.Count > 0 && !entry.HasKeyOf(last)) EndKey();
            ordinals.Add(entry.Ordinal);
            last = entry;
        }

        if (ordinals.Count > 0) EndKey();
        if (block.Count > 0) EndBlock();
        return (index, distinct, cut);

        void EndKey()
        {
            var length = last.CopyKey(key);
            if (length > KeyWriter.MaxBytes) cut++;
            distinct++;
            block.Add(key.AsSpan(0, length), ordinals);
            ordinals.Clear();
            if (block.Count == ScalarFormat.BlockKeys) EndBlock();
        }

        void EndBlock()
        {
            index.AddUInt64(block.Head);
            index.AddUInt64((ulong)(section.Length - begin));
            index.AddUInt32((uint)block.Keys.Length);
            index.AddUInt32((uint)before);
            before += block.Entries;
            scratch.Clear();
            block.WritePostings(scratch, entries);
            section.Append(block.Keys);
            section.Append(scratch.Written);
            block.Clear();
        }
    }

    // Nothing at all when every entry has a value, or none.
    private void WriteValued(SectionWriter section, int entries)
    {
        if (_valued.Count == 0 || _valued.Count == entries) return;
        var list = new ByteBuffer();
        var isBitmap = _valued.Write(list);
        section.Append([(byte)(isBitmap ? PostingsForm.Bitmap : PostingsForm.Gaps)]);
        section.Append(list.Written);
    }
}
