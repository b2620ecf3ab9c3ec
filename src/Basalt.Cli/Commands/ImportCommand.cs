using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Movement;
using Basalt.Migration;

namespace Basalt.Cli.Commands;

/// <summary>Brings a file of records into a collection.</summary>
internal sealed class ImportCommand : ToolCommand
{
    private static readonly Dictionary<string, RecordFormat> Formats = new()
    {
        ["json"] = RecordFormat.Json, ["jsonl"] = RecordFormat.JsonLines, ["csv"] = RecordFormat.Csv, ["tsv"] = RecordFormat.Tsv,
        ["fvecs"] = RecordFormat.Fvecs, ["bvecs"] = RecordFormat.Bvecs,
    };

    private readonly Session _session;
    private readonly Argument<string> _file = new("FILE") { Description = "A .json, .jsonl, .csv or .tsv file, also with .gz; or .fvecs or .bvecs; - is standard input" };
    private readonly StoreArgument _uri;
    private readonly Option<string?> _idField = new("--id-field") { Description = "The field that holds the id; else the file's $id, the schema's id field, or a new id", HelpName = "FIELD" };
    private readonly Option<string?> _vectorField = new("--vector-field") { Description = "The field whose list of numbers, or text of it, becomes a vector; of .fvecs and .bvecs the field that is made (vector unless given)", HelpName = "FIELD" };
    private readonly Option<string?> _idPrefix = new("--id-prefix") { Description = "What stands before the row numbers that are the ids of .fvecs and .bvecs; nothing unless given", HelpName = "TEXT" };
    private readonly ChoiceOption<ConflictPolicy> _onConflict = new("--on-conflict", "What to do with a record whose id exists", ConflictPolicy.Fail);
    private readonly Option<string?> _schema = new("--schema") { Description = "A schema file: the collection is created with it, and every record must fit", HelpName = "FILE" };
    private readonly Option<string?> _transform = MoveOptions.Transform();
    private readonly Option<RecordFormat?> _format = new("--input-format") { Description = "The format of FILE; by its name unless given", HelpName = string.Join('|', Formats.Keys) };
    private readonly Option<string?> _delimiter = new("--delimiter") { Description = "What stands between the cells of a CSV or TSV file, such as ';'; a comma or a tab unless given", HelpName = "CHARACTER" };
    private readonly DurationOption _ttl = new("--ttl", "How long the records live that do not say when they expire, such as 12h or 7d; else as the collection's schema says, or for good");
    private readonly Option<bool> _ack = new("--ack") { Description = "After each durable batch print the id of its last record" };
    private readonly NumberOption _batch = MoveOptions.Batch();
    private readonly Option<bool> _resume = MoveOptions.Resume();
    private readonly Option<bool> _noVerify = MoveOptions.NoVerify();

    public ImportCommand(Session session)
        : base("import", "Bring a file of records into a collection: checked first, durable batch by batch, verified", CommandGroup.Movement,
            "import movies.json file:./data#movies",
            "import people.csv file:./data#people --id-field email --on-conflict upsert",
            "import excel.csv file:./data#people --delimiter ';'",
            "import base.fvecs basalt:./data#base --vector-field embedding",
            "import prices.csv basalt:./data#base --id-field id --on-conflict merge",
            "import big.jsonl.gz file:./data#big --ack --resume")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        _format.CustomParser = result =>
        {
            if (Formats.TryGetValue(result.Tokens[0].Value, out var format)) return format;
            result.AddError($"--input-format takes {string.Join(", ", Formats.Keys)}, not '{result.Tokens[0].Value}'.");
            return null;
        };
        Add(_file);
        Add(_uri);
        foreach (var option in new Option[] { _idField, _vectorField, _idPrefix, _onConflict, _schema, _transform, _format, _delimiter, _ttl, _ack, _batch, _resume, _noVerify }) Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var file = arguments.GetRequiredValue(_file);
        var uri = arguments.GetRequiredValue(_uri);
        var isOfVectors = RecordSource.IsOfVectors(file, arguments.GetValue(_format));
        var options = new ImportOptions
        {
            IdField = arguments.GetValue(_idField),
            VectorField = isOfVectors ? null : arguments.GetValue(_vectorField),
            OnConflict = arguments.GetValue(_onConflict),
            Schema = await SchemaFile.ReadAsync(arguments.GetValue(_schema), cancellationToken).ConfigureAwait(false),
            Transform = await TransformFile.ReadAsync(arguments.GetValue(_transform), null, cancellationToken).ConfigureAwait(false),
            BatchSize = arguments.BatchSizeOf(_batch),
            TimeToLive = arguments.GetValue(_ttl),
            Verify = !arguments.GetValue(_noVerify),
            OnBatch = arguments.GetValue(_ack) ? Acknowledge : null,
        };
        var source = RecordSource.Open(file, arguments.GetValue(_format), new SourceOptions
        {
            Delimiter = DelimiterOf(arguments.GetValue(_delimiter)),
            VectorField = isOfVectors ? arguments.GetValue(_vectorField) : null,
            IdPrefix = arguments.GetValue(_idPrefix),
        });
        await using var closingSource = source.ConfigureAwait(false);
        var opened = await _session.OpenTargetAsync(uri, cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        var checkpoints = CheckpointFolder.For(opened, arguments.GetValue(_resume));
        options = options with { Checkpoint = checkpoints.Between(file == RecordSource.StandardInput ? file : Path.GetFullPath(file), uri) };
        var report = await MoveView.ShowAsync(_session, progress => Importer.RunAsync(source, opened.Collection, options, progress, cancellationToken)).ConfigureAwait(false);
        _session.Error.WriteLine(MoveView.Summary("imported", report, $"into {uri}"));
        return ExitCode.Done;
    }

    private static char? DelimiterOf(string? text) => text switch
    {
        null => null,
        "\\t" => '\t',
        [var only] => only,
        _ => throw new UsageException($"--delimiter takes one character, not '{text}'."),
    };

    private void Acknowledge(BatchAcknowledgement batch)
    {
        _session.Output.WriteLine(batch.LastId);
        _session.Output.Flush();
    }
}
