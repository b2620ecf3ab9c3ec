using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.PointClouds;
using Basalt.Records;

namespace Basalt.Cli.Commands.Points;

/// <summary>A command of one cloud, which it opens.</summary>
internal abstract class CloudCommand : ToolCommand
{
    protected CloudCommand(Session session, string name, string description, params string[] examples)
        : base(name, description, CommandGroup.Records, examples)
    {
        Session = session;
        Uri = StoreArgument.Collection(session.Backends);
        Add(Uri);
        SetAction(RunAsync);
    }

    protected Session Session { get; }

    protected StoreArgument Uri { get; }

    /// <summary>Does the command on the open cloud.</summary>
    protected abstract Task RunAsync(PointCloud cloud, ParseResult arguments, CancellationToken cancellationToken);

    /// <summary>Prints rows that are no records.</summary>
    protected async Task PrintAsync(RowFormat format, IAsyncEnumerable<ValueMap> rows)
    {
        using var writer = RecordWriter.Create(format, Session.Output, null, withId: false);
        await foreach (var row in rows.ConfigureAwait(false)) writer.Write(new Record(row));
        writer.Complete();
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var opened = await Session.OpenCollectionAsync(arguments.GetRequiredValue(Uri), cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        var cloud = await PointCloud.OpenAsync(opened.Database, opened.Name, new PointCloudOptions { TimeProvider = Session.TimeProvider }, cancellationToken).ConfigureAwait(false);
        try
        {
            await RunAsync(cloud, arguments, cancellationToken).ConfigureAwait(false);
        }
        catch (ArgumentException e)
        {
            // A box of other dimensions, an edit that there is not: what was typed does not fit the cloud.
            throw new UsageException(e.Message, e);
        }

        return ExitCode.Done;
    }
}
