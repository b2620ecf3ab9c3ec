using System.CommandLine;
using Basalt.Cli.Output;
using Basalt.Filters;

namespace Basalt.Cli.Arguments;

/// <summary>Options that several commands share, with one wording.</summary>
internal static class QueryOptions
{
    public static Option<string?> Where() => new("--where")
    {
        Description = "Only records that satisfy this filter, such as \"year >= 1990 and genre in ('Drama', 'Comedy')\"",
        HelpName = "FILTER",
    };

    public static ChoiceOption<RowFormat> Format() => new("--format", "How to print records", RowFormat.Table);

    public static Option<bool> Yes(string what) => new("--yes") { Description = what };

    public static Filter FilterOf(this ParseResult arguments, Option<string?> where) =>
        arguments.GetValue(where) is { } text ? Filter.Parse(text) : Filter.True;
}
