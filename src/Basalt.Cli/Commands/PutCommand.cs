using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Records;

namespace Basalt.Cli.Commands;

/// <summary>Writes one record, given as JSON.</summary>
internal sealed class PutCommand : ToolCommand
{
    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly Argument<string> _json = new("JSON") { Description = "The record as a JSON object, its id as \"$id\"; @FILE reads a file and - standard input" };
    private readonly Option<bool> _createOnly = new("--create-only") { Description = "Fail when a record by that id exists; else it is replaced whole" };
    private readonly NumberOption _ifVersion = new("--if-version", "Write only if the stored record has this version; 0 for none there");

    private readonly DurationOption _ttl = new("--ttl", "How long the record lives, such as 30s, 12h or 7d; else as its \"$expires\" or the collection's schema says, or for good");

    public PutCommand(Session session)
        : base("put", "Add a record or replace it whole, and print its id", CommandGroup.Records,
            "put file:./data#movies '{\"$id\": \"alien\", \"title\": \"Alien\", \"year\": 1979}'",
            "put file:./data#movies @alien.json --create-only",
            "put file:./data#movies - --if-version 3 < alien.json",
            "put basalt:./data#sessions '{\"$id\": \"s1\", \"user\": \"ann\"}' --ttl 12h")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_uri);
        Add(_json);
        Add(_createOnly);
        Add(_ifVersion);
        Add(_ttl);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var createOnly = arguments.GetValue(_createOnly);
        var ifVersion = arguments.GetValue(_ifVersion);
        if (createOnly && ifVersion is not null) throw new UsageException("--create-only and --if-version exclude each other.");
        var record = Parse(await ReadAsync(arguments.GetRequiredValue(_json), cancellationToken).ConfigureAwait(false));

        if (arguments.GetValue(_ttl) is { } life) record = record with { Expires = _session.TimeProvider.GetUtcNow() + life };
        var opened = await _session.OpenTargetAsync(arguments.GetRequiredValue(_uri), cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        var stored = createOnly
            ? await opened.Collection.CreateAsync(record, cancellationToken).ConfigureAwait(false)
            : await opened.Collection.UpsertAsync(record, ifVersion, cancellationToken).ConfigureAwait(false);
        _session.Output.WriteLine(stored.Id);
        return ExitCode.Done;
    }

    private async Task<string> ReadAsync(string source, CancellationToken cancellationToken) => source switch
    {
        "-" => await _session.Input.ReadToEndAsync(cancellationToken).ConfigureAwait(false),
        ['@', .. var path] => await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false),
        _ => source,
    };

    private static Record Parse(string json)
    {
        try
        {
            return RecordJson.Parse(json);
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new BasaltException(ErrorCode.InvalidData, $"The record cannot be read: {e.Message}", e);
        }
    }
}
