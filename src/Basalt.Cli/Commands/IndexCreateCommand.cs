using System.CommandLine;
using Basalt.Cli.Arguments;
using Basalt.Cli.Movement;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Cli.Commands;

/// <summary>Adds an index to a collection.</summary>
internal sealed class IndexCreateCommand : ToolCommand
{
    private readonly Session _session;
    private readonly StoreArgument _uri;
    private readonly Argument<string> _field = IndexOptions.Field();
    private readonly ChoiceOption<IndexKind> _kind = new("--kind", "What the index answers: comparisons, words, or nearness; unless given vector where the field's first value is one, else scalar");
    private readonly NumberOption _dimension = new("--dimension", "Elements of a vector; those of the first one in the field unless given", minimum: 1);
    private readonly ChoiceOption<VectorMetric> _metric = new("--metric", "How far vectors are apart (cosine unless given)");
    private readonly ChoiceOption<VectorMethod> _method = new("--method", "How near vectors are found: exactly, or by a graph; by their number unless given");
    private readonly ChoiceOption<VectorCodes> _codes = new("--codes", "What a graph is walked by: a byte an element, or the full vectors (int8 unless given)");
    private readonly NumberOption _m = new("--m", "Links of a node of a graph: 2 to 128 (16 unless given)", minimum: 2);
    private readonly NumberOption _efConstruction = new("--ef-construction", "Candidates while a graph is built: 8 to 4096 (200 unless given)", minimum: 8);
    private readonly Option<bool> _wait = new("--wait") { Description = "End when the index covers everything; else it goes on being built whenever the database is open" };

    public IndexCreateCommand(Session session)
        : base("create", "Add an index to a collection; records that are there are indexed in the background and found meanwhile", CommandGroup.Collections,
            "index create basalt:./data#films embedding --wait",
            "index create basalt:./data#films embedding --kind vector --dimension 384 --metric dot --method hnsw --m 24 --ef-construction 300",
            "index create basalt:./data#films genre --kind scalar")
    {
        _session = session;
        _uri = StoreArgument.Collection(session.Backends);
        Add(_uri);
        Add(_field);
        foreach (var option in new Option[] { _kind, _dimension, _metric, _method, _codes, _m, _efConstruction, _wait }) Add(option);
        SetAction(RunAsync);
    }

    private async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var path = FieldPath.Parse(arguments.GetRequiredValue(_field));
        var asked = _kind.GivenIn(arguments);
        if (asked is not (null or IndexKind.Vector)) RefuseVectorOptions(arguments, asked.Value);
        var opened = await _session.OpenCollectionAsync(arguments.GetRequiredValue(_uri), cancellationToken).ConfigureAwait(false);
        await using var closing = opened.ConfigureAwait(false);
        await opened.DescribeAsync(cancellationToken).ConfigureAwait(false);
        var kind = asked ?? await GuessAsync(opened.Collection, path, cancellationToken).ConfigureAwait(false);
        var index = new IndexDefinition(kind, path);
        if (kind == IndexKind.Vector) index = await VectorIndexAsync(arguments, opened.Collection, index, cancellationToken).ConfigureAwait(false);
        else RefuseVectorOptions(arguments, kind);
        var isNew = await opened.Collection.CreateIndexAsync(index, cancellationToken).ConfigureAwait(false);
        // The same once more is fine; another one in its place is not.
        if (!isNew && !(await opened.Collection.ListIndexesAsync(cancellationToken).ConfigureAwait(false)).Any(state => state.Definition == index))
            throw new BasaltException(ErrorCode.AlreadyExists, $"'{opened.Name}' has another index {index.Name} already; drop it first.") { Target = opened.Name };
        _session.Error.WriteLine($"{(isNew ? "created" : "there already:")} {index.Name}{(index.Dimension is { } dimension ? $", {dimension} elements, {IndexOptions.Word(index.Metric)}" : "")}");
        if (!arguments.GetValue(_wait)) return ExitCode.Done;
        await ShareView.ShowAsync(_session, "indexing", async progress =>
        {
            await opened.Collection.SettleIndexesAsync(progress, cancellationToken).ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);
        _session.Error.WriteLine($"indexed all of '{opened.Name}'");
        return ExitCode.Done;
    }

    private void RefuseVectorOptions(ParseResult arguments, IndexKind kind)
    {
        foreach (var option in new Option[] { _dimension, _metric, _method, _codes, _m, _efConstruction })
            if (arguments.GetResult(option) is { Implicit: false }) throw new UsageException($"{option.Name} is for a vector index; this one is {IndexOptions.Word(kind)}.");
    }

    private async ValueTask<IndexDefinition> VectorIndexAsync(ParseResult arguments, Collection collection, IndexDefinition index, CancellationToken cancellationToken)
    {
        index = index with
        {
            Dimension = (int?)AtMostInt(arguments.GetValue(_dimension)) ?? await FirstDimensionAsync(collection, index.Path, cancellationToken).ConfigureAwait(false),
            Metric = _metric.GivenIn(arguments) ?? index.Metric,
            Method = _method.GivenIn(arguments) ?? index.Method,
            Codes = _codes.GivenIn(arguments) ?? index.Codes,
        };
        if (AtMostInt(arguments.GetValue(_m)) is { } m) index = index with { M = (int)m };
        return AtMostInt(arguments.GetValue(_efConstruction)) is { } ef ? index with { EfConstruction = (int)ef } : index;
    }

    // The definition refuses what is too large; here it only has to fit.
    private static long? AtMostInt(long? number) => number is { } given ? Math.Min(given, int.MaxValue) : null;

    private static async ValueTask<IndexKind> GuessAsync(Collection collection, FieldPath path, CancellationToken cancellationToken)
    {
        await foreach (var value in ValuesAsync(collection, path, cancellationToken).ConfigureAwait(false)) return value.Kind == ValueKind.Vector ? IndexKind.Vector : IndexKind.Scalar;
        throw new BasaltException(ErrorCode.InvalidOptions, $"No record of '{collection.Name}' has a value at {path}; say which index it is to be by --kind.") { Target = collection.Name };
    }

    private static async ValueTask<int> FirstDimensionAsync(Collection collection, FieldPath path, CancellationToken cancellationToken)
    {
        await foreach (var value in ValuesAsync(collection, path, cancellationToken).ConfigureAwait(false))
            if (value.Kind == ValueKind.Vector) return value.AsVector.Length;
        throw new BasaltException(ErrorCode.InvalidOptions, $"No record of '{collection.Name}' has a vector at {path}; say how many elements vectors will have by --dimension.") { Target = collection.Name };
    }

    private static async IAsyncEnumerable<Value> ValuesAsync(Collection collection, FieldPath path, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var query = Query.Where(Filter.Parse($"{path} is not null")) with { Fields = [path] };
        await foreach (var record in collection.StreamAsync(query, cancellationToken).ConfigureAwait(false)) yield return path.Resolve(record);
    }
}
