using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.Filters;
using Basalt.Queries;

namespace Basalt.Cli.Commands;

/// <summary>Finds records, counts them, or explains how it would.</summary>
internal sealed class QueryCommand : ToolCommand
{
    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly Option<string?> _where = QueryOptions.Where();
    private readonly Option<string?> _select = new("--select") { Description = "Only these fields, separated by commas; nested as address.city, odd names in double quotes", HelpName = "A,B" };
    private readonly Option<string?> _sort = new("--sort") { Description = "Sort by these fields, a hyphen in front for descending; by id unless given", HelpName = "A,-B" };
    private readonly NumberOption _limit = new("--limit", "At most so many records; all of them unless given");
    private readonly NumberOption _offset = new("--offset", "Leave out so many of the first records");
    private readonly Option<string?> _cursor = new("--cursor") { Description = "Continue where the page with this cursor ended, with the same filter and sort", HelpName = "TOKEN" };
    private readonly Option<bool> _count = new("--count") { Description = "Print how many records match, as one number; paging plays no part" };
    private readonly Option<bool> _explain = new("--explain") { Description = "Print how the query would run and what it would cost, without running it" };
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();

    public QueryCommand(Session session)
        : base("query", "Find records by a filter; sort, select, page, count or explain", CommandGroup.Records,
            "query file:./data#movies --where \"year >= 1990 and not title like 'The %'\" --sort -rating --limit 10",
            "query file:./data#movies --where \"director is null\" --count",
            "query file:./data#movies --select title,'\"release date\"' --format json")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_uri);
        foreach (var option in new Option[] { _where, _select, _sort, _limit, _offset, _cursor, _count, _explain, _format }) Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var query = new Query
        {
            Filter = arguments.FilterOf(_where),
            Sort = arguments.GetValue(_sort) is { } keys ? [.. PathList.Split(keys).Select(SortKey.Parse)] : [],
            Fields = arguments.GetValue(_select) is { } fields ? [.. PathList.Split(fields).Select(FieldPath.Parse)] : null,
            Limit = arguments.GetValue(_limit),
            Offset = arguments.GetValue(_offset) ?? 0,
            Cursor = arguments.GetValue(_cursor),
        };
        var format = arguments.GetValue(_format);
        if (arguments.GetValue(_count) && arguments.GetValue(_explain)) throw new UsageException("--count and --explain exclude each other.");
        if (arguments.GetValue(_explain) && format == RowFormat.Csv) throw new UsageException("A plan prints as table, json or jsonl, not as csv.");

        var opened = await _session.OpenCollectionAsync(arguments.GetRequiredValue(_uri), cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        if (arguments.GetValue(_count)) _session.Output.WriteLine(await opened.Collection.CountAsync(query.Filter, cancellationToken).ConfigureAwait(false));
        else if (arguments.GetValue(_explain)) PlanText.Print(await opened.Collection.ExplainAsync(query, cancellationToken).ConfigureAwait(false), format, _session.Output);
        else await PrintAsync(opened.Collection, query, format, cancellationToken).ConfigureAwait(false);
        return ExitCode.Done;
    }

    private async Task PrintAsync(Collection collection, Query query, RowFormat format, CancellationToken cancellationToken)
    {
        using var writer = RecordWriter.Create(format, _session.Output, query.Fields);
        long rows = 0;
        string? cursor = null;
        if (query.Limit is null)
        {
            await foreach (var record in collection.StreamAsync(query, cancellationToken).ConfigureAwait(false))
            {
                writer.Write(record);
                rows++;
            }
        }
        else
        {
            var page = await collection.QueryAsync(query, cancellationToken).ConfigureAwait(false);
            foreach (var record in page.Records) writer.Write(record);
            (rows, cursor) = (page.Records.Count, page.Cursor);
        }

        writer.Complete();
        await _session.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (format == RowFormat.Table) _session.Error.WriteLine(rows == 1 ? "1 row" : $"{rows:N0} rows");
        if (cursor is not null) _session.Error.WriteLine($"next page: --cursor {cursor}");
    }
}
