using System.Globalization;
using System.Text;

namespace Basalt.Cli.Output;

/// <summary>Text from data as a terminal may show it: nothing in it moves the cursor, changes colours or turns the reading direction.</summary>
internal static class Visible
{
    public static string Line(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var first = 0;
        while (first < text.Length && !IsHostile(text[first])) first++;
        if (first == text.Length) return text;
        var line = new StringBuilder(text, 0, first, text.Length + 8);
        foreach (var c in text.AsSpan(first))
        {
            switch (c)
            {
                case '\n': line.Append("\\n"); break;
                case '\r': line.Append("\\r"); break;
                case '\t': line.Append("\\t"); break;
                default:
                    if (IsHostile(c)) line.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
                    else line.Append(c);
                    break;
            }
        }

        return line.ToString();
    }

    // Controls, line and paragraph separators, and the marks that override the direction of text.
    private static bool IsHostile(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069');
}
