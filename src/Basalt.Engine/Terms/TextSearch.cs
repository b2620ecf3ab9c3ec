using System.Numerics;
using System.Text;
using Basalt.Vectors;

namespace Basalt.Engine.Terms;

/// <summary>
/// One query over several sections at once, with the statistics of all of them but for entries that are dead, so that a score does not depend on which section an entry is in, nor on what was there before. What is
/// not in a table yet takes part as a section of its own: <see cref="TextSection.Of"/>. Only which terms a word means, where these are more than are looked for, is chosen by entries dead and alive.
/// A word weighs by the rarity of the most frequent term that it means, so a rare misspelling does not outweigh the word; a term that is e typos away has 1 / (1 + e) of the weight, and an entry's
/// score for a word is that of its best term. A phrase weighs as its words do together. An entry's score is the sum over the parts of the query. One thread.
/// </summary>
internal sealed class TextSearch
{
    private const int MostTermsLimit = 1_024;

    private readonly TextQuery _query;
    private readonly IReadOnlyList<TextSection> _sections;
    private readonly List<MeantTerm>[][] _meant;
    private readonly List<string> _cut = [];
    private readonly ScoreWindow _total = new();
    private readonly ScoreWindow _part = new();
    private readonly long _documents;
    private readonly double _averageLength;

    /// <summary>Looks up what the words of a query mean.</summary>
    /// <param name="query">The query.</param>
    /// <param name="sections">Where.</param>
    /// <param name="options">How.</param>
    /// <param name="dead">Entries that do not count, by section; null, or null for one, for none. They are left out of the statistics; of the answer they are left out by who allows entries.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="InvalidDataException">A section is damaged.</exception>
    public TextSearch(TextQuery query, IReadOnlyList<TextSection> sections, TextSearchOptions? options = null, IReadOnlyList<OrdinalSet?>? dead = null, CancellationToken cancellationToken = default)
    {
        var most = (options ?? new TextSearchOptions()).MostTermsPerWord;
        if (most is < 1 or > MostTermsLimit) throw new ArgumentException($"{nameof(TextSearchOptions.MostTermsPerWord)} is {most}, and must be 1 to {MostTermsLimit}.", nameof(options));
        (_query, _sections) = (query, sections);
        var length = 0.0;
        for (var i = 0; i < sections.Count; i++)
        {
            var (documents, terms) = Living(sections[i], dead?[i]);
            (_documents, length) = (_documents + documents, length + terms);
        }

        _averageLength = _documents > 0 ? length / _documents : 0;
        _meant = new List<MeantTerm>[query.Clauses.Count][];
        for (var i = 0; i < _meant.Length; i++)
        {
            var words = query.Clauses[i].Words;
            _meant[i] = new List<MeantTerm>[words.Count];
            for (var j = 0; j < words.Count; j++)
            {
                _meant[i][j] = TermExpansion.Of(words[j], sections, most, out var isCut, cancellationToken);
                if (dead is not null) CountLiving(_meant[i][j], dead);
                if (isCut) _cut.Add(Encoding.UTF8.GetString(words[j].Term));
            }
        }
    }

    /// <summary>The words that mean more terms than were looked for, so that there may be more matches.</summary>
    public IReadOnlyList<string> Cut => _cut;

    /// <summary>The best k entries, and how many match at all.</summary>
    /// <param name="k">How many at most.</param>
    /// <param name="allowed">The entries that may be found, by section; null, or null for one, allows all of it.</param>
    /// <param name="order">Which of two with one score comes first; it follows ordinals within a section. Null: by section, then by ordinal.</param>
    /// <param name="cancellationToken">Ends the search between stretches of 4,096 entries.</param>
    public TextAnswer Top(int k, IReadOnlyList<OrdinalSet?>? allowed = null, Comparison<TextHit>? order = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        order ??= static (a, b) => a.Section != b.Section ? a.Section.CompareTo(b.Section) : a.Ordinal.CompareTo(b.Ordinal);
        // The worst on top.
        var best = new PriorityQueue<TextHit, TextHit>(Comparer<TextHit>.Create((a, b) => a.Score != b.Score ? a.Score.CompareTo(b.Score) : order(b, a)));
        var matches = 0L;
        for (var i = 0; i < _sections.Count; i++)
        {
            foreach (var (from, window) in Windows(i, allowed?[i], cancellationToken))
            {
                matches += window.Count();
                for (var word = 0; word < window.Bits.Length; word++)
                for (var bits = window.Bits[word]; bits != 0; bits &= bits - 1)
                {
                    var at = word * 64 + BitOperations.TrailingZeroCount(bits);
                    var score = window.Scores[at];
                    if (best.Count == k && (k == 0 || score < best.Peek().Score)) continue;
                    var hit = new TextHit(i, from + at, score);
                    if (best.Count < k) best.Enqueue(hit, hit);
                    // Of one section, who comes later loses a tie.
                    else if (score > best.Peek().Score || (best.Peek().Section != i && order(hit, best.Peek()) < 0)) best.DequeueEnqueue(hit, hit);
                }
            }
        }

        var hits = new TextHit[best.Count];
        for (var i = hits.Length - 1; i >= 0; i--) hits[i] = best.Dequeue();
        return new TextAnswer(hits, matches);
    }

    /// <summary>Adds every entry of a section that matches to a set.</summary>
    /// <param name="section">The place of the section.</param>
    /// <param name="found">Where they go: a set that can hold all entries of the section.</param>
    /// <param name="allowed">The entries that may be found; null: all.</param>
    /// <param name="cancellationToken">Ends the search between stretches of 4,096 entries.</param>
    public void Match(int section, OrdinalSet found, OrdinalSet? allowed = null, CancellationToken cancellationToken = default)
    {
        foreach (var (from, window) in Windows(section, allowed, cancellationToken))
            for (var word = 0; word < window.Bits.Length; word++)
            for (var bits = window.Bits[word]; bits != 0; bits &= bits - 1)
                found.Add(from + word * 64 + BitOperations.TrailingZeroCount(bits));
    }

    /// <summary>The terms of the index that an entry was found by, in the order of the query; of a phrase all of its words. The entry is looked up once more, as noting them on the way would cost every match.</summary>
    public IReadOnlyList<string> TermsOf(TextHit hit)
    {
        var terms = new List<string>();
        for (var i = 0; i < _meant.Length; i++)
        {
            if (_query.Clauses[i].Demand == TextDemand.Excluded || CursorOf(i, hit.Section) is not { } cursor) continue;
            Array.Clear(_part.Bits);
            cursor.Advance(hit.Ordinal);
            cursor.Collect(hit.Ordinal, hit.Ordinal + 1, _part);
            if ((_part.Bits[0] & 1) == 0) continue;
            foreach (var meant in _meant[i].SelectMany(static word => word))
                if (meant.Places[hit.Section] is { } place && new PostingsCursor(_sections[hit.Section], place).Advance(hit.Ordinal) == hit.Ordinal) terms.Add(Encoding.UTF8.GetString(meant.Term));
        }

        return terms;
    }

    private static (long Documents, long Terms) Living(TextSection section, OrdinalSet? dead)
    {
        var (documents, terms) = ((long)section.Documents, section.TotalLength);
        for (var ordinal = dead?.Next(0) ?? -1; ordinal >= 0; ordinal = dead!.Next(ordinal + 1))
            if (section.LengthOf(ordinal) is > 0 and var length) (documents, terms) = (documents - 1, terms - length);
        return (documents, terms);
    }

    /// <summary>Takes those that are dead off the entries that have a term.</summary>
    private void CountLiving(List<MeantTerm> meant, IReadOnlyList<OrdinalSet?> dead)
    {
        for (var i = 0; i < meant.Count; i++)
        {
            var gone = 0L;
            for (var section = 0; section < dead.Count; section++)
            {
                if (dead[section] is not { } set || meant[i].Places[section] is not { } place) continue;
                for (var cursor = new PostingsCursor(_sections[section], place); cursor.Ordinal != PostingsCursor.End; cursor.Next())
                    if (set.Accepts(cursor.Ordinal)) gone++;
            }

            meant[i] = meant[i] with { Documents = meant[i].Documents - gone };
        }
    }

    // Stretches of the section with their matches and scores. What cannot match is passed over.
    private IEnumerable<(int From, ScoreWindow Matches)> Windows(int section, OrdinalSet? allowed, CancellationToken cancellationToken)
    {
        var clauses = new List<(TextDemand Demand, ClauseCursor Cursor)>();
        for (var i = 0; i < _meant.Length; i++)
        {
            var cursor = CursorOf(i, section);
            if (cursor is not null) clauses.Add((_query.Clauses[i].Demand, cursor));
            else if (_query.Clauses[i].Demand == TextDemand.Required) yield break;
        }

        var isRequired = clauses.Exists(static clause => clause.Demand == TextDemand.Required);
        for (var from = 0; ;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            from = NextOf(clauses, isRequired, from);
            if (allowed is not null && from != PostingsCursor.End) from = allowed.Next(from);
            if (from < 0 || from >= _sections[section].Entries) yield break;
            var to = (int)Math.Min((long)from + ScoreWindow.Size, _sections[section].Entries);
            Fill(clauses, isRequired, from, to, _total, _part);
            if (allowed is not null) Keep(allowed, from, _total);
            yield return (from, _total);
            from = to;
        }
    }

    private static int NextOf(List<(TextDemand Demand, ClauseCursor Cursor)> clauses, bool isRequired, int from)
    {
        var next = isRequired ? from : PostingsCursor.End;
        foreach (var (demand, cursor) in clauses)
        {
            if (demand != (isRequired ? TextDemand.Required : TextDemand.Counts)) continue;
            cursor.Advance(from);
            next = isRequired ? Math.Max(next, cursor.Ordinal) : Math.Min(next, cursor.Ordinal);
        }

        return next;
    }

    private static void Fill(List<(TextDemand Demand, ClauseCursor Cursor)> clauses, bool isRequired, int from, int to, ScoreWindow total, ScoreWindow part)
    {
        if (clauses is [(_, var only)])
        {
            Array.Clear(total.Bits);
            only.Advance(from);
            only.Collect(from, to, total);
            return;
        }

        Array.Clear(total.Scores);
        Array.Fill(total.Bits, isRequired ? ulong.MaxValue : 0);
        Span<ulong> excluded = stackalloc ulong[total.Bits.Length];
        excluded.Clear();
        foreach (var (demand, cursor) in clauses)
        {
            Array.Clear(part.Bits);
            cursor.Advance(from);
            cursor.Collect(from, to, part);
            for (var word = 0; word < part.Bits.Length; word++)
            {
                if (demand == TextDemand.Excluded)
                {
                    excluded[word] |= part.Bits[word];
                    continue;
                }

                for (var bits = part.Bits[word]; bits != 0; bits &= bits - 1)
                {
                    var at = word * 64 + BitOperations.TrailingZeroCount(bits);
                    total.Scores[at] += part.Scores[at];
                }

                if (demand == TextDemand.Required) total.Bits[word] &= part.Bits[word];
                else if (!isRequired) total.Bits[word] |= part.Bits[word];
            }
        }

        for (var word = 0; word < excluded.Length; word++) total.Bits[word] &= ~excluded[word];
    }

    private static void Keep(OrdinalSet allowed, int from, ScoreWindow window)
    {
        for (var word = 0; word < window.Bits.Length; word++)
        for (var bits = window.Bits[word]; bits != 0; bits &= bits - 1)
            if (!allowed.Accepts(from + word * 64 + BitOperations.TrailingZeroCount(bits))) window.Bits[word] &= ~(bits & (~bits + 1));
    }

    private ClauseCursor? CursorOf(int clause, int section)
    {
        var words = _meant[clause];
        var postings = words.Select(word => word.Where(meant => meant.Places[section] is not null).Select(meant => new PostingsCursor(_sections[section], meant.Places[section]!.Value)).ToArray()).ToArray();
        if (postings.Any(static word => word.Length == 0)) return null;
        var norm = new LengthNorm(_sections[section], _averageLength);
        var weight = words.Sum(word => LengthNorm.Rarity(word.Max(static meant => meant.Documents), _documents));
        if (words.Length > 1) return new PhraseCursor(postings, [.. _query.Clauses[clause].Words.Select(static word => word.Offset)], weight, norm);
        return new WordCursor(postings[0], [.. words[0].Where(meant => meant.Places[section] is not null).Select(meant => weight / (1 + meant.Edits))], norm);
    }
}
