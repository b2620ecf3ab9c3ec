using System.Globalization;

namespace Basalt.Conformance;

/// <summary>The values and names that break stores: extremes, near misses, and everything that some syntax would take for its own.</summary>
public static class Specimens
{
    /// <summary>Numbers of all three kinds at which careless comparisons and conversions fail.</summary>
    public static IReadOnlyList<Value> Numbers { get; } =
    [
        0L, 1L, -1L, 2L, 10L, long.MinValue, long.MinValue + 1, long.MaxValue - 1, long.MaxValue,
        (1L << 53) - 1, 1L << 53, (1L << 53) + 1, -(1L << 53) - 1,
        0d, -0d, 1d, 1.5, -1.5, 0.1, 0.2, 0.3, 0.30000000000000004, 1e-300, double.Epsilon, -double.Epsilon, 2.2250738585072014e-308, 1e16, 1e21, 1e300,
        9007199254740991d, 9007199254740992d, 9007199254740994d, 9223372036854775808d, -9223372036854775808d, 4503599627370495.5,
        79228162514264337593543950335d, double.MinValue, double.MaxValue, double.NaN, double.PositiveInfinity, double.NegativeInfinity,
        0m, 1m, 1.0m, 1.50m, 0.1m, 0.3m, -0.1m, 9007199254740993m, 9223372036854775807m, 9223372036854775808m, 10000000000000000m,
        0.1000000000000000055511151231m, 1e-28m, decimal.MaxValue, decimal.MinValue, decimal.MaxValue - 1,
    ];

    /// <summary>Text at the edges of encodings, orders and syntaxes.</summary>
    public static IReadOnlyList<string> Texts { get; } =
    [
        "", " ", "a", "A", "aa", "b", "ä", "a\u0308", "ß", "İ", "1", "true", "null", "NaN", "2024-05-01T12:00:00Z", "%", "_", "\\", "50% off_now", "it's", "\"quoted\"",
        "two\nlines", "tab\there", "\u0001", "\u007f", "\u2028", "=1+1", "a,b;c", "#hash", "$id", "-5", "\uFEFFbom", "\uFFFD", "\uFFFF", "\U0001F600", "\U00010000", "\U0010FFFF",
        "\uE000", "日本語", "שלום", "👩‍👩‍👧", "'; drop table x; --", "{\"$decimal\":\"1\"}", "trailing ",
    ];

    /// <summary>Values of the kinds that are neither numbers nor text.</summary>
    public static IReadOnlyList<Value> Others { get; } =
    [
        Value.Null, true, false,
        Time("0001-01-01T00:00:00Z"), Time("9999-12-31T23:59:59.9999999Z"), Time("1970-01-01T00:00:00Z"), Time("1969-12-31T23:59:59.9999999Z"),
        Time("2024-05-01T12:00:00Z"), Time("2024-05-01T14:00:00+02:00"), Time("2024-05-01T06:30:00-05:30"), Time("2024-05-01T12:00:00.0000001Z"), Time("2024-02-29T23:59:59.999+14:00"),
        Guid.Empty, Guid.AllBitsSet, Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), Guid.Parse("80112233-4455-6677-8899-aabbccddeeff"),
        Array.Empty<byte>(), new byte[] { 0 }, new byte[] { 0, 255, 128 }, new byte[] { 255 },
        Array.Empty<float>(), new[] { 0f, -0f }, new[] { 1.5f, -2.25f, float.Epsilon, float.MaxValue, 0.1f }, new[] { 1.5f },
        Array.Empty<Value>(), new Value[] { 1L }, new Value[] { 1d, "1", Value.Null, true }, new Value[] { new Value[] { Array.Empty<Value>() } },
        ValueMap.Empty, new ValueMapBuilder().Set("x", 1L).Build(), new ValueMapBuilder().Set("x", Value.Null).Build(),
        new ValueMapBuilder().Set("$decimal", "1").Build(), new ValueMapBuilder().Set("$$", 1L).Set("", 2L).Set("a.b", ValueMap.Empty).Build(),
        new ValueMapBuilder().Set("b", 2L).Set("a", new Value[] { new ValueMapBuilder().Set("deep", 1.50m).Build() }).Build(),
    ];

    /// <summary>One of everything.</summary>
    public static IReadOnlyList<Value> Values { get; } = [.. Numbers, .. Texts.Select(static text => (Value)text), .. Others];

    /// <summary>Names of fields that some language would take apart, and that are names all the same.</summary>
    public static IReadOnlyList<string> FieldNames { get; } =
    [
        "plain", "with space", " leading", "trailing ", "dotted.name", "..", "hyphen-ated", "quo\"te", "apos'trophe", "back\\slash", "back`tick", "[bracket]", "{brace}", "$dollar",
        "$id", "$$id", "$version", "$meta", "id", "_id", "_version", "version", "created", "select", "SELECT", "from", "where", "and", "or", "not", "null", "true", "order", "group",
        "user", "table", "UPPER", "upper", "new\nline", "tab\t", "comma,", "semi;colon", "per%cent", "under_score", "slash/", "co:lon", "ha#sh", "at@", "ques?tion", "aster*isk",
        "1digit", "", "ünï", "日本", "😀", "a=b", "--comment", "/*", "\u0000nul", "\uFEFFbom", new string('n', 300),
    ];

    /// <summary>Ids of the same sort.</summary>
    public static IReadOnlyList<string> Ids { get; } =
    [
        "a", "A", " ", " a", "a ", "a.b", "..", ".", "a/b", "/", "\\", "a\\b", "it's", "quo\"te", "`", "%", "_", "a%2Fb", "#", "?", "a&b", "*", "<x>", "a\nb", "\t", "\0", "\u007f",
        "null", "NULL", "true", "0", "-1", "1e3", "ü", "u\u0308", "日本", "😀", "\uFFFF", "\U00010000", "$id", "_id", "--", "'; drop table things; --", "\uFEFF", new string('i', Record.MaxIdBytes),
    ];

    /// <summary>Names of collections of the same sort.</summary>
    public static IReadOnlyList<string> CollectionNames { get; } =
    [
        "UPPER", "upper", "with space", "dotted.name", "..", ".", "hyphen-ated", "quo\"te", "it's", "a/b", "a\\b", "per%cent", "a%2Fb", "co:lon", "ha#sh", "ques?tion", "aster*isk",
        "select", "table", "_underscore", "$dollar", "-dash", "ünï", "日本", "😀", "con", "nul", "trailing.", "x.csv", "x.jsonl", new string('c', Database.MaxNameLength),
    ];

    private static Value Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
