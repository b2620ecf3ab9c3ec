using System.CommandLine;

namespace Basalt.Cli.Commands;

/// <summary>A command of the tool: with the group it is listed in, and examples for its help.</summary>
internal abstract class ToolCommand : Command
{
    protected ToolCommand(string name, string description, string group, params string[] examples)
        : base(name, description)
    {
        Group = group;
        Examples = examples;
    }

    /// <summary>The heading under which the tool's help lists the command.</summary>
    public string Group { get; }

    /// <summary>Command lines that do something useful, without the name of the tool.</summary>
    public IReadOnlyList<string> Examples { get; }
}

/// <summary>The headings of the tool's help, in order.</summary>
internal static class CommandGroup
{
    public const string Start = "Start here", Records = "Records", Collections = "Collections", Movement = "In and out", Datasets = "Time-series datasets", Care = "Care of a database", Tool = "This machine";
}
