namespace Basalt.Engine.Terms;

/// <summary>What a part of a query asks of an entry.</summary>
internal enum TextDemand
{
    /// <summary>It counts, if it is there; something that counts must be there when nothing is required.</summary>
    Counts,

    /// <summary>It must be there.</summary>
    Required,

    /// <summary>It must not be there.</summary>
    Excluded,
}

/// <summary>One word of a query.</summary>
/// <param name="Term">The word as it is in the index.</param>
/// <param name="Offset">How far behind the first word of its phrase it must be.</param>
/// <param name="IsPrefix">Whether any word that begins so will do.</param>
/// <param name="Edits">How many typos are forgiven.</param>
internal sealed record TextWord(byte[] Term, int Offset, bool IsPrefix, int Edits);

/// <summary>A word, or several in a row, which is a phrase.</summary>
/// <param name="Demand">What is asked.</param>
/// <param name="Words">At least one.</param>
/// <param name="Shown">As it was written.</param>
internal sealed record TextClause(TextDemand Demand, IReadOnlyList<TextWord> Words, string Shown);

/// <summary>How query text is understood.</summary>
internal sealed record TextQueryOptions
{
    /// <summary>How many typos are forgiven in words without a sign of their own, 0 to 2: at most 1 in words of 4 to 7 characters, none in shorter ones, in words with a digit, and in phrases. Default: none.</summary>
    public int MostTypos { get; init; }
}

/// <summary>
/// What a user looks for: words, of which any will do; <c>+word</c> is required, <c>-word</c> excluded, <c>"some words"</c> must follow each other, <c>wor*</c> is any word that begins so (also
/// the last of a phrase: <c>"new yo*"</c>), and <c>word~</c> or <c>word~2</c> forgives one or two typos (<c>word~0</c> none). Signs bind to words and phrases alike. Other punctuation only separates; what is several words
/// without a space (wi-fi) is a phrase. Immutable.
/// </summary>
internal sealed class TextQuery
{
    /// <summary>More words are refused.</summary>
    public const int MostWords = 256;

    /// <summary>More typos than this are refused.</summary>
    public const int MostEdits = 2;

    internal TextQuery(IReadOnlyList<TextClause> clauses) => Clauses = clauses;

    /// <summary>Its parts, in the order in which they were written.</summary>
    public IReadOnlyList<TextClause> Clauses { get; }

    /// <summary>Whether there is no word in it, so nothing matches.</summary>
    public bool IsEmpty => Clauses.Count == 0;

    /// <summary>Understands query text.</summary>
    /// <exception cref="BasaltException">It cannot be: InvalidQuery, with the column.</exception>
    public static TextQuery Parse(string text, TextQueryOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new TextQueryParser(text, options ?? new TextQueryOptions()).Parse();
    }
}
