namespace Basalt.Engine.Terms;

/// <summary>A part of a text.</summary>
internal readonly record struct TextSpan(int Start, int Length);

/// <summary>Which words of a text a query is matched by: the text is analysed anew, so no offsets are stored. What a limit on terms cut off is shown all the same.</summary>
internal static class TextHighlight
{
    /// <summary>The words that match, in the order of the text; of a phrase its words one by one, where they follow each other.</summary>
    public static IReadOnlyList<TextSpan> Of(TextQuery query, ReadOnlySpan<char> text)
    {
        var clauses = query.Clauses.Where(static clause => clause.Demand != TextDemand.Excluded).ToList();
        var places = clauses.ConvertAll(static clause => clause.Words.Select(static word => new WordPlaces(word)).ToArray());
        var spans = new List<TextSpan>();
        Span<byte> room = stackalloc byte[TextAnalysis.MostTermBytes];
        var tokens = new TextTokens(text, room);
        while (tokens.MoveNext())
        {
            spans.Add(new TextSpan(tokens.Start, tokens.End - tokens.Start));
            foreach (var words in places)
            foreach (var word in words)
                word.Look(tokens.Term, tokens.Position);
        }

        var isMarked = new bool[spans.Count];
        foreach (var words in places)
        foreach (var start in words[0].Positions)
        {
            if (!Array.TrueForAll(words, word => word.IsAt(start))) continue;
            foreach (var word in words) isMarked[start + word.Offset] = true;
        }

        return [.. spans.Where((_, i) => isMarked[i])];
    }

    /// <summary>Where a word of the query is in the text.</summary>
    private sealed class WordPlaces(TextWord word)
    {
        private readonly EditBand? _band = word.Edits > 0 ? new EditBand(word.Term, word.Edits) : null;

        public List<int> Positions { get; } = [];

        public int Offset => word.Offset;

        public void Look(ReadOnlySpan<byte> term, int position)
        {
            var isMeant = word.IsPrefix ? term.StartsWith(word.Term) : _band is null ? term.SequenceEqual(word.Term) : _band.DistanceTo(term) <= word.Edits;
            if (isMeant) Positions.Add(position);
        }

        public bool IsAt(int start) => Positions.BinarySearch(start + word.Offset) >= 0;
    }
}
