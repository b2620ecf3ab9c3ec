using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;

namespace Basalt.Cli.Commands;

/// <summary>Prints records by id; an id without a record is a failure after the others are printed.</summary>
internal sealed class GetCommand : ToolCommand
{
    private const int ChunkSize = 1_000;
    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly Argument<string[]> _ids = new("ID") { Description = "The ids; after -- where one starts with a hyphen", Arity = ArgumentArity.OneOrMore };
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public GetCommand(Session session)
        : base("get", "Print records by id", CommandGroup.Records, "get file:./data#movies alien", "get file:./data#movies 17 42 --format jsonl")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_uri);
        Add(_ids);
        Add(_format);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var opened = await _session.OpenCollectionAsync(arguments.GetRequiredValue(_uri), cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        using var writer = RecordWriter.Create(arguments.GetValue(_format), _session.Output, null);
        var missing = new List<string>();
        foreach (var ids in arguments.GetRequiredValue(_ids).Chunk(ChunkSize))
        {
            var records = await opened.Collection.GetManyAsync(ids, cancellationToken).ConfigureAwait(false);
            for (var i = 0; i < ids.Length; i++)
            {
                if (records[i] is { } record) writer.Write(record);
                else missing.Add(ids[i]);
            }
        }

        writer.Complete();
        if (missing.Count == 0) return ExitCode.Done;
        throw new BasaltException(ErrorCode.NotFound, $"There is no record {string.Join(", ", missing.Select(static id => $"'{id}'"))} in '{opened.Name}'.");
    }
}
