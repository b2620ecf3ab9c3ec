namespace Basalt.Engine.Terms;

/// <summary>A term that a word of a query may mean.</summary>
/// <param name="Term">The term.</param>
/// <param name="Edits">How many typos it is away.</param>
/// <param name="Documents">How many entries of all sections have it.</param>
/// <param name="Places">Its postings, by section; null where it is not.</param>
internal sealed record MeantTerm(byte[] Term, int Edits, long Documents, TermPlace?[] Places);

/// <summary>
/// What a word of a query means in the dictionaries of all sections together: the best so many terms, the very word first, then by typos, then by the number of entries that have it, most first, then in their own order. So the
/// choice does not depend on which section an entry is in.
/// </summary>
internal static class TermExpansion
{
    /// <summary>The terms that a word means.</summary>
    /// <param name="word">The word.</param>
    /// <param name="sections">Where it is looked for.</param>
    /// <param name="most">How many terms at most.</param>
    /// <param name="isCut">Whether there were more.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static List<MeantTerm> Of(TextWord word, IReadOnlyList<TextSection> sections, int most, out bool isCut, CancellationToken cancellationToken)
    {
        var cursors = new TermCursor[sections.Count];
        var matches = new IEnumerator<int>?[sections.Count];
        for (var i = 0; i < cursors.Length; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            cursors[i] = new TermCursor(sections[i]);
            var found = TermMatches.Of(word, cursors[i]).GetEnumerator();
            matches[i] = found.MoveNext() ? found : null;
        }

        var meant = new List<MeantTerm>();
        isCut = false;
        MeantTerm? worst = null;
        for (var seen = 0; First(cursors, matches) is var first and >= 0; seen++)
        {
            if (seen % 1024 == 0) cancellationToken.ThrowIfCancellationRequested();
            if (Take(first, cursors, matches, word.Term, worst) is not { } next) continue;
            meant.Add(next);
            if (meant.Count < most * 2 + 64) continue;
            Cut(meant, word.Term, most);
            isCut = true;
            worst = meant[^1];
        }

        isCut |= meant.Count > most;
        Cut(meant, word.Term, most);
        return meant;
    }

    // The section whose next term is the lowest; -1 when there is none.
    private static int First(TermCursor[] cursors, IEnumerator<int>?[] matches)
    {
        var first = -1;
        for (var i = 0; i < cursors.Length; i++)
            if (matches[i] is not null && (first < 0 || cursors[i].Term.SequenceCompareTo(cursors[first].Term) < 0)) first = i;
        return first;
    }

    // The term that comes first in the order of bytes. Null when so many are better that it has no chance, of which most are where a short prefix is looked for.
    private static MeantTerm? Take(int first, TermCursor[] cursors, IEnumerator<int>?[] matches, byte[] word, MeantTerm? worst)
    {
        Span<byte> term = stackalloc byte[TextAnalysis.MostTermBytes];
        cursors[first].Term.CopyTo(term);
        term = term[..cursors[first].Term.Length];
        var (edits, documents) = (matches[first]!.Current, 0L);
        for (var i = first; i < cursors.Length; i++)
            if (matches[i] is not null && cursors[i].Term.SequenceEqual(term)) documents += cursors[i].Place.Documents;
        var isHopeless = worst is not null && (edits > worst.Edits || edits == worst.Edits && documents <= worst.Documents) && !term.SequenceEqual(word);
        var places = isHopeless ? null : new TermPlace?[cursors.Length];
        for (var i = first; i < cursors.Length; i++)
        {
            if (matches[i] is not { } found || !cursors[i].Term.SequenceEqual(term)) continue;
            if (places is not null) places[i] = cursors[i].Place;
            if (!found.MoveNext()) matches[i] = null;
        }

        return places is null ? null : new MeantTerm(term.ToArray(), edits, documents, places);
    }

    private static void Cut(List<MeantTerm> meant, byte[] word, int most)
    {
        meant.Sort((a, b) =>
        {
            var order = b.Term.AsSpan().SequenceEqual(word).CompareTo(a.Term.AsSpan().SequenceEqual(word));
            if (order == 0) order = a.Edits.CompareTo(b.Edits);
            if (order == 0) order = b.Documents.CompareTo(a.Documents);
            return order != 0 ? order : a.Term.AsSpan().SequenceCompareTo(b.Term);
        });
        if (meant.Count > most) meant.RemoveRange(most, meant.Count - most);
    }
}
