using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.DuckDb;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Sql;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Cli.Commands;

/// <summary>Runs SQL over collections of any backend.</summary>
internal sealed class SqlCommand : ToolCommand
{
    private const string IdColumn = "$id";

    private readonly Session _session;
    private readonly Argument<string> _sql = new("SQL") { Description = "The statement, in DuckDB's dialect; each attached collection is a table" };
    private readonly Option<string[]> _attach = new("--attach") { Description = "A collection and the name of its table; as often as there are tables", HelpName = "NAME=URI#C", AllowMultipleArgumentsPerToken = false };
    private readonly Option<string?> _sample = new("--sample") { Description = "From how many records the types of undeclared fields are taken: a number, or all; 10000 unless given", HelpName = "N|all" };
    private readonly Option<string?> _memory = new("--memory") { Description = "Memory of the statement, such as 512mb; more is spilled to disk; 1gb unless given", HelpName = "BYTES" };
    private readonly NumberOption _threads = new("--threads", "Threads of the statement; as many as there are processors unless given");
    private readonly Option<bool> _explain = new("--explain") { Description = "Print which part would run where, without running it" };
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public SqlCommand(Session session)
        : base("sql", "Run SQL over collections of any backend", CommandGroup.Records,
            "sql \"SELECT genre, avg(rating) FROM m GROUP BY genre\" --attach m=basalt:./data#movies",
            "sql \"SELECT m.title, w.temp FROM m JOIN w ON m.day = w.day WHERE m.year > 1990\" --attach m=basalt:./data#movies --attach w=file:weather.csv --explain",
            "sql \"COPY m TO 'movies.parquet'\" --attach m=file:movies.json")
    {
        _session = session;
        Add(_sql);
        foreach (var option in new Option[] { _attach, _sample, _memory, _threads, _explain, _format }) Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var sample = Sample(arguments.GetValue(_sample));
        var attachments = (arguments.GetValue(_attach) ?? []).Select(Attachment).ToList();
        var settings = new DuckSettings();
        if (arguments.GetValue(_memory) is { } memory) settings = settings with { MemoryBytes = DuckDbOptions.ParseBytes(memory) };
        if (arguments.GetValue(_threads) is { } threads) settings = settings with { Threads = (int)Math.Min(threads, int.MaxValue) };

        var opened = new Dictionary<string, Database>();
        try
        {
            using var sql = new SqlSession(settings);
            foreach (var (name, uri) in attachments)
            {
                var collection = await OpenAsync(opened, uri, cancellationToken).ConfigureAwait(false);
                await sql.AttachAsync(name, collection, sample, cancellationToken).ConfigureAwait(false);
            }

            if (arguments.GetValue(_explain)) _session.Output.WriteLine(await sql.ExplainAsync(arguments.GetRequiredValue(_sql), cancellationToken).ConfigureAwait(false));
            else Print(sql, arguments, cancellationToken);
        }
        finally
        {
            foreach (var database in opened.Values) await database.DisposeAsync().ConfigureAwait(false);
        }

        return ExitCode.Done;
    }

    /// <summary>The collection of an address; several collections of one database share it, as most can be open only once.</summary>
    private async ValueTask<Collection> OpenAsync(Dictionary<string, Database> opened, StoreUri uri, CancellationToken cancellationToken)
    {
        var address = uri.ToString();
        if (address.IndexOf('#') is var fragment && fragment >= 0) address = address[..fragment];
        if (opened.TryGetValue(address, out var database))
            return Session.Named(database, uri.Collection ?? throw new UsageException($"{uri} is attached twice; say which collection, as {uri}#NAME.")).Collection;
        var first = await _session.OpenCollectionAsync(uri, cancellationToken).ConfigureAwait(false);
        opened.Add(address, first.Database);
        return first.Collection;
    }

    private void Print(SqlSession sql, ParseResult arguments, CancellationToken cancellationToken)
    {
        var format = arguments.GetValue(_format);
        using var answer = sql.Run(arguments.GetRequiredValue(_sql), cancellationToken);
        using var writer = RecordWriter.Create(format, _session.Output, [.. answer.Names.Select(static name => name == IdColumn ? FieldPath.Id : FieldPath.Of(name))], withId: false);
        long rows = 0;
        foreach (var row in answer.Read())
        {
            writer.Write(ToRecord(row));
            rows++;
        }

        writer.Complete();
        if (format == RowFormat.Table) _session.Error.WriteLine(rows == 1 ? "1 row" : $"{rows:N0} rows");
    }

    /// <summary>A row as the writers print it: a column of ids goes by its own name, as a field it would be one whose name begins with a dollar sign.</summary>
    private static Record ToRecord(ValueMap row)
    {
        var id = row[IdColumn];
        return id.Kind == ValueKind.String && System.Text.Encoding.UTF8.GetByteCount(id.AsString) <= Record.MaxIdBytes ? new Record(id.AsString, row.Without(IdColumn)) : new Record(row);
    }

    private static (string Name, StoreUri Uri) Attachment(string text)
    {
        var at = text.IndexOf('=');
        return at > 0 && at < text.Length - 1 ? (text[..at], StoreUri.Parse(text[(at + 1)..])) : throw new UsageException($"--attach takes NAME=URI#COLLECTION, not '{text}'.");
    }

    private static long Sample(string? text) => text switch
    {
        null => SqlSession.DefaultSample,
        "all" => long.MaxValue,
        _ when long.TryParse(text, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var count) && count > 0 => count,
        _ => throw new UsageException($"--sample takes a number above 0 or 'all', not '{text}'."),
    };
}
