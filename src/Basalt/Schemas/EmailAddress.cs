namespace Basalt.Schemas;

/// <summary>The form of an e-mail address: <c>local@domain</c> as mail systems accept it, letters beyond ASCII included.</summary>
internal static class EmailAddress
{
    private const int LongestAddress = 254, LongestLocalPart = 64, LongestLabel = 63;

    public static bool IsValid(ReadOnlySpan<char> text)
    {
        var at = text.IndexOf('@');
        return text.Length <= LongestAddress && at is > 0 and <= LongestLocalPart && IsLocalPart(text[..at]) && IsDomain(text[(at + 1)..]);
    }

    private static bool IsLocalPart(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if (!IsLetterOrDigit(c) && !".!#$%&'*+/=?^_`{|}~-".Contains(c)) return false;
        return text[0] != '.' && text[^1] != '.' && text.IndexOf("..") < 0;
    }

    private static bool IsDomain(ReadOnlySpan<char> text)
    {
        foreach (var range in text.Split('.'))
        {
            var label = text[range];
            if (label.Length is 0 or > LongestLabel || label[0] == '-' || label[^1] == '-') return false;
            foreach (var c in label)
                if (!IsLetterOrDigit(c) && c != '-') return false;
        }

        return text.Length > 0;
    }

    // Beyond ASCII anything visible may be part of a letter: marks, and surrogates of the higher planes.
    private static bool IsLetterOrDigit(char c) => c > '\u007f' ? !char.IsWhiteSpace(c) && !char.IsControl(c) : char.IsAsciiLetterOrDigit(c);
}
