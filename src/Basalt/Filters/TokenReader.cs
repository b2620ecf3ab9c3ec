using Basalt.Records;

namespace Basalt.Filters;

/// <summary>Walks over the tokens of a text with one token of foresight: what the parsers of filters, literals and expressions share.</summary>
internal sealed class TokenReader
{
    private static readonly Dictionary<string, Comparison> Comparisons = new()
    {
        ["="] = Comparison.Equal,
        ["=="] = Comparison.Equal,
        ["!="] = Comparison.NotEqual,
        ["<>"] = Comparison.NotEqual,
        ["<"] = Comparison.Less,
        ["<="] = Comparison.LessOrEqual,
        [">"] = Comparison.Greater,
        [">="] = Comparison.GreaterOrEqual,
    };

    private readonly FilterLexer _lexer;
    private int _depth;

    public TokenReader(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _lexer = new FilterLexer(text);
        Current = _lexer.Next();
        Next = _lexer.Next();
    }

    public Token Current { get; private set; }

    public Token Next { get; private set; }

    public bool IsAtEnd => Current.Kind == TokenKind.End;

    /// <summary>The current token as it stands in the text, for errors.</summary>
    public string Shown => IsAtEnd ? "the end of the text" : $"'{_lexer.Source[Current.Start..Current.End]}'";

    public Token Advance()
    {
        var taken = Current;
        Current = Next;
        Next = _lexer.Next();
        return taken;
    }

    public bool Take(string symbol)
    {
        if (!Current.Is(symbol)) return false;
        Advance();
        return true;
    }

    public bool TakeWord(string word)
    {
        if (!Current.IsWord(word)) return false;
        Advance();
        return true;
    }

    public bool TakeComparison(out Comparison comparison)
    {
        comparison = default;
        if (Current.Kind != TokenKind.Symbol || !Comparisons.TryGetValue(Current.Value, out comparison)) return false;
        Advance();
        return true;
    }

    public void Expect(string symbol)
    {
        if (!Take(symbol)) throw Error($"expected '{symbol}', found {Shown}");
    }

    /// <summary>Items between two symbols, separated by commas.</summary>
    public List<T> Items<T>(string open, string close, Func<T> item)
    {
        Expect(open);
        var items = new List<T>();
        if (Take(close)) return items;
        do items.Add(item());
        while (Take(","));
        Expect(close);
        return items;
    }

    /// <summary>Parses one level deeper; too deep a text is refused rather than left to exhaust the stack.</summary>
    public T Nested<T>(Func<T> parse)
    {
        if (++_depth > FilterText.MaxDepth) throw Error($"more than {FilterText.MaxDepth} levels of nesting");
        try
        {
            return parse();
        }
        finally
        {
            _depth--;
        }
    }

    /// <summary>The current token's text, which must be Unicode.</summary>
    public string TakeWellFormed()
    {
        if (Text.FirstUnpairedSurrogate(Current.Value) >= 0) throw Error("half a surrogate pair is not valid Unicode");
        return Advance().Value;
    }

    public BasaltException Error(string problem) => Error(Current.Start, problem);

    public BasaltException Error(int at, string problem) => _lexer.Error(at, problem);
}
