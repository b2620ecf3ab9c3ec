using System.Globalization;

namespace Basalt.Engine.Terms;

/// <summary>What a character is to the analysis of text.</summary>
internal enum CharacterClass : byte
{
    /// <summary>Ends a word.</summary>
    Separator,

    /// <summary>Goes on with a word, or begins one.</summary>
    Letter,

    /// <summary>A letter that a point or comma may join with another.</summary>
    Digit,

    /// <summary>Belongs to the character before it.</summary>
    Mark,

    /// <summary>A word of its own, as in scripts that are written without spaces.</summary>
    Single,

    /// <summary>Neither is a part of a word nor ends one.</summary>
    Ignored,

    /// <summary>Stands for other characters.</summary>
    Folded,
}

/// <summary>
/// The class of every character, and what it becomes without case, accents and compatibility forms. It is a table of its own (Folding.txt), not that of the runtime: an index
/// must mean the same under any, and without globalisation data the runtime knows no decompositions.
/// </summary>
internal static class Folding
{
    private const int HangulFirst = 0xAC00;
    private const int HangulCount = 11_172;
    private const int Vowels = 21;
    private const int Tails = 28;

    private static readonly byte[] Classes = new byte[0x110000];
    private static readonly Dictionary<int, string> Folds = [];
    private static readonly char[] Syllables = Decompose();

    static Folding()
    {
        using var stream = typeof(Folding).Assembly.GetManifestResourceStream("Folding.txt") ?? throw new InvalidOperationException("The assembly has no table of characters.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            if (!line.StartsWith('#')) Read(line);
        Array.Fill(Classes, (byte)CharacterClass.Folded, HangulFirst, HangulCount);
    }

    public static CharacterClass ClassOf(int character) => (CharacterClass)Classes[character];

    /// <summary>What a folded character becomes; none of it is folded again.</summary>
    public static ReadOnlySpan<char> Of(int character)
    {
        var syllable = character - HangulFirst;
        return (uint)syllable < HangulCount ? Syllables.AsSpan(syllable * 3, syllable % Tails == 0 ? 2 : 3) : Folds[character];
    }

    private static void Read(string line)
    {
        var items = line.Split(' ');
        foreach (var item in items.AsSpan(1))
        {
            if (items[0] is "fold" or "shift") Fold(item.Split('>'), items[0] == "shift");
            else Fill(item, Enum.Parse<CharacterClass>(items[0], ignoreCase: true));
        }
    }

    private static void Fold(string[] fromTo, bool shifts)
    {
        var to = string.Concat(fromTo[1].Split('+', StringSplitOptions.RemoveEmptyEntries).Select(static code => char.ConvertFromUtf32(Code(code))));
        foreach (var range in fromTo[0].Split(','))
        {
            var (first, last) = Fill(range, CharacterClass.Folded);
            for (var c = first; c <= last; c++) Folds[c] = shifts ? char.ConvertFromUtf32(Code(fromTo[1]) + c - first) : to;
        }
    }

    private static (int First, int Last) Fill(string range, CharacterClass type)
    {
        var dash = range.IndexOf('-');
        var (first, last) = dash < 0 ? (Code(range), Code(range)) : (Code(range[..dash]), Code(range[(dash + 1)..]));
        Array.Fill(Classes, (byte)type, first, last - first + 1);
        return (first, last);
    }

    private static int Code(string hexadecimal) => int.Parse(hexadecimal, NumberStyles.HexNumber);

    // The arithmetic of the Unicode standard, section 3.12: a syllable is a leading consonant, a vowel, and perhaps a tail.
    private static char[] Decompose()
    {
        var parts = new char[HangulCount * 3];
        for (var i = 0; i < HangulCount; i++)
        {
            parts[i * 3] = (char)(0x1100 + i / (Vowels * Tails));
            parts[i * 3 + 1] = (char)(0x1161 + i / Tails % Vowels);
            parts[i * 3 + 2] = (char)(0x11A7 + i % Tails);
        }

        return parts;
    }
}
