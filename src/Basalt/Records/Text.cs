namespace Basalt.Records;

/// <summary>Text as every backend must see it: well-formed, and ordered by code point (which is the order of its UTF-8 bytes).</summary>
internal static class Text
{
    public static void RequireWellFormed(string text, string parameter)
    {
        var at = FirstUnpairedSurrogate(text);
        if (at >= 0) throw new ArgumentException($"The text has an unpaired surrogate at character {at}; it is not valid Unicode.", parameter);
    }

    public static int FirstUnpairedSurrogate(ReadOnlySpan<char> text)
    {
        var at = text.IndexOfAnyInRange('\uD800', '\uDFFF');
        while (at >= 0)
        {
            if (!char.IsHighSurrogate(text[at]) || at + 1 >= text.Length || !char.IsLowSurrogate(text[at + 1])) return at;
            var next = text[(at + 2)..].IndexOfAnyInRange('\uD800', '\uDFFF');
            at = next < 0 ? -1 : at + 2 + next;
        }

        return -1;
    }

    /// <summary>Order by code point. UTF-16 code units order surrogates below U+E000..U+FFFF, so those need lifting.</summary>
    public static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        var shared = left.CommonPrefixLength(right);
        if (shared == left.Length || shared == right.Length) return left.Length.CompareTo(right.Length);
        char a = left[shared], b = right[shared];
        bool aSurrogate = char.IsSurrogate(a), bSurrogate = char.IsSurrogate(b);
        if (aSurrogate == bSurrogate) return a.CompareTo(b);
        return aSurrogate ? (b >= '\uE000' ? 1 : a.CompareTo(b)) : (a >= '\uE000' ? -1 : a.CompareTo(b));
    }
}
