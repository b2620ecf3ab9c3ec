using System.Runtime.CompilerServices;
using Basalt.Filters;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Telemetry;

namespace Basalt;

/// <summary>How far a stream is.</summary>
/// <param name="Records">Records delivered so far.</param>
/// <param name="Total">How many there will be, or null when only the end of the stream can tell.</param>
/// <param name="Elapsed">Time since the stream began.</param>
public sealed record StreamProgress(long Records, long? Total, TimeSpan Elapsed)
{
    /// <summary>The part that is delivered, from 0 to 1, or null without a total.</summary>
    public double? Fraction => Total is { } total ? total == 0 ? 1 : Math.Min(1, (double)Records / total) : null;
}

/// <summary>A page of an answer.</summary>
/// <param name="Records">The records, in order.</param>
/// <param name="Cursor">Where the next page starts, or null when there is none.</param>
public sealed record Page(IReadOnlyList<Record> Records, string? Cursor);

public sealed partial class Collection
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>The answer to a query, or the page of it that the limit cuts out, with the cursor of the next page.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>, or <see cref="ErrorCode.NotFound"/> when the collection does not exist.</exception>
    public ValueTask<Page> QueryAsync(Query query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Operation.RunAsync(System, "query", Name, (this, query), static (s, ct) => s.Item1.QueryCoreAsync(s.query, ct), cancellationToken);
    }

    /// <summary>The same answer as <see cref="QueryAsync"/>, record by record in bounded memory, from one snapshot.</summary>
    /// <inheritdoc cref="QueryAsync"/>
    public async IAsyncEnumerable<Record> StreamAsync(Query query, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var operation = Operation.Start(System, "stream", Name);
        long rows = 0;
        Exception? fault = null;
        try
        {
            QueryPlan plan;
            try
            {
                plan = await PlanAsync(query, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e)
            {
                fault = e;
                throw;
            }

            var answer = QueryExecution.RunAsync(_records, plan, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (answer.ConfigureAwait(false))
            {
                while (true)
                {
                    try
                    {
                        if (!await answer.MoveNextAsync().ConfigureAwait(false)) break;
                    }
                    catch (Exception e)
                    {
                        fault = e;
                        throw;
                    }

                    rows++;
                    yield return answer.Current;
                }
            }
        }
        finally
        {
            operation.Returned(rows);
            operation.End(fault);
        }
    }

    /// <summary>The same stream, with reports of progress: about ten a second at most, and one at the end. Counts nothing beforehand: the total is
    /// known where the backend keeps the number of records and no filter chooses among them.</summary>
    /// <inheritdoc cref="QueryAsync"/>
    public async IAsyncEnumerable<Record> StreamAsync(Query query, IProgress<StreamProgress> progress, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(progress);
        var time = _database.Options.TimeProvider;
        var started = time.GetTimestamp();
        var reported = started;
        var total = await TotalAsync(query, cancellationToken).ConfigureAwait(false);
        long records = 0;
        await foreach (var record in StreamAsync(query, cancellationToken).ConfigureAwait(false))
        {
            yield return record;
            // The clock is read now and then, so that it costs nothing a record.
            if ((++records & 0x3F) != 0 || time.GetElapsedTime(reported) < ProgressInterval) continue;
            reported = time.GetTimestamp();
            progress.Report(new StreamProgress(records, total, time.GetElapsedTime(started)));
        }

        progress.Report(new StreamProgress(records, records, time.GetElapsedTime(started)));
    }

    private async ValueTask<long?> TotalAsync(Query query, CancellationToken cancellationToken)
    {
        if (query.Filter != Filter.True || query.Cursor is not null || !ReferenceEquals(_records, _database.Backend)) return null;
        if (await _database.Backend.DescribeAsync(Name, cancellationToken).ConfigureAwait(false) is not { Records: { } stored }) return null;
        return Math.Min(Math.Max(0, stored - query.Offset), query.Limit ?? long.MaxValue);
    }

    /// <summary>How many records satisfy the filter; all of them without one. Paging plays no part.</summary>
    public ValueTask<long> CountAsync(Filter? filter = null, CancellationToken cancellationToken = default) =>
        Operation.RunAsync(System, "count", Name, (this, filter ?? Filter.True), static (s, ct) => s.Item1.CountCoreAsync(s.Item2, ct), cancellationToken);

    /// <summary>How the query would run and what it would cost, without running it.</summary>
    public async ValueTask<QueryPlan> ExplainAsync(Query query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var plan = await PlanAsync(query, cancellationToken).ConfigureAwait(false);
        return plan with { Cost = await _database.Backend.EstimateAsync(Name, plan.Pushed, cancellationToken).ConfigureAwait(false) };
    }

    private async ValueTask<QueryPlan> PlanAsync(Query query, CancellationToken cancellationToken)
    {
        RequireKnown(await SchemaAsync(cancellationToken).ConfigureAwait(false), query);
        return QueryPlanner.Plan(query, _database.Capabilities, Name, leaf => _database.Backend.Supports(Name, leaf));
    }

    private async ValueTask<Page> QueryCoreAsync(Query query, CancellationToken cancellationToken)
    {
        var plan = await PlanAsync(query, cancellationToken).ConfigureAwait(false);
        var records = new List<Record>();
        if (query.Limit == 0)
        {
            // Only to fail as any query of a collection that does not exist.
            await _records.CountAsync(Name, Filter.False, cancellationToken).ConfigureAwait(false);
            return new Page(records, null);
        }

        var toSkip = query.Offset;
        string? cursor = null;
        Record? last = null;
        await foreach (var record in QueryExecution.Ordered(_records, plan, cancellationToken).ConfigureAwait(false))
        {
            if (toSkip > 0)
            {
                toSkip--;
                continue;
            }

            if (records.Count == query.Limit)
            {
                cursor = Queries.Cursor.Write(query, last!);
                break;
            }

            last = record;
            records.Add(Projection.Apply(record, query.Fields));
        }

        return new Page(records, cursor);
    }

    private async ValueTask<long> CountCoreAsync(Filter filter, CancellationToken cancellationToken)
    {
        var plan = await PlanAsync(Query.Where(filter) with { Fields = [] }, cancellationToken).ConfigureAwait(false);
        if (plan.Residual == Filter.True && await _records.CountAsync(Name, filter, cancellationToken).ConfigureAwait(false) is { } known) return known;
        long count = 0;
        await foreach (var _ in ScanMatchesAsync(filter, cancellationToken).ConfigureAwait(false)) count++;
        return count;
    }

    /// <summary>
    /// The matches in any order, from one snapshot, each with at least the fields that the query selects. Sort, page and cursor play no part. The backend's own stream where it answers the
    /// whole filter, so that nothing stands between.
    /// </summary>
    internal async ValueTask<IAsyncEnumerable<Record>> ScanAsync(Query query, CancellationToken cancellationToken)
    {
        var plan = await PlanAsync(new Query { Filter = query.Filter, Fields = query.Fields }, cancellationToken).ConfigureAwait(false);
        var records = _records.ScanAsync(Name, plan.Pushed with { AnyOrder = true }, cancellationToken);
        return plan.Residual == Filter.True ? records : Test(records, plan.Residual.Compile());
    }

    private static async IAsyncEnumerable<Record> Test(IAsyncEnumerable<Record> records, Predicate<Record> matches)
    {
        await foreach (var record in records.ConfigureAwait(false))
            if (matches(record)) yield return record;
    }

    /// <summary>The matches in any order, from one snapshot.</summary>
    private async IAsyncEnumerable<Record> ScanMatchesAsync(Filter filter, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var plan = await PlanAsync(Query.Where(filter), cancellationToken).ConfigureAwait(false);
        var residual = plan.Residual == Filter.True ? null : plan.Residual.Compile();
        await foreach (var record in _records.ScanAsync(Name, plan.Pushed with { AnyOrder = true }, cancellationToken).ConfigureAwait(false))
            if (residual is null || residual(record)) yield return record;
    }
}
