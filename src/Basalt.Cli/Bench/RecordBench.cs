using Basalt.Filters;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Cli.Bench;

/// <summary>
/// Measures awaited calls through <see cref="Collection"/> by one thread. Records have five fields (text, int64, double, bool, date-time) and are
/// made beforehand; reads, updates and deletes go through the ids in random order. Each figure is of its own operations, after a warm-up, with the heap settled.
/// </summary>
internal sealed class RecordBench(Database database, int count, TimeProvider time)
{
    private const int BatchSize = 1_000;
    private const int Cities = 100;
    private const int SearchLimit = 10;
    private const int WarmUpCount = 4_000;
    private const int WarmUpRounds = 6;
    private const int Seed = 20_250_101;
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan RepeatTime = TimeSpan.FromMilliseconds(500);
    private readonly string _name = $"bench-{Guid.NewGuid():N}";

    public async Task<RecordFigures> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await WarmUpAsync(cancellationToken).ConfigureAwait(false);
            return await MeasureAsync(count, RepeatTime, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await database.DropCollectionAsync(_name, CancellationToken.None).ConfigureAwait(false);
        }
    }

    // The compiler optimises what ran often, in the background: several rounds with a pause, or two seconds on a slow store.
    private async Task WarmUpAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        for (var round = 0; round < WarmUpRounds && time.GetElapsedTime(started) < WarmUpTime; round++)
        {
            await MeasureAsync(Math.Min(count, WarmUpCount), TimeSpan.FromMilliseconds(20), cancellationToken).ConfigureAwait(false);
            await Task.Delay(TimeSpan.FromMilliseconds(150), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<RecordFigures> MeasureAsync(int n, TimeSpan repeatTime, CancellationToken cancellationToken)
    {
        var random = new Random(Seed);
        var collection = database.Collection(_name);
        var records = Enumerable.Range(0, n).Select(i => Make(i, random)).ToArray();
        var ids = new string[n];

        var create = await TimeAsync(n, async i => ids[i] = (await collection.CreateAsync(records[i], cancellationToken).ConfigureAwait(false)).Id).ConfigureAwait(false);
        random.Shuffle(ids);
        var read = await TimeAsync(n, async i => Expect(await collection.GetAsync(ids[i], cancellationToken).ConfigureAwait(false) is not null)).ConfigureAwait(false);
        for (var i = 0; i < n; i++) records[i] = Make(i + n, random) with { Id = ids[i] };
        var update = await TimeAsync(n, async i => Expect(await collection.UpdateAsync(records[i], null, cancellationToken).ConfigureAwait(false) is not null)).ConfigureAwait(false);
        var textFilter = await CountAsync(collection, n, Filter.Field("city") == City(7), repeatTime, cancellationToken).ConfigureAwait(false);
        var numberFilter = await CountAsync(collection, n, Filter.Field("number") == n + 7, repeatTime, cancellationToken).ConfigureAwait(false);
        var search = await SearchAsync(collection, repeatTime, cancellationToken).ConfigureAwait(false);
        random.Shuffle(ids);
        var delete = await TimeAsync(n, async i => Expect(await collection.DeleteAsync(ids[i], null, cancellationToken).ConfigureAwait(false))).ConfigureAwait(false);

        var batches = records.Select(static record => record with { Id = "" }).Chunk(BatchSize).ToArray();
        var batch = await TimeAsync(batches.Length, async i => (await collection.CreateManyAsync(batches[i], null, cancellationToken).ConfigureAwait(false)).EnsureDone()).ConfigureAwait(false);
        await database.DropCollectionAsync(_name, cancellationToken).ConfigureAwait(false);
        return new RecordFigures(n,
        [
            ("create_per_s", create), ("read_per_s", read), ("update_per_s", update), ("delete_per_s", delete), ("batch_create_per_s", batch * n / batches.Length),
            ("filter_records_per_s", numberFilter), ("filter_text_records_per_s", textFilter), ("search_per_s", search),
        ]);
    }

    /// <summary>Operations per second.</summary>
    private async Task<double> TimeAsync(int operations, Func<int, ValueTask> operation)
    {
        Settle();
        var started = time.GetTimestamp();
        for (var i = 0; i < operations; i++) await operation(i).ConfigureAwait(false);
        return operations / time.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>Records looked at per second by counts with a filter.</summary>
    private async Task<double> CountAsync(Collection collection, int n, Filter filter, TimeSpan repeatTime, CancellationToken cancellationToken) =>
        n * await RepeatAsync(async () => Expect(await collection.CountAsync(filter, cancellationToken).ConfigureAwait(false) <= n), repeatTime).ConfigureAwait(false);

    /// <summary>Filtered queries for the first few records per second.</summary>
    private Task<double> SearchAsync(Collection collection, TimeSpan repeatTime, CancellationToken cancellationToken)
    {
        var at = 0;
        return RepeatAsync(async () =>
        {
            var query = Query.Where(Filter.Field("city") == City(at++ % Cities)).Take(SearchLimit);
            Expect((await collection.QueryAsync(query, cancellationToken).ConfigureAwait(false)).Records.Count <= SearchLimit);
        }, repeatTime);
    }

    private async Task<double> RepeatAsync(Func<ValueTask> operation, TimeSpan repeatTime)
    {
        Settle();
        var started = time.GetTimestamp();
        var repeats = 0;
        TimeSpan elapsed;
        do
        {
            await operation().ConfigureAwait(false);
            repeats++;
            elapsed = time.GetElapsedTime(started);
        }
        while (elapsed < repeatTime);
        return repeats / elapsed.TotalSeconds;
    }

    private static void Settle()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    private static void Expect(bool isTrue)
    {
        if (!isTrue) throw new BasaltException(ErrorCode.Unexpected, "The store lost a record while it was measured, or found too many.");
    }

    private static string City(int number) => $"city {number}";

    private static Record Make(int number, Random random) => new()
    {
        ["city"] = City(random.Next(Cities)),
        ["number"] = number,
        ["score"] = random.NextDouble(),
        ["active"] = random.Next(2) == 0,
        ["at"] = DateTimeOffset.UnixEpoch.AddSeconds(random.Next()),
    };
}
