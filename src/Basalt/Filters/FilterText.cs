using Basalt.Records;

namespace Basalt.Filters;

/// <summary>The text syntax of filters, paths and literals: parsing and printing. Whatever is printed parses to an equal object.</summary>
/// <remarks>
/// <code>
/// filter    = and { "or" and }            and = unary { "and" unary }       unary = "not" unary | "(" filter ")" | "true" | "false" | leaf
/// leaf      = path ( "=" | "==" | "!=" | "&lt;&gt;" | "&lt;" | "&lt;=" | "&gt;" | "&gt;=" ) literal
///           | path ["not"] "in" "(" [ literal { "," literal } ] ")"         | path ["not"] "between" literal "and" literal
///           | path ["not"] ( "like" | "ilike" ) text                        | path ( "starts" "with" | "ends" "with" | "contains" ) text
///           | path "has" ( literal | ( "any" | "all" ) "(" literals ")" )   | path "is" ["not"] "null"
/// path      = name { "." name } | "$id" | "$version" | "$created" | "$updated" | "$meta" "." name { "." name }
/// name      = word | '"' any text, a quote doubled '"'
/// literal   = 12 | -1.5 | 2e9 | 1.50m (decimal) | 'text, a quote doubled' | true | false | 2024-05-01T12:00:00Z
///           | guid '…' | x'0aff' | vector [1, 2] | double 'NaN' | [literal, …] | {name: literal, …}
/// </code>
/// Keywords are case-insensitive and can be names when quoted.
/// </remarks>
internal static class FilterText
{
    /// <summary>Deeper nesting is refused rather than left to exhaust the stack.</summary>
    internal const int MaxDepth = 200;

    public static Filter Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parser = new FilterParser(text);
        return parser.ParseWhole();
    }

    public static FieldPath ParsePath(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parser = new FilterParser(text);
        return parser.ParseWholePath();
    }

    public static Value ParseLiteral(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var parser = new FilterParser(text);
        return parser.ParseWholeLiteral();
    }

    public static string Print(Filter filter) => FilterPrinter.Print(filter);

    public static string Print(Value value) => FilterPrinter.Print(value);

    public static string PrintName(string name) => FilterPrinter.Name(name);
}
