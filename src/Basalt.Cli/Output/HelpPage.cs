using System.CommandLine;
using System.CommandLine.Invocation;
using Basalt.Cli.Commands;

namespace Basalt.Cli.Output;

/// <summary>Prints the help of a command: what it does, its usage, a line per argument and option, and examples.</summary>
internal sealed class HelpPage(TextWriter output) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        ArgumentNullException.ThrowIfNull(parseResult);
        var command = parseResult.CommandResult.Command;
        output.WriteLine(command.Description);
        output.WriteLine();
        output.WriteLine($"Usage: {Usage(command)}");
        if (command is RootCommand)
        {
            foreach (var group in command.Subcommands.OfType<ToolCommand>().GroupBy(static c => c.Group))
                Section(group.Key, group.Select(static c => (c.Name, c.Description ?? "")));
        }
        else
        {
            Section("Commands", command.Subcommands.Select(static c => (c.Name, c.Description ?? "")));
            Section("Arguments", command.Arguments.Select(static a => (a.Name, a.Description ?? "")));
        }

        Section("Options", OptionsOf(command).Select(static o => (Label(o), o.Description ?? "")));
        if (command is ToolCommand { Examples: var examples })
        {
            output.WriteLine();
            output.WriteLine("Examples:");
            foreach (var example in examples) output.WriteLine($"  ./basalt {example}");
        }
        else
        {
            output.WriteLine();
            output.WriteLine("A collection is a URI with its name after the #: memory:#x, file:./data#movies, file:people.csv.");
            output.WriteLine("'./basalt COMMAND --help' shows a command's options and examples.");
        }

        return ExitCode.Done;
    }

    private static string Usage(Command command)
    {
        var parts = new List<string> { BasaltTool.PathOf(command) };
        if (command.Subcommands.Count > 0) parts.Add("COMMAND");
        parts.AddRange(command.Arguments.Select(Label));
        parts.AddRange(command.Options.Where(static o => o.Required).Select(Label));
        if (OptionsOf(command).Any(static o => !o.Required)) parts.Add("[options]");
        return string.Join(' ', parts);
    }

    private static string Label(Argument argument)
    {
        var name = argument.Arity.MaximumNumberOfValues > 1 ? argument.Name + "..." : argument.Name;
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }

    private static string Label(Option option)
    {
        var names = string.Join(", ", option.Aliases.Prepend(option.Name));
        return option.HelpName is { } value ? $"{names} {value}" : names;
    }

    // The options of the whole tool are told once, in its own help; --help everywhere.
    private static IEnumerable<Option> OptionsOf(Command command) => command.Options.Where(static o => !o.Hidden);

    private void Section(string title, IEnumerable<(string Name, string Description)> entries)
    {
        var rows = entries.ToList();
        if (rows.Count == 0) return;
        output.WriteLine();
        output.WriteLine($"{title}:");
        var width = Math.Min(30, rows.Max(static row => row.Name.Length));
        foreach (var (name, description) in rows)
        {
            if (name.Length > width) output.WriteLine($"  {name}");
            output.WriteLine($"  {(name.Length > width ? "" : name).PadRight(width)}  {description}");
        }
    }
}
