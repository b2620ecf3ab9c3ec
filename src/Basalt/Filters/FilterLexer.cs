using System.Text;

namespace Basalt.Filters;

internal enum TokenKind
{
    End,
    Word,
    QuotedName,
    Text,
    Number,
    Time,
    Symbol,
}

/// <summary>A token: its kind, its meaning (quotes removed), and where it starts and ends in the source.</summary>
internal readonly record struct Token(TokenKind Kind, string Value, int Start, int End)
{
    public bool Is(string symbol) => Kind == TokenKind.Symbol && Value == symbol;

    public bool IsWord(string word) => Kind == TokenKind.Word && string.Equals(Value, word, StringComparison.OrdinalIgnoreCase);
}

/// <summary>Cuts filter and expression text into tokens.</summary>
internal sealed class FilterLexer(string text)
{
    private static readonly string[] Symbols =
        ["==", "!=", "<>", "<=", ">=", "||", "=", "<", ">", "(", ")", "[", "]", "{", "}", ",", ".", ":", "+", "-", "*", "/", "%"];

    private int _at;

    public string Source => text;

    public Token Next()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
        if (_at == text.Length) return new Token(TokenKind.End, "", _at, _at);
        var start = _at;
        var c = text[_at];
        if (c == '\'') return Quoted('\'', TokenKind.Text);
        if (c == '"') return Quoted('"', TokenKind.QuotedName);
        if (char.IsAsciiDigit(c)) return StartsTime() ? Time() : NumberToken();
        if (IsWordStart(c))
        {
            while (_at < text.Length && IsWordPart(text[_at])) _at++;
            return new Token(TokenKind.Word, text[start.._at], start, _at);
        }

        foreach (var symbol in Symbols)
        {
            if (string.CompareOrdinal(text, _at, symbol, 0, symbol.Length) != 0) continue;
            _at += symbol.Length;
            return new Token(TokenKind.Symbol, symbol, start, _at);
        }

        throw Error(start, Rune.TryGetRuneAt(text, start, out var rune) ? $"unexpected character '{rune}'" : "half a surrogate pair is not valid Unicode");
    }

    public static bool IsWordStart(char c) => char.IsLetter(c) || c is '_' or '$';

    public static bool IsWordPart(char c) => char.IsLetterOrDigit(c) || c is '_' or '$';

    /// <summary>An error in one line: what, the column, and the text around it with the place marked.</summary>
    public BasaltException Error(int at, string problem)
    {
        const int around = 40;
        int from = Math.Max(0, at - around), to = Math.Min(text.Length, at + around);
        var before = (from > 0 ? "…" : "") + text[from..at];
        var after = text[at..to] + (to < text.Length ? "…" : "");
        var excerpt = $"{before}<here>{after}".ReplaceLineEndings(" ").Replace('\t', ' ');
        return new BasaltException(ErrorCode.InvalidQuery, $"{problem.TrimEnd(':', ',', ';', '.')} at column {at + 1}: {excerpt}");
    }

    private Token Quoted(char quote, TokenKind kind)
    {
        var start = _at++;
        var value = new StringBuilder();
        while (true)
        {
            var end = text.IndexOf(quote, _at);
            if (end < 0) throw Error(start, kind == TokenKind.Text ? "the text that starts here has no closing quote (')" : "the name that starts here has no closing quote (\")");
            value.Append(text, _at, end - _at);
            _at = end + 1;
            if (_at == text.Length || text[_at] != quote) return new Token(kind, value.ToString(), start, _at);
            value.Append(quote);
            _at++;
        }
    }

    // 2024-05-01T…: no number is followed by a hyphen and two digits and a hyphen.
    private bool StartsTime() => text.Length - _at > 10 && text[_at + 4] == '-' && text[_at + 7] == '-' && text[_at + 10] is 'T' or 't' && char.IsAsciiDigit(text[_at + 3]);

    private Token Time()
    {
        var start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '-' or '+' or ':' or '.')) _at++;
        return new Token(TokenKind.Time, text[start.._at], start, _at);
    }

    private Token NumberToken()
    {
        var start = _at;
        SkipDigits();
        if (_at + 1 < text.Length && text[_at] == '.' && char.IsAsciiDigit(text[_at + 1]))
        {
            _at++;
            SkipDigits();
        }

        if (_at < text.Length && text[_at] is 'e' or 'E')
        {
            var exponent = _at + 1;
            if (exponent < text.Length && text[exponent] is '+' or '-') exponent++;
            if (exponent < text.Length && char.IsAsciiDigit(text[exponent]))
            {
                _at = exponent;
                SkipDigits();
            }
        }

        if (_at < text.Length && text[_at] is 'm' or 'M') _at++;
        if (_at < text.Length && IsWordPart(text[_at])) throw Error(start, "a number ends in letters; a name that starts with a digit needs double quotes");
        return new Token(TokenKind.Number, text[start.._at], start, _at);
    }

    private void SkipDigits()
    {
        while (_at < text.Length && char.IsAsciiDigit(text[_at])) _at++;
    }
}
