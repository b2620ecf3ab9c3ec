using System.Globalization;

namespace Basalt.Records;

/// <summary>The one text form of instants: RFC 3339 with an offset or Z, and up to seven fraction digits.</summary>
internal static class TimeText
{
    private static readonly string[] Formats =
    [
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'",
    ];

    private static readonly string[] FormatsWithoutOffset =
    [
        "yyyy-MM-dd",
        "yyyy-MM-dd'T'HH:mm",
        "yyyy-MM-dd' 'HH:mm",
        "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF",
        "yyyy-MM-dd' 'HH:mm:ss.FFFFFFF",
    ];

    public static bool TryParse(ReadOnlySpan<char> text, out DateTimeOffset time) =>
        DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);

    /// <summary>Also a date, or a time without an offset, which then is UTC: only where a schema asks for a date-time.</summary>
    public static bool TryParseAssumingUtc(ReadOnlySpan<char> text, out DateTimeOffset time) =>
        TryParse(text, out time)
        || DateTimeOffset.TryParseExact(text, FormatsWithoutOffset, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out time);
}
