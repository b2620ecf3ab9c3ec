using System.Text;

namespace Basalt.Engine.Terms;

/// <summary>The terms of a dictionary that are meant by a word of a query, in their order: the cursor stands at each, and its number of typos is given out.</summary>
internal static class TermMatches
{
    public static IEnumerable<int> Of(TextWord word, TermCursor cursor) =>
        word.IsPrefix ? Prefixed(word.Term, cursor) : word.Edits > 0 ? Similar(word, cursor) : Exact(word.Term, cursor);

    private static IEnumerable<int> Exact(byte[] term, TermCursor cursor)
    {
        if (cursor.Find(term)) yield return 0;
    }

    private static IEnumerable<int> Prefixed(byte[] prefix, TermCursor cursor)
    {
        for (var found = cursor.Seek(prefix); found && cursor.Term.StartsWith(prefix); found = cursor.Next()) yield return 0;
    }

    // The dictionary is walked like a tree: what terms share with the one before is not compared again, and what begins with something that is too far is passed over.
    private static IEnumerable<int> Similar(TextWord word, TermCursor cursor)
    {
        var band = new EditBand(word.Term, word.Edits);
        // How many characters end at each byte of the term.
        var depths = new int[TextAnalysis.MostTermBytes + 1];
        var found = cursor.Next(out var shared);
        while (found)
        {
            var compared = Compare(cursor.Term, shared, band, depths, out var isNear);
            if (!isNear)
            {
                found = cursor.Leave(compared, out shared);
                continue;
            }

            var edits = band.DistanceAt(depths[compared]);
            if (edits <= word.Edits) yield return edits;
            found = cursor.Next(out shared);
        }
    }

    // How many bytes were compared: all of them, or up to the character that is too far.
    private static int Compare(ReadOnlySpan<byte> term, int from, EditBand band, int[] depths, out bool isNear)
    {
        while (from > 0 && (from >= term.Length || (term[from] & 0xC0) == 0x80)) from--;
        while (from < term.Length)
        {
            Rune.DecodeFromUtf8(term[from..], out var rune, out var taken);
            var depth = depths[from];
            isNear = band.Add(depth, rune.Value);
            from += taken;
            depths[from] = depth + 1;
            if (!isNear) return from;
        }

        isNear = true;
        return from;
    }
}
