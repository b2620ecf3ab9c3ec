using Basalt.Filters;

namespace Basalt.Engine.Terms;

/// <summary>Reads the language of <see cref="TextQuery"/>.</summary>
internal sealed class TextQueryParser(string text, TextQueryOptions options)
{
    private const int FewLetters = 3;
    private const int SomeLetters = 7;

    private readonly List<TextClause> _clauses = [];
    private int _at;
    private int _words;

    public TextQuery Parse()
    {
        while (true)
        {
            while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
            if (_at == text.Length) break;
            ReadClause();
        }

        if (_clauses.Count > 0 && _clauses.TrueForAll(static clause => clause.Demand == TextDemand.Excluded)) throw Error(0, "everything is excluded: say what to find as well");
        return new TextQuery(_clauses);
    }

    private void ReadClause()
    {
        var start = _at;
        var demand = text[_at] switch { '+' => TextDemand.Required, '-' => TextDemand.Excluded, _ => TextDemand.Counts };
        if (demand != TextDemand.Counts) _at++;
        // A dash between spaces is punctuation.
        if (_at == text.Length || char.IsWhiteSpace(text[_at])) return;
        if (text[_at] == '"') ReadPhrase(demand, start);
        else ReadWord(demand, start);
    }

    private void ReadPhrase(TextDemand demand, int start)
    {
        var (from, to) = (_at + 1, text.IndexOf('"', _at + 1));
        if (to < 0) throw Error(_at, "the phrase that starts here has no closing quote (\")");
        _at = to + 1;
        var isPrefix = to > from && text[to - 1] == '*';
        Add(demand, start, from, isPrefix ? to - 1 : to, isPrefix, edits: 0);
    }

    private void ReadWord(TextDemand demand, int start)
    {
        var from = _at;
        while (_at < text.Length && !char.IsWhiteSpace(text[_at]) && text[_at] != '"') _at++;
        var to = _at;
        var tilde = text.LastIndexOf('~', to - 1, to - from);
        if (tilde > from && text.AsSpan(tilde + 1, to - tilde - 1).IndexOfAnyExceptInRange('0', '9') < 0)
        {
            Add(demand, start, from, tilde, isPrefix: false, EditsAt(tilde + 1, to));
            return;
        }

        var isPrefix = text[to - 1] == '*';
        Add(demand, start, from, isPrefix ? to - 1 : to, isPrefix, edits: null);
    }

    private int EditsAt(int from, int to) => text[from..to] switch
    {
        "" or "1" => 1,
        "0" => 0,
        "2" => 2,
        _ => throw Error(from, $"at most {TextQuery.MostEdits} typos can be forgiven"),
    };

    private void Add(TextDemand demand, int start, int from, int to, bool isPrefix, int? edits)
    {
        var source = text.AsSpan(from, to - from);
        var star = source.IndexOf('*');
        if (star >= 0) throw Error(from + star, "a star can only end a word or a phrase");
        Span<byte> room = stackalloc byte[TextAnalysis.MostTermBytes];
        var tokens = new TextTokens(source, room);
        var words = new List<TextWord>();
        while (tokens.MoveNext())
        {
            if (++_words > TextQuery.MostWords) throw Error(from + tokens.Start, $"a query can have {TextQuery.MostWords} words, and here is one more");
            words.Add(new TextWord(tokens.Term.ToArray(), tokens.Position, IsPrefix: false, edits ?? 0));
        }

        if (words.Count == 0)
        {
            if (isPrefix) throw Error(to, "a star needs a letter or digit before it");
            if (demand == TextDemand.Required) throw Error(start, "there is no word to require here");
            return;
        }

        if (isPrefix) words[^1] = words[^1] with { IsPrefix = true };
        else if (edits is null && words.Count == 1 ) words[0] = words[0] with { Edits = Math.Min(options.MostTypos, Forgiven(words[0].Term)) };
        _clauses.Add(new TextClause(demand, words, text[start.._at]));
    }

    // Ids and numbers are meant as they are: one digit off is another.
    private static int Forgiven(byte[] term)
    {
        if (term.AsSpan().IndexOfAnyInRange((byte)'0', (byte)'9') >= 0) return 0;
        var length = System.Text.Encoding.UTF8.GetCharCount(term);
        return length <= FewLetters ? 0 : length <= SomeLetters ? 1 : TextQuery.MostEdits;
    }

    private BasaltException Error(int at, string problem) => new FilterLexer(text).Error(at, problem);
}
