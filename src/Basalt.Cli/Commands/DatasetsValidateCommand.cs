using System.CommandLine;
using Basalt.Catalog.Storage;
using Basalt.Catalog.Validation;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.Records;

namespace Basalt.Cli.Commands;

/// <summary>Tells what is amiss with the datasets of a catalogue.</summary>
internal sealed class DatasetsValidateCommand : ToolCommand
{
    private readonly Session _session;
    private readonly CatalogOption _catalog;
    private readonly Argument<string?> _name = new("NAME") { Description = "The dataset; all of them unless given", Arity = ArgumentArity.ZeroOrOne };
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public DatasetsValidateCommand(Session session)
        : base("validate", "Tell what is amiss with datasets, from what indexing noted: unreadable and empty files, columns that differ or are missing, times that repeat or do not ascend. It fails if anything is",
            CommandGroup.Datasets, "datasets validate --catalog basalt:./catalog", "datasets validate traffic_hourly --catalog basalt:./catalog --format json")
    {
        _session = session;
        _catalog = new CatalogOption(session);
        Add(_name);
        Add(_catalog);
        Add(_format);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var database = await _catalog.OpenAsync(arguments, cancellationToken).ConfigureAwait(false);
        await using var closing = database.ConfigureAwait(false);
        var findings = await DatasetValidation.CheckAsync(new CatalogStore(database), arguments.GetValue(_name), cancellationToken).ConfigureAwait(false);
        using var writer = RecordWriter.Create(arguments.GetValue(_format), _session.Output, null, withId: false);
        foreach (var finding in findings)
            writer.Write(new Record(ValueMap.From([new("dataset", finding.Dataset), new("file", finding.File), new("kind", finding.Kind.ToString()), new("finding", finding.Message)])));
        writer.Complete();
        if (findings.Count > 0) throw new BasaltException(ErrorCode.InvalidData, findings.Count == 1 ? "There is 1 finding." : $"There are {findings.Count} findings.");
        _session.Error.WriteLine("Nothing is amiss.");
        return ExitCode.Done;
    }
}
