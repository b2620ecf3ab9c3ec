using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Movement;
using Basalt.PointClouds;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Files;

namespace Basalt.Cli.Commands.Points;

/// <summary>Takes files of points into a cloud, which is made if it is not there.</summary>
internal sealed class PointsImportCommand : ToolCommand
{
    private readonly Session _session;
    private readonly Argument<string> _path = new("PATH") { Description = "A file (.npz, .npy, .ply, .csv, .tsv, .jsonl, .json) or a folder of them; label_N/block_B.npz are the labels of block B" };
    private readonly StoreArgument _uri;
    private readonly Option<string?> _axes = new("--axes") { Description = "The axes of a new cloud, two to four with commas between; as the first file suggests unless given", HelpName = "X,Y,Z" };
    private readonly ChoiceOption<ColumnType> _type = new("--type", "The type of the coordinates of a new cloud; as the first file suggests unless given");
    private readonly Option<string?> _attributes = new("--attributes") { Description = "The attributes of a new cloud, such as supervoxel:uint64,weight:float32; as the first file suggests unless given", HelpName = "NAME:TYPE,..." };
    private readonly Option<ulong[]> _label = PointOptions.Labels("--label", "The label of points that neither say one nor lie in a folder that does");
    private readonly NumberOption _threads = new("--threads", "Files that are read at a time; one for each processor unless given", minimum: 1);

    public PointsImportCommand(Session session)
        : base("import", "Take points in: from one file, or all of a folder; blocks that are there already are skipped", CommandGroup.Records,
            "points import ./segments basalt:./data#neurons --attributes supervoxel:uint64",
            "points import scan.ply file:./data#scan --label 1")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_path);
        Add(_uri);
        foreach (var option in new Option[] { _axes, _type, _attributes, _label, _threads }) Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var path = arguments.GetRequiredValue(_path);
        var options = new PointImportOptions
        {
            Label = arguments.GetResult(_label) is { Implicit: false } ? arguments.GetValue(_label) is [var label] ? label : throw new UsageException("--label takes one label here.") : null,
            Threads = (int)Math.Min(int.MaxValue, arguments.GetValue(_threads) ?? Environment.ProcessorCount),
        };
        var opened = await _session.OpenTargetAsync(arguments.GetRequiredValue(_uri), cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        var cloud = await OpenAsync(opened, path, arguments, cancellationToken).ConfigureAwait(false);
        var started = _session.TimeProvider.GetTimestamp();
        var report = await ShareView.ShowAsync(_session, "taking in", progress => PointImport.RunAsync(cloud, path, options, new Share(progress), cancellationToken).AsTask()).ConfigureAwait(false);
        _session.Error.WriteLine($"took in {report.Points:N0} points of {report.Blocks:N0} blocks in {_session.TimeProvider.GetElapsedTime(started).TotalSeconds:N1} s ({cloud.Schema})" +
            $"{(report.Skipped > 0 ? $", {report.Skipped:N0} blocks were there already" : "")}{(report.Duplicates > 0 ? $", {report.Duplicates:N0} points were twice in a block" : "")}");
        return ExitCode.Done;
    }

    private async ValueTask<PointCloud> OpenAsync(OpenCollection opened, string path, ParseResult arguments, CancellationToken cancellationToken)
    {
        var options = new PointCloudOptions { TimeProvider = _session.TimeProvider };
        var isNew = await opened.Database.DescribeCollectionAsync(opened.Name, cancellationToken).ConfigureAwait(false) is null;
        var says = new Option[] { _axes, _type, _attributes }.Any(option => arguments.GetResult(option) is { Implicit: false });
        if (!isNew && !says) return await PointCloud.OpenAsync(opened.Database, opened.Name, options, cancellationToken).ConfigureAwait(false);
        var schema = await PointImport.SuggestAsync(path, cancellationToken).ConfigureAwait(false);
        if (arguments.GetValue(_axes) is { } axes) schema = schema with { Axes = axes.Split(',', StringSplitOptions.TrimEntries) };
        if (_type.GivenIn(arguments) is { } type) schema = schema with { CoordinateType = type };
        if (arguments.GetValue(_attributes) is { } attributes) schema = schema with { Attributes = [.. attributes.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(Attribute)] };
        return await PointCloud.OpenOrCreateAsync(opened.Database, opened.Name, schema, options, cancellationToken).ConfigureAwait(false);
    }

    private static PointAttribute Attribute(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && Enum.TryParse<ColumnType>(text[(colon + 1)..], ignoreCase: true, out var type) && Enum.IsDefined(type)
            ? new PointAttribute(text[..colon], type)
            : throw new UsageException($"An attribute is NAME:TYPE, of {string.Join(", ", Enum.GetNames<ColumnType>().Select(static name => name.ToLowerInvariant()))}, not '{text}'.");
    }

    private sealed class Share(IProgress<double> progress) : IProgress<PointImportProgress>
    {
        public void Report(PointImportProgress value) => progress.Report((double)value.Blocks / value.TotalBlocks);
    }
}
