using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.PointClouds;

namespace Basalt.Cli.Commands.Points;

/// <summary>Makes labels part of another.</summary>
internal sealed class PointsMergeCommand : CloudCommand
{
    private readonly Option<ulong> _into = PointOptions.Label("--into", "The label that they become part of");
    private readonly Argument<ulong[]> _labels = new("LABEL") { Description = "The labels that are merged", Arity = ArgumentArity.OneOrMore };

    public PointsMergeCommand(Session session)
        : base(session, "merge", "Make labels part of another one; no point is moved, and undo takes it back", "points merge basalt:./data#neurons 17 18 --into 16")
    {
        _labels.CustomParser = static result => [.. result.Tokens.Select(token => Parse(result, token.Value))];
        Add(_labels);
        Add(_into);
    }

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var edit = await cloud.MergeAsync(arguments.GetValue(_into), arguments.GetRequiredValue(_labels), cancellationToken).ConfigureAwait(false);
        Session.Error.WriteLine($"edit {edit.Number}: merged {string.Join(", ", edit.Sources)} into {edit.Target}");
    }

    private static ulong Parse(System.CommandLine.Parsing.ArgumentResult result, string text)
    {
        if (PointOptions.TryParseLabel(text, out var label)) return label;
        result.AddError($"A label is a whole number from 0 to {ulong.MaxValue}, not '{text}'.");
        return 0;
    }
}
