using System.Text;

namespace Basalt.Tests.Cli;

/// <summary>Splits a command line as a shell does: single quotes are literal, double quotes take backslash escapes, a redirection ends it.</summary>
internal static class ShellWords
{
    public static string[] Split(string line)
    {
        var words = new List<string>();
        StringBuilder? word = null;
        for (var i = 0; i < line.Length; i++)
        {
            var c = line[i];
            if (c == ' ')
            {
                if (word is not null) words.Add(word.ToString());
                word = null;
            }
            else if (c == '<' && word is null)
            {
                break;
            }
            else if (c is '\'' or '"')
            {
                word ??= new StringBuilder();
                for (i++; line[i] != c; i++)
                {
                    if (c == '"' && line[i] == '\\') i++;
                    word.Append(line[i]);
                }
            }
            else
            {
                (word ??= new StringBuilder()).Append(c);
            }
        }

        if (word is not null) words.Add(word.ToString());
        return [.. words];
    }
}
