namespace Basalt.Engine.Terms;

/// <summary>An entry that was found; <see cref="TextSearch.TermsOf"/> says by what.</summary>
/// <param name="Section">The place of its section among those that were searched.</param>
/// <param name="Ordinal">The entry in it.</param>
/// <param name="Score">How well it fits: the higher, the better.</param>
internal readonly record struct TextHit(int Section, int Ordinal, double Score);

/// <summary>What a search found.</summary>
/// <param name="Hits">The best, best first; of equals, by section and ordinal.</param>
/// <param name="Matches">How many entries match in all.</param>
internal sealed record TextAnswer(IReadOnlyList<TextHit> Hits, long Matches);

/// <summary>Settings of a search.</summary>
internal sealed record TextSearchOptions
{
    /// <summary>How many terms a prefix or a word with typos can stand for, 1 to 1,024: the very word first, then those with the fewest typos, then those that most entries have. Default 64.</summary>
    public int MostTermsPerWord { get; init; } = 64;
}
