using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Basalt.Telemetry;

/// <summary>
/// Traces and measures one operation by the OpenTelemetry conventions for database clients: a span named <c>create movies</c> with
/// <c>db.system.name</c>, <c>db.operation.name</c>, <c>db.collection.name</c> and <c>error.type</c>, and the histogram
/// <c>db.client.operation.duration</c> in seconds. Field values and filters' literals are never recorded. Costs a few nanoseconds while nobody listens.
/// </summary>
internal readonly struct Operation
{
    public const string SourceName = "Basalt";
    private static readonly ActivitySource Source = new(SourceName);
    private static readonly Meter Meter = new(SourceName);
    private static readonly Histogram<double> Duration = Meter.CreateHistogram<double>("db.client.operation.duration", "s", "Duration of database client operations.");
    private static readonly Histogram<long> ReturnedRows = Meter.CreateHistogram<long>("db.client.response.returned_rows", "{row}", "Records returned by an operation.");

    private readonly Activity? _activity;
    private readonly long _started;
    private readonly string _system;
    private readonly string _name;
    private readonly string _collection;

    private Operation(string system, string name, string collection)
    {
        _system = system;
        _name = name;
        _collection = collection;
        _started = Stopwatch.GetTimestamp();
        _activity = Source.StartActivity($"{name} {collection}", ActivityKind.Client);
        _activity?.SetTag("db.system.name", "basalt." + system).SetTag("db.operation.name", name).SetTag("db.collection.name", collection);
    }

    public static bool IsObserved => Source.HasListeners() || Duration.Enabled || ReturnedRows.Enabled;

    /// <summary>Runs a step, observed when somebody listens.</summary>
    public static ValueTask<T> RunAsync<TState, T>(
        string system, string name, string collection, TState state, Func<TState, CancellationToken, ValueTask<T>> step, CancellationToken cancellationToken)
        => IsObserved ? ObserveAsync(system, name, collection, state, step, cancellationToken) : step(state, cancellationToken);

    private static async ValueTask<T> ObserveAsync<TState, T>(
        string system, string name, string collection, TState state, Func<TState, CancellationToken, ValueTask<T>> step, CancellationToken cancellationToken)
    {
        var operation = Start(system, name, collection);
        try
        {
            var result = await step(state, cancellationToken).ConfigureAwait(false);
            operation.End(null);
            return result;
        }
        catch (Exception e)
        {
            operation.End(e);
            throw;
        }
    }

    public static Operation Start(string system, string name, string collection) => new(system, name, collection);

    public void Returned(long rows)
    {
        _activity?.SetTag("db.response.returned_rows", rows);
        ReturnedRows.Record(rows, Tags(null));
    }

    public void End(Exception? error)
    {
        var errorType = error switch { null => null, BasaltException basalt => basalt.Code.ToString(), _ => error.GetType().FullName };
        if (errorType is not null) _activity?.SetTag("error.type", errorType).SetStatus(ActivityStatusCode.Error, error!.Message);
        Duration.Record(Stopwatch.GetElapsedTime(_started).TotalSeconds, Tags(errorType));
        _activity?.Dispose();
    }

    private TagList Tags(string? errorType)
    {
        var tags = new TagList { { "db.system.name", "basalt." + _system }, { "db.operation.name", _name }, { "db.collection.name", _collection } };
        if (errorType is not null) tags.Add("error.type", errorType);
        return tags;
    }
}
