using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.Queries;
using Basalt.Schemas;

namespace Basalt.Cli.Commands;

/// <summary>Tells what a collection holds: where it is, how large, its declared schema, and the fields that its records have.</summary>
internal sealed class DescribeCommand : ToolCommand
{
    private enum DescriptionFormat
    {
        Table,
        Json,
    }

    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly NumberOption _sample = new("--sample", "Look at so many records only, the first by id; at all of them unless given", minimum: 1);
    private readonly ChoiceOption<DescriptionFormat> _format = new("--format", "How to print the description", DescriptionFormat.Table);

    public DescribeCommand(Session session)
        : base("describe", "Tell what a collection holds: location, size, schema, and the fields seen in its records", CommandGroup.Collections,
            "describe file:./data#movies", "describe file:movies.json --sample 1000 --format json")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_uri);
        Add(_sample);
        Add(_format);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var opened = await _session.OpenCollectionAsync(arguments.GetRequiredValue(_uri), cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        var known = await opened.DescribeAsync(cancellationToken).ConfigureAwait(false);
        var sample = arguments.GetValue(_sample);
        var observed = new SchemaInference();
        await foreach (var record in opened.Collection.StreamAsync(Query.All with { Limit = sample }, cancellationToken).ConfigureAwait(false)) observed.Observe(record);
        var records = known.Records ?? (sample is null ? observed.Records : await opened.Collection.CountAsync(null, cancellationToken).ConfigureAwait(false));
        var description = new DescriptionText(known with { Records = records }, observed);
        if (arguments.GetValue(_format) == DescriptionFormat.Json) description.PrintJson(_session.Output);
        else description.Print(_session.Output);
        return ExitCode.Done;
    }
}
