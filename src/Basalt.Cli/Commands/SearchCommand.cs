using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Output;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Search;

namespace Basalt.Cli.Commands;

/// <summary>Finds the records nearest to a vector, most relevant to a text, or both.</summary>
internal sealed class SearchCommand : ToolCommand
{
    private const int DefaultK = 10;
    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly Option<string?> _vector = new("--vector") { Description = "Near to this vector: a JSON array of numbers; @FILE reads one, or the first row of a .fvecs or .bvecs file", HelpName = "JSON|@FILE" };
    private readonly Option<string?> _like = new("--like") { Description = "Near to the vector of this record, which is itself no result", HelpName = "ID" };
    private readonly Option<string?> _text = new("--text") { Description = "About these words: also \"phrases\", prefix*, typo~, +required, -excluded", HelpName = "TEXT" };
    private readonly NumberOption _typos = new("--typos", "Forgive so many typos in words of --text without a ~ of their own: 0 (unless given), 1 or 2");
    private readonly Option<string?> _field = new("--field") { Description = "The field of the vectors; needed where there is not one vector index", HelpName = "FIELD" };
    private readonly Option<string?> _textField = new("--text-field") { Description = "The field of the text; needed where there is not one text index", HelpName = "FIELD" };
    private readonly NumberOption _k = new("-k", $"At most so many results ({DefaultK} unless given); fewer only when fewer match");
    private readonly Option<string?> _where = QueryOptions.Where();
    private readonly Option<bool> _exact = new("--exact") { Description = "Measure every vector that passes, so that the answer is exact" };
    private readonly NumberOption _effort = new("--ef", "Candidates kept while a graph is walked: more find more, slower", minimum: 1);
    private readonly RealOption _maxDistance = new("--max-distance", "Only vectors at most so far away, in the metric of the index");
    private readonly RealOption _diversity = new("--diversity", "Choose results unlike each other: 0 to 1, the weight of nearness beside unlikeness");
    private readonly Option<string?> _groupBy = new("--group-by") { Description = "At most one result, the best, for each value of this field", HelpName = "FIELD" };
    private readonly Option<string?> _weights = new("--weights") { Description = "Fuse vector and text by these weights of their scores, such as vector=0.7,text=0.3; by their ranks unless given", HelpName = "vector=V,text=T" };
    private readonly Option<string?> _select = new("--select") { Description = "Only these fields, separated by commas; nested as address.city, odd names in double quotes", HelpName = "A,B" };
    private readonly ChoiceOption<RowFormat> _format = QueryOptions.Format();
    private readonly Option<bool> _explain = new("--explain") { Description = "Search, and print how it was done instead of the results" };

    public SearchCommand(Session session)
        : base("search", "Find the records nearest to a vector, most relevant to a text, or both; $score ranks them", CommandGroup.Records,
            "search basalt:./data#films --like alien -k 5 --select title",
            "search basalt:./data#films --vector '[0.1, 0.2, 0.3]' --field embedding --where \"year >= 1990\" --format json",
            "search basalt:./data#films --vector @query.fvecs --exact --explain",
            "search basalt:./data#films --text '\"deep space\" +horror' --like alien --weights vector=0.7,text=0.3",
            "search basalt:./data#films --text 'sience ficton' --typos 1")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_uri);
        foreach (var option in new Option[] { _vector, _like, _text, _typos, _field, _textField, _k, _where, _exact, _effort, _maxDistance, _diversity, _groupBy, _weights, _select, _format, _explain }) Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        RefuseContradictions(arguments);
        var format = arguments.GetValue(_format);
        var request = new SearchRequest
        {
            Vector = await VectorInput.ReadAsync(arguments.GetValue(_vector), cancellationToken).ConfigureAwait(false),
            Like = arguments.GetValue(_like),
            Text = arguments.GetValue(_text),
            Typos = (int)Math.Min(arguments.GetValue(_typos) ?? 0, int.MaxValue),
            VectorField = PathOf(arguments.GetValue(_field)),
            TextField = PathOf(arguments.GetValue(_textField)),
            K = (int)Math.Min(arguments.GetValue(_k) ?? DefaultK, int.MaxValue),
            Filter = arguments.FilterOf(_where),
            IsExact = arguments.GetValue(_exact),
            Effort = arguments.GetValue(_effort) is { } effort ? (int)Math.Min(effort, int.MaxValue) : null,
            MaxDistance = (float?)arguments.GetValue(_maxDistance),
            Diversity = arguments.GetValue(_diversity),
            GroupBy = PathOf(arguments.GetValue(_groupBy)),
            Weights = WeightsOf(arguments.GetValue(_weights)),
            Fields = arguments.GetValue(_select) is { } fields ? [.. PathList.Split(fields).Select(FieldPath.Parse)] : null,
        };
        var opened = await _session.OpenCollectionAsync(arguments.GetRequiredValue(_uri), cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        var answer = await opened.Collection.SearchAsync(request, cancellationToken).ConfigureAwait(false);
        if (arguments.GetValue(_explain)) PlanText.Print(answer.Plan, format, _session.Output);
        else await PrintAsync(answer, request.Fields, format, cancellationToken).ConfigureAwait(false);
        return ExitCode.Done;
    }

    // The door tells what a search cannot be; what would be without effect is told here.
    private void RefuseContradictions(ParseResult arguments)
    {
        bool Has(Option option) => arguments.GetResult(option) is { Implicit: false };
        if (!Has(_vector) && !Has(_like) && !Has(_text)) throw new UsageException("Say what to search for: --vector, --like or --text.");
        if (Has(_vector) && Has(_like)) throw new UsageException("--vector and --like exclude each other.");
        if (Has(_exact) && Has(_effort)) throw new UsageException("--exact and --ef exclude each other.");
        if (Has(_explain) && arguments.GetValue(_format) == RowFormat.Csv) throw new UsageException("A plan prints as table, json or jsonl, not as csv.");
        foreach (var option in new Option[] { _field, _exact, _effort, _maxDistance, _diversity })
            if (Has(option) && !Has(_vector) && !Has(_like)) throw new UsageException($"{option.Name} is for a search by --vector or --like.");
        if (Has(_textField) && !Has(_text)) throw new UsageException("--text-field is for a search by --text.");
        if (Has(_typos) && !Has(_text)) throw new UsageException("--typos is for a search by --text.");
        if (Has(_weights) && !(Has(_text) && (Has(_vector) || Has(_like)))) throw new UsageException("--weights is for --text together with --vector or --like.");
    }

    private async Task PrintAsync(SearchAnswer answer, IReadOnlyList<FieldPath>? fields, RowFormat format, CancellationToken cancellationToken)
    {
        var hits = answer.Hits;
        var (hasDistance, hasRelevance) = (hits.Any(static hit => hit.Distance is not null), hits.Any(static hit => hit.Relevance is not null));
        using var writer = RecordWriter.Create(format, _session.Output, fields);
        foreach (var hit in hits)
        {
            // The negated distance of what is at the very place is -0, which nobody wants to read.
            var marks = new List<Mark> { new("$score", hit.Score + 0.0) };
            if (hasDistance) marks.Add(new Mark("$distance", hit.Distance is { } distance ? distance : Value.Null));
            if (hasRelevance) marks.Add(new Mark("$relevance", hit.Relevance is { } relevance ? relevance : Value.Null));
            writer.Write(hit.Record, marks);
        }

        writer.Complete();
        await _session.Output.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (format == RowFormat.Table) _session.Error.WriteLine($"{(hits.Count == 1 ? "1 row" : $"{hits.Count:N0} rows")}, {(answer.Plan.IsExact ? "exact" : "approximate")}");
    }

    private static FieldPath? PathOf(string? text) => text is null ? null : FieldPath.Parse(text);

    /// <summary>Both weights by name, in any order; or without names, that of the vector first.</summary>
    private static (double Vector, double Text)? WeightsOf(string? text)
    {
        if (text is null) return null;
        if (text.Split(',') is [var first, var second])
        {
            var (vector, words) = (Named(first, "vector="), Named(second, "text="));
            if (vector is null && words is null) (vector, words) = (Named(second, "vector="), Named(first, "text="));
            if (vector is null && words is null) (vector, words) = (first, second);
            if (vector is not null && words is not null && RealOption.TryParse(vector, out var v) && RealOption.TryParse(words, out var t)) return (v, t);
        }

        throw new UsageException($"--weights takes two numbers, such as vector=0.7,text=0.3, not '{text}'.");
    }

    private static string? Named(string part, string name) => part.StartsWith(name, StringComparison.Ordinal) ? part[name.Length..] : null;
}
