using System.Text;

namespace Basalt.Filters;

/// <summary>A LIKE pattern made ready to match. Matching takes at most |text| × |pattern| steps, and one scan for the common shapes.</summary>
internal sealed class LikePattern
{
    private const int AnyRun = -1;
    private const int AnyOne = -2;
    private readonly int[] _tokens;
    private readonly bool _ignoreCase;
    private readonly string? _literal;
    private readonly bool _openStart;
    private readonly bool _openEnd;

    public LikePattern(string pattern, bool ignoreCase)
    {
        _ignoreCase = ignoreCase;
        _tokens = Tokenize(pattern, ignoreCase);
        var inner = _tokens.AsSpan();
        _openStart = inner.Length > 0 && inner[0] == AnyRun;
        if (_openStart) inner = inner[1..];
        _openEnd = inner.Length > 0 && inner[^1] == AnyRun;
        if (_openEnd) inner = inner[..^1];
        if (!ignoreCase && !inner.ContainsAny(AnyRun, AnyOne)) _literal = ToText(inner);
        if (_tokens is [AnyRun]) _literal = "";
    }

    public bool IsMatch(string text)
    {
        if (_literal is null) return IsMatchByTokens(text);
        return (_openStart, _openEnd) switch
        {
            (false, false) => text == _literal,
            (false, true) => text.StartsWith(_literal, StringComparison.Ordinal),
            (true, false) => text.EndsWith(_literal, StringComparison.Ordinal) || _tokens.Length == 1,
            (true, true) => text.Contains(_literal, StringComparison.Ordinal),
        };
    }

    private bool IsMatchByTokens(string text)
    {
        // Greedy with one point of return: after the last run, everything before it is settled.
        int at = 0, token = 0, runToken = -1, runAt = 0;
        while (at < text.Length)
        {
            Rune.DecodeFromUtf16(text.AsSpan(at), out var rune, out var width);
            var character = _ignoreCase ? Rune.ToUpperInvariant(rune).Value : rune.Value;
            if (token < _tokens.Length && _tokens[token] == AnyRun)
            {
                runToken = token++;
                runAt = at;
            }
            else if (token < _tokens.Length && (_tokens[token] == AnyOne || _tokens[token] == character))
            {
                token++;
                at += width;
            }
            else if (runToken >= 0)
            {
                Rune.DecodeFromUtf16(text.AsSpan(runAt), out _, out var step);
                runAt += step;
                at = runAt;
                token = runToken + 1;
            }
            else
            {
                return false;
            }
        }

        while (token < _tokens.Length && _tokens[token] == AnyRun) token++;
        return token == _tokens.Length;
    }

    private static int[] Tokenize(string pattern, bool ignoreCase)
    {
        var tokens = new List<int>(pattern.Length);
        var escaped = false;
        foreach (var rune in pattern.EnumerateRunes())
        {
            if (!escaped && rune.Value == '\\')
            {
                escaped = true;
                continue;
            }

            if (!escaped && rune.Value == '%')
            {
                if (tokens.Count == 0 || tokens[^1] != AnyRun) tokens.Add(AnyRun);
            }
            else if (!escaped && rune.Value == '_')
            {
                tokens.Add(AnyOne);
            }
            else
            {
                tokens.Add(ignoreCase ? Rune.ToUpperInvariant(rune).Value : rune.Value);
            }

            escaped = false;
        }

        if (escaped) throw new BasaltException(ErrorCode.InvalidQuery, $"The pattern '{pattern}' ends in a lone backslash; write two for a literal one.");
        return [.. tokens];
    }

    private static string ToText(ReadOnlySpan<int> runes)
    {
        var text = new StringBuilder();
        foreach (var rune in runes) text.Append(new Rune(rune).ToString());
        return text.ToString();
    }
}
