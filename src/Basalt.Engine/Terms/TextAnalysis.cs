namespace Basalt.Engine.Terms;

/// <summary>
/// How text becomes terms, of records and of queries alike. The text is folded: compatibility decomposition (NFKD), full case folding, accents and other dropped marks, decimal digits of all
/// scripts as those of ASCII, and a few letters that have no decomposition (ø, ł, đ, æ, ...). What remains is cut into words after UAX #29:
/// <list type="bullet">
/// <item>Letters, digits and the marks that belong to them are a word.</item>
/// <item>An apostrophe between letters is part of it, and a point, comma or apostrophe between digits. All else separates, the underscore too.</item>
/// <item>Characters of Han, kana, Thai, Lao, Burmese and Khmer, and pictographs, are words by themselves, with their marks. A query for several of them in a row is a phrase.</item>
/// <item>Hangul is decomposed into its letters, so a typo or a prefix counts letters, not syllables.</item>
/// <item>Soft hyphens, joiners and other format characters are passed over.</item>
/// </list>
/// A term is the UTF-8 of a word, of which what exceeds <see cref="MostTermBytes"/> is cut off; that of a query is cut the same. There is no stemming.
/// </summary>
internal static class TextAnalysis
{
    /// <summary>The version of these rules, which an index is bound to.</summary>
    public const ushort Version = 1;

    /// <summary>The longest term, in bytes of UTF-8. Characters are never split.</summary>
    public const int MostTermBytes = 128;

    /// <summary>How many positions lie between two texts of one entry, so that no phrase spans them.</summary>
    public const int PositionGap = 100;

    /// <summary>No character becomes more characters than this, so none becomes more terms.</summary>
    public const int MostTermsPerCharacter = 18;
}
