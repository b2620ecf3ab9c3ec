using System.Buffers;
using System.CommandLine;
using System.Text;
using System.Text.Json;
using Basalt.Changes;
using Basalt.Cli.Arguments;
using Basalt.Engine;
using Basalt.Records;

namespace Basalt.Cli.Commands;

/// <summary>Prints the committed changes of a database that keeps them.</summary>
internal sealed class ChangesCommand : ToolCommand
{
    private enum ChangesFormat
    {
        Jsonl,
        Json,
    }

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly JsonWriterOptions Writing = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly Session _session;
    private readonly EngineArgument _folder;
    private readonly Option<string?> _from = new("--from") { Description = "The token of the last change that is known; without it all that are kept", HelpName = "TOKEN" };
    private readonly Option<bool> _follow = new("--follow") { Description = "Go on with what is committed later, looked for every second, until stopped" };
    private readonly ChoiceOption<ChangesFormat> _format = new("--format", "How to print: kind, collection, id, version, time, token and the record in exact JSON, one a line", ChangesFormat.Jsonl);

    public ChangesCommand(Session session)
        : base("changes", "Print the committed changes of a basalt: database, which may be in use, in their order; it keeps them once it was opened with changes=1gb or changes=7d", CommandGroup.Movement,
            "changes ./data", "changes ./data --from 6f1c.42 --follow")
    {
        _session = session;
        _folder = new EngineArgument(session, description: "The folder of a basalt: database, or its address");
        Add(_folder);
        Add(_from);
        Add(_follow);
        Add(_format);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var options = EngineOptions.Of(arguments.GetRequiredValue(_folder), _session.TimeProvider);
        var (token, isArray) = (arguments.GetValue(_from), arguments.GetValue(_format) == ChangesFormat.Json);
        if (isArray && arguments.GetValue(_follow)) throw new UsageException("--follow never ends, so it prints no array: leave out --format json.");
        var printed = 0L;
        do
        {
            foreach (var change in EngineBackend.StoredChanges(options, token, cancellationToken))
            {
                if (isArray) _session.Output.Write(printed == 0 ? "[\n" : ",\n");
                _session.Output.Write(Text(change));
                if (!isArray) _session.Output.Write('\n');
                (token, printed) = (change.Token, printed + 1);
            }

            if (!arguments.GetValue(_follow)) break;
            _session.Output.Flush();
            await Task.Delay(Pause, _session.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        while (true);

        if (isArray) _session.Output.Write(printed == 0 ? "[]\n" : "\n]\n");
        return ExitCode.Done;
    }

    private static string Text(Change change)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Writing))
        {
            writer.WriteStartObject();
            writer.WriteString("kind", change.Kind.ToString().ToLowerInvariant());
            writer.WriteString("collection", change.Collection);
            if (change.Kind != ChangeKind.Drop)
            {
                writer.WriteString("id", change.Id);
                writer.WriteNumber("version", change.Version);
            }

            writer.WriteString("time", change.Time);
            writer.WriteString("token", change.Token);
            if (change.Record is { } record)
            {
                writer.WritePropertyName("record");
                RecordJson.Write(writer, record, JsonForm.Exact);
            }

            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
