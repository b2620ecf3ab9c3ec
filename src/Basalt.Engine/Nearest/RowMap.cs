using System.Numerics;
using System.Runtime.Intrinsics.X86;
using Basalt.Vectors;

namespace Basalt.Engine.Nearest;

/// <summary>
/// Which entry of a table a row belongs to. Both are in the order of keys, so a bit an entry says it all: an entry's row is the number of bits before it. The bits
/// lie in the section; the sums of every 512 of them are made when it is opened, 4 bytes each. Thread-safe.
/// </summary>
internal sealed unsafe class RowMap
{
    private const int BlockWords = 8;
    private readonly ulong* _words;
    private readonly int _wordCount;
    private readonly int[] _before = [];

    /// <summary>Every entry has a row.</summary>
    public RowMap(int entries) => (Entries, Rows, _wordCount) = (entries, entries, (int)((entries + 63L) / 64));

    /// <param name="words">64 entries a word, the lowest first; valid as long as this is used.</param>
    /// <param name="entries">How many entries.</param>
    /// <param name="rows">How many of them have a row.</param>
    /// <exception cref="InvalidDataException">There are more or fewer bits than rows, or bits past the entries.</exception>
    public RowMap(ulong* words, int entries, int rows)
    {
        _words = words;
        (Entries, Rows, _wordCount) = (entries, rows, (int)((entries + 63L) / 64));
        _before = new int[(_wordCount + BlockWords - 1) / BlockWords];
        var count = 0L;
        for (var i = 0; i < _wordCount; i++)
        {
            if (i % BlockWords == 0) _before[i / BlockWords] = (int)count;
            count += BitOperations.PopCount(words[i]);
        }

        if (_wordCount > 0 && (words[_wordCount - 1] & ~WordOf(_wordCount - 1)) != 0) throw new InvalidDataException($"The map of the vector rows names an entry past the {entries} that there are.");
        if (count != rows) throw new InvalidDataException($"The map of the vector rows has {count} entries, and there are {rows} rows.");
    }

    /// <summary>Entries of the table.</summary>
    public int Entries { get; }

    /// <summary>How many of them have a row.</summary>
    public int Rows { get; }

    /// <summary>The row of an entry; -1 when it has none, or is none.</summary>
    public int ToRow(int ordinal)
    {
        if ((uint)ordinal >= (uint)Entries) return -1;
        if (_words is null) return ordinal;
        var at = ordinal >> 6;
        var word = _words[at];
        if ((word >> ordinal & 1) == 0) return -1;
        var row = _before[at / BlockWords];
        for (var i = at / BlockWords * BlockWords; i < at; i++) row += BitOperations.PopCount(_words[i]);
        return row + BitOperations.PopCount(word & ((1UL << ordinal) - 1));
    }

    /// <summary>The entry that a row belongs to.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such row.</exception>
    public int ToOrdinal(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Rows);
        if (_words is null) return row;
        // The last block with no more rows before it: those without a row have the same sum as the one behind them.
        var (block, past) = (0, _before.Length);
        while (past - block > 1)
        {
            var middle = block + (past - block) / 2;
            if (_before[middle] <= row) block = middle;
            else past = middle;
        }

        var left = row - _before[block];
        for (var at = block * BlockWords; at < _wordCount; at++)
        {
            var count = BitOperations.PopCount(_words[at]);
            if (left < count) return (at << 6) + Select(_words[at], left);
            left -= count;
        }

        throw new InvalidDataException($"The map of the vector rows changed while it was used: row {row} is gone.");
    }

    /// <summary>The rows of entries that are allowed and not dead; null when those are all.</summary>
    /// <param name="allowed">Entries that may be found; null for all.</param>
    /// <param name="dead">Entries that may not; null for none.</param>
    public OrdinalSet? Restrict(OrdinalSet? allowed, OrdinalSet? dead)
    {
        if (allowed is null && (dead is null || dead.Count == 0)) return null;
        var words = new ulong[(Rows + 63L) / 64];
        var row = 0;
        for (var i = 0; i < _wordCount; i++)
        {
            var passing = (allowed is null ? ulong.MaxValue : At(allowed, i)) & ~(dead is null ? 0 : At(dead, i));
            if (_words is null)
            {
                words[i] = passing & WordOf(i);
                continue;
            }

            var has = _words[i];
            var (bits, count, shift) = (Compress(passing, has), BitOperations.PopCount(has), row & 63);
            if (bits != 0)
            {
                words[row >> 6] |= bits << shift;
                if (shift + count > 64) words[(row >> 6) + 1] |= bits >> (64 - shift);
            }

            row += count;
        }

        var set = new OrdinalSet(Rows, words);
        return set.Count == Rows ? null : set;
    }

    // The bits of entries that there are.
    private ulong WordOf(int index) => index < _wordCount - 1 || (Entries & 63) == 0 ? ulong.MaxValue : (1UL << Entries) - 1;

    private static ulong At(OrdinalSet set, int index) => index < set.Words.Length ? set.Words[index] : 0;

    /// <summary>The bits of a word at the places of a mask, side by side.</summary>
    private static ulong Compress(ulong word, ulong mask)
    {
        if (Bmi2.X64.IsSupported) return Bmi2.X64.ParallelBitExtract(word, mask);
        var packed = 0UL;
        for (var bit = 1UL; mask != 0; mask &= mask - 1, bit <<= 1)
            if ((word & mask & (0 - mask)) != 0) packed |= bit;
        return packed;
    }

    /// <summary>The place of the n-th bit that is set.</summary>
    private static int Select(ulong word, int n)
    {
        for (; n > 0; n--) word &= word - 1;
        return BitOperations.TrailingZeroCount(word);
    }
}
