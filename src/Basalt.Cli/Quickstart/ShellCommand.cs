using System.Buffers;

namespace Basalt.Cli.Quickstart;

/// <summary>Writes a command line so that a POSIX shell reads the same words back.</summary>
internal static class ShellCommand
{
    private static readonly SearchValues<char> Plain = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:=,@%+#");
    private static readonly SearchValues<char> SpecialInDoubleQuotes = SearchValues.Create("$`\"\\!");

    public static string Line(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    public static string Quote(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        if (word.Length > 0 && !word.AsSpan().ContainsAnyExcept(Plain) && word[0] != '#') return word;
        // Filters quote text by single quotes: double quotes around them read best.
        if (word.Contains('\'', StringComparison.Ordinal) && !word.AsSpan().ContainsAny(SpecialInDoubleQuotes)) return $"\"{word}\"";
        return $"'{word.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }
}
