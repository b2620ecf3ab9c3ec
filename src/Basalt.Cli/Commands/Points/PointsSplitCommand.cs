using System.CommandLine;
using System.Globalization;
using Basalt.Cli.Arguments;
using Basalt.PointClouds;
using Basalt.PointClouds.Editing;
using Basalt.PointClouds.Reading;
using Basalt.Records;

namespace Basalt.Cli.Commands.Points;

/// <summary>Makes some points of a label a new one.</summary>
internal sealed class PointsSplitCommand : CloudCommand
{
    private readonly Argument<ulong> _label = PointOptions.LabelArgument("LABEL", "The label that is split");
    private readonly Option<ulong> _into = PointOptions.Label("--into", "The new label");
    private readonly Option<Box?> _box = PointOptions.BoxOption("--box");
    private readonly Option<string[]> _blocks = new("--block") { Description = "Points of this block; given several times, of any of them", HelpName = "ID" };
    private readonly Option<string?> _attribute = new("--attribute") { Description = "Points whose attribute has one of these values, such as supervoxel=17,18", HelpName = "NAME=N,N" };

    public PointsSplitCommand(Session session)
        : base(session, "split", "Make some points of a label a new one: those in a box, of blocks or of values of an attribute; no point is moved, and undo takes it back",
            "points split basalt:./data#neurons 17 --into 99 --attribute supervoxel=76000000400,76000000401", "points split basalt:./data#neurons 17 --into 99 --box 0,0,0:127,127,127")
    {
        Add(_label);
        foreach (var option in new Option[] { _into, _box, _blocks, _attribute }) Add(option);
    }

    protected override async Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken)
    {
        var (name, values) = Attribute(arguments.GetValue(_attribute));
        var by = new SplitBy { Box = arguments.GetValue(_box), Blocks = arguments.GetResult(_blocks) is { Implicit: false } ? arguments.GetValue(_blocks) : null, Attribute = name, Values = values };
        var edit = await cloud.SplitAsync(arguments.GetValue(_label), arguments.GetValue(_into), by, cancellationToken).ConfigureAwait(false);
        Session.Error.WriteLine($"edit {edit.Number}: {await cloud.CountAsync(edit.Target, cancellationToken).ConfigureAwait(false):N0} points of {edit.Sources[0]} are {edit.Target} now");
    }

    private static (string? Name, Value[]? Values) Attribute(string? text)
    {
        if (text is null) return (null, null);
        var equals = text.LastIndexOf('=');
        return equals > 0 ? (text[..equals], Array.ConvertAll(text[(equals + 1)..].Split(','), Number)) : throw new UsageException($"--attribute takes NAME=N,N, not '{text}'.");
    }

    private static Value Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var large) ? (decimal)large
        : RealOption.TryParse(text, out var real) ? real
        : throw new UsageException($"'{text}' is no number.");
}
