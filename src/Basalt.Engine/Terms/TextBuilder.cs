using Basalt.Lsm.Tables;

namespace Basalt.Engine.Terms;

/// <summary>
/// Builds the full-text section of one table. One thread. In memory until it has finished: about 100 bytes and the term itself per distinct term, 2 to 6 bytes per occurrence (a term that is rare wastes up to
/// 30 more), 4 bytes per entry, and when it finishes 12 bytes more per term and the dictionary. 79 million characters in 200,000 texts, with 296,000 terms, took 101 MB
/// (<c>BASALT_LARGE=1 ./test Basalt.Tests -class Basalt.Tests.Engine.Terms.TextSpeedTests</c>).
/// </summary>
internal sealed class TextBuilder
{
    private readonly TermTable _terms = new();
    private readonly SlicePool _pool = new();
    private int[] _lengths = new int[64];
    private int _ordinal = -1;
    private int _position;

    /// <summary>What it holds, in bytes.</summary>
    public long Bytes => _terms.Bytes + _pool.Bytes + (long)_lengths.Length * sizeof(int);

    /// <summary>Adds a text of an entry. Ordinals do not descend; of one that has several texts, each is added, and no phrase spans two.</summary>
    /// <exception cref="InvalidOperationException">More than the section can hold: about 100 million characters in one entry, 4 GiB of terms, 64 GiB of postings.</exception>
    public void Add(int ordinal, ReadOnlySpan<char> text)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(ordinal, Math.Max(0, _ordinal));
        var first = ordinal == _ordinal ? (long)_position + TextAnalysis.PositionGap : 0;
        if (first + (long)text.Length * TextAnalysis.MostTermsPerCharacter > int.MaxValue) throw new InvalidOperationException($"The texts of entry {ordinal} have more positions than an index can count.");
        _ordinal = ordinal;
        Span<byte> room = stackalloc byte[TextAnalysis.MostTermBytes];
        var tokens = new TextTokens(text, room);
        while (tokens.MoveNext()) Add(ordinal, tokens.Term, (int)first + tokens.Position);
        var count = tokens.Position + 1;
        _position = (int)first + count;
        if (ordinal >= _lengths.Length) Array.Resize(ref _lengths, (int)Math.Min(Array.MaxLength, Math.Max(ordinal + 1L, _lengths.Length * 2L)));
        _lengths[ordinal] += count;
    }

    /// <summary>Writes the section. Nothing can be added afterwards.</summary>
    /// <param name="section">Where it goes.</param>
    /// <param name="entries">How many entries the table has: more than the largest ordinal.</param>
    public void Finish(SectionWriter section, int entries) => Finish(section.Append, entries);

    /// <inheritdoc cref="Finish(SectionWriter, int)"/>
    public void Finish(SectionSink sink, int entries)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(entries, _ordinal);
        using var output = new SectionOutput(sink);
        new TextWriting(_terms, _pool, output).Write(_lengths.AsSpan(0, Math.Min(_ordinal + 1, _lengths.Length)), entries);
    }

    private void Add(int ordinal, ReadOnlySpan<byte> term, int position)
    {
        ref var entry = ref _terms.Find(term);
        if (entry.Ordinal != ordinal)
        {
            // The frequency follows its ordinal as soon as it is known.
            if (entry.Documents++ > 0) _pool.AppendVarint(ref entry.Postings, (uint)entry.Frequency);
            _pool.AppendVarint(ref entry.Postings, (uint)(ordinal - entry.Ordinal));
            (entry.Ordinal, entry.Frequency, entry.Position) = (ordinal, 0, 0);
        }

        _pool.AppendVarint(ref entry.Positions, (uint)(position - entry.Position));
        entry.Position = position;
        entry.Frequency++;
        entry.Occurrences++;
    }
}
