namespace Basalt.Cli.Arguments;

/// <summary>Splits <c>a,b.c,"x,y"</c> at the commas outside of quotes.</summary>
internal static class PathList
{
    public static IEnumerable<string> Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var start = 0;
        var isQuoted = false;
        for (var i = 0; i < text.Length; i++)
        {
            // A quote doubled inside of quotes leaves and enters again.
            if (text[i] == '"') isQuoted = !isQuoted;
            if (text[i] != ',' || isQuoted) continue;
            yield return text[start..i].Trim();
            start = i + 1;
        }

        yield return text[start..].Trim();
    }
}
