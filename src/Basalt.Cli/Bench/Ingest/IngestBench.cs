using System.Text.Json.Nodes;
using Basalt.Cli.Bench.Lsm;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Records;
using Basalt.Search;
using Basalt.Vectors;
using Basalt.Vectors.Flat;
using Basalt.Vectors.Hnsw;
using Basalt.Vectors.Samples;

namespace Basalt.Cli.Bench.Ingest;

/// <summary>How a bench of a collection of vectors is run.</summary>
internal sealed record IngestOptions(StoreUri Store, int Batch, IReadOnlyList<int> Efforts, int K, bool Churns);

/// <summary>
/// The life of a collection of vectors: ingest in durable batches, search at once, the index catching up, search beside the bare index, filters, reopening, and what updates and
/// deletions do. Every answer is compared with the exact one.
/// </summary>
internal sealed class IngestBench(Session session, VectorSet set, IngestOptions options)
{
    private const string Field = "vector";
    private static readonly IndexDefinition Index = new(Indexes.IndexKind.Vector, FieldPath.Parse(Field)) { Dimension = 1, Metric = VectorMetric.L2, Method = VectorMethod.Hnsw };
    private const int Rounds = 3;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);
    private readonly JsonObject _figures = [];
    private Neighbour[][] _truth = [];

    private string Name => options.Store.Collection ?? "vectors";

    public async Task<JsonObject> RunAsync(CancellationToken cancellationToken)
    {
        (_figures["store"], _figures["n"], _figures["dimension"], _figures["batch"], _figures["k"]) = (options.Store.ToString(), set.Base.Count, set.Dimension, options.Batch, options.K);
        _truth = Truth(null, cancellationToken);
        var database = await session.OpenAsync(options.Store, cancellationToken).ConfigureAwait(false);
        try
        {
            if (!await database.CreateCollectionAsync(Name, null, cancellationToken).ConfigureAwait(false)) throw new UsageException($"{options.Store} has a collection '{Name}' already; name one that is not there.");
            var things = database.Collection(Name);
            await things.CreateIndexAsync(Index with { Dimension = set.Dimension }, cancellationToken).ConfigureAwait(false);
            await IngestAsync(things, cancellationToken).ConfigureAwait(false);
            _figures["search_at_once"] = await SearchAsync(things, 0, Math.Min(50, set.QueryCount), cancellationToken).ConfigureAwait(false);
            await SettleAsync(things, "settle_seconds", cancellationToken).ConfigureAwait(false);
            await CompareAsync(things, cancellationToken).ConfigureAwait(false);
            await FilterAsync(things, cancellationToken).ConfigureAwait(false);
            await database.DisposeAsync().ConfigureAwait(false);
            database = await ReopenAsync(cancellationToken).ConfigureAwait(false);
            if (options.Churns) await ChurnAsync(database.Collection(Name), cancellationToken).ConfigureAwait(false);
            _figures["peak_rss_bytes"] = MemoryPeak.Bytes;
            return _figures;
        }
        finally
        {
            await database.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static string Id(int row) => $"{row:D9}";

    /// <summary>A record of a row: attributes that are independent of the vector, and one that goes with it.</summary>
    private Record Thing(int row)
    {
        var vector = new float[set.Dimension];
        Vector(row, vector);
        return new Record { Id = Id(row), [Field] = Value.FromVector(vector), ["permille"] = Permille(row), ["first"] = (double)vector[0] };
    }

    /// <summary>0 to 999, by no means of the vector.</summary>
    private static int Permille(int row) => (int)(GaussianMixture.Attribute(row) * 10L + GaussianMixture.Attribute(row + 1_000_003) % 10);

    private unsafe void Vector(int row, Span<float> vector) => new ReadOnlySpan<float>(set.Base.Rows[row], set.Dimension).CopyTo(vector);

    private async Task IngestAsync(Collection things, CancellationToken cancellationToken)
    {
        session.Error.WriteLine($"ingest of {set.Base.Count:N0} x {set.Dimension} in batches of {options.Batch:N0}");
        var (started, made) = (Now, TimeSpan.Zero);
        for (var first = 0; first < set.Base.Count; first += options.Batch)
        {
            var making = Now;
            var batch = Enumerable.Range(first, Math.Min(options.Batch, set.Base.Count - first)).Select(Thing).ToArray();
            made += session.TimeProvider.GetElapsedTime(making);
            (await things.CreateManyAsync(batch, cancellationToken: cancellationToken).ConfigureAwait(false)).EnsureDone();
        }

        var seconds = Seconds(started);
        _figures["ingest_per_s"] = Rounded(set.Base.Count / (seconds - made.TotalSeconds));
        _figures["ingest_with_making_records_per_s"] = Rounded(set.Base.Count / seconds);
    }

    private async Task SettleAsync(Collection things, string name, CancellationToken cancellationToken)
    {
        session.Error.WriteLine("the index catches up");
        var started = Now;
        await things.SettleIndexesAsync(null, cancellationToken).ConfigureAwait(false);
        _figures[name] = Rounded(Seconds(started));
    }

    /// <summary>The engine's search and that of the same graph in memory, in turn.</summary>
    private async Task CompareAsync(Collection things, CancellationToken cancellationToken)
    {
        session.Error.WriteLine("the same graph without the engine");
        var started = Now;
        using var bare = HnswIndex.Build(set.Base.Rows, Metric.L2, new HnswOptions { Codes = HnswCodes.Int8, Threads = Environment.ProcessorCount }, cancellationToken);
        var seconds = Seconds(started);
        _figures["bulk_build_seconds"] = Rounded(seconds);
        _figures["settle_per_bulk_build"] = Rounded(_figures["settle_seconds"]!.GetValue<double>() / seconds);
        var runs = new JsonArray();
        foreach (var effort in options.Efforts)
        {
            var engine = await SearchAsync(things, effort, set.QueryCount, cancellationToken).ConfigureAwait(false);
            var alone = SearchBare(bare, effort, cancellationToken);
            engine["bare_qps"] = Rounded(alone);
            engine["qps_per_bare"] = Rounded(engine["qps"]!.GetValue<double>() / alone);
            session.Error.WriteLine($"ef {effort}: {engine.ToJsonString()}");
            runs.Add(engine);
        }

        _figures["runs"] = runs;
    }

    private double SearchBare(HnswIndex bare, int effort, CancellationToken cancellationToken)
    {
        var results = new Neighbour[options.K];
        var search = new SearchOptions { Effort = effort, CancellationToken = cancellationToken };
        var rates = new List<double>();
        for (var begun = Now; session.TimeProvider.GetElapsedTime(begun) < WarmUp || rates.Count < Rounds;)
        {
            var started = Now;
            for (var q = 0; q < set.QueryCount; q++) bare.Search(set.Query(q), results, search, out var _);
            rates.Add(set.QueryCount / Seconds(started));
        }

        return rates.TakeLast(Rounds).Order().ElementAt(Rounds / 2);
    }

    private async Task<JsonObject> SearchAsync(Collection things, int effort, int queries, CancellationToken cancellationToken, Filter? filter = null, Neighbour[][]? truth = null)
    {
        var (hits, expected, short_, times) = (0L, 0L, 0, new List<double>());
        var rates = new List<double>();
        var found = new string[queries][];
        SearchPlan? plan = null;
        // The compiler optimises what ran often, in the background: the rounds of the first second do not count.
        var begun = Now;
        for (var counted = 0; counted < Rounds; counted += queries < set.QueryCount || session.TimeProvider.GetElapsedTime(begun) > WarmUp ? 1 : 0)
        {
            times.Clear();
            (hits, expected, short_) = (0, 0, 0);
            var started = Now;
            for (var q = 0; q < queries; q++)
            {
                var asked = Now;
                var answer = await things.SearchAsync(new SearchRequest { Vector = set.Queries.AsMemory(q * set.Dimension, set.Dimension), K = options.K, Effort = effort == 0 ? null : effort, Filter = filter ?? Filter.True }, cancellationToken).ConfigureAwait(false);
                times.Add(session.TimeProvider.GetElapsedTime(asked).TotalMicroseconds);
                plan = answer.Plan;
                found[q] = [.. answer.Hits.Select(static hit => hit.Record.Id)];
            }

            rates.Add(queries / Seconds(started));
            // Beside the clock, as the bare graph's answers are not compared either.
            for (var q = 0; q < queries; q++)
            {
                var nearest = (truth ?? _truth)[q];
                expected += nearest.Length;
                if (found[q].Length < nearest.Length) short_++;
                hits += nearest.Count(neighbour => found[q].Contains(Id(neighbour.Ordinal)));
            }
        }

        times.Sort();
        var rate = rates.TakeLast(Rounds).Order().ElementAt(Rounds / 2);
        return new JsonObject
        {
            ["ef"] = effort,
            ["recall"] = Math.Round(expected == 0 ? 1 : (double)hits / expected, 4),
            ["qps"] = Rounded(rate),
            ["p50_us"] = Rounded(times[times.Count / 2]),
            ["p99_us"] = Rounded(times[(int)(times.Count * 0.99)]),
            ["fewer_than_k"] = short_,
            ["plan"] = plan?.ToString(),
        };
    }

    /// <summary>Filters that keep a share of the records: by no means of the vectors, and such that go with them.</summary>
    private async Task FilterAsync(Collection things, CancellationToken cancellationToken)
    {
        session.Error.WriteLine("indexes of the fields that are filtered by");
        var started = Now;
        foreach (var field in new[] { "permille", "first" }) await things.CreateIndexAsync(new IndexDefinition(Indexes.IndexKind.Scalar, FieldPath.Parse(field)), cancellationToken).ConfigureAwait(false);
        await things.SettleIndexesAsync(null, cancellationToken).ConfigureAwait(false);
        _figures["scalar_indexes_seconds"] = Rounded(Seconds(started));
        var firsts = new float[set.Base.Count];
        var vector = new float[set.Dimension];
        for (var row = 0; row < firsts.Length; row++)
        {
            Vector(row, vector);
            firsts[row] = vector[0];
        }

        var sorted = firsts.Order().ToArray();
        var all = new JsonArray();
        foreach (var permille in new[] { 1, 10, 100, 500 })
        {
            var bound = (double)sorted[Math.Min(sorted.Length - 1, (int)((long)sorted.Length * permille / 1000))];
            foreach (var (isCorrelated, filter) in new[] { (false, Filter.Parse($"permille < {permille}")), (true, Filter.Parse($"first < {bound:R}")) })
            {
                var passing = new OrdinalSet(set.Base.Count);
                for (var row = 0; row < set.Base.Count; row++)
                    if (isCorrelated ? firsts[row] < bound : Permille(row) < permille) passing.Add(row);
                var figures = await SearchAsync(things, 0, Math.Min(100, set.QueryCount), cancellationToken, filter, Truth(passing, cancellationToken)).ConfigureAwait(false);
                (figures["selectivity"], figures["correlated"]) = (permille / 1000.0, isCorrelated);
                session.Error.WriteLine($"filter: {figures.ToJsonString()}");
                all.Add(figures);
            }
        }

        _figures["filters"] = all;
    }

    private async Task<Database> ReopenAsync(CancellationToken cancellationToken)
    {
        var started = Now;
        var database = await session.OpenAsync(options.Store, cancellationToken).ConfigureAwait(false);
        var opened = Seconds(started);
        await database.Collection(Name).SearchAsync(new SearchRequest { Vector = set.Queries.AsMemory(0, set.Dimension), K = options.K }, cancellationToken).ConfigureAwait(false);
        (_figures["reopen_ms"], _figures["reopen_and_first_query_ms"]) = (Rounded(opened * 1e3), Rounded(Seconds(started) * 1e3));
        return database;
    }

    /// <summary>Updates 30 of a hundred records to the vectors of others and back, and deletes 30 of a hundred.</summary>
    private async Task ChurnAsync(Collection things, CancellationToken cancellationToken)
    {
        session.Error.WriteLine("30 % updated, 30 % deleted");
        var random = new Random(4711);
        var order = Enumerable.Range(0, set.Base.Count).ToArray();
        random.Shuffle(order);
        var share = set.Base.Count * 3 / 10;
        for (var first = 0; first < share; first += options.Batch)
            (await things.UpsertManyAsync([.. order.Skip(first).Take(Math.Min(options.Batch, share - first)).Select(Thing)], cancellationToken: cancellationToken).ConfigureAwait(false)).EnsureDone();
        var deleted = order.Skip(share).Take(share).ToArray();
        for (var first = 0; first < share; first += options.Batch)
            (await things.DeleteManyAsync([.. deleted.Skip(first).Take(Math.Min(options.Batch, share - first)).Select(Id)], cancellationToken: cancellationToken).ConfigureAwait(false)).EnsureDone();
        var left = new OrdinalSet(set.Base.Count);
        for (var row = 0; row < set.Base.Count; row++) left.Add(row);
        foreach (var row in deleted) left.Remove(row);
        var truth = Truth(left, cancellationToken);
        var churned = new JsonArray();
        foreach (var effort in options.Efforts) churned.Add(await SearchAsync(things, effort, Math.Min(200, set.QueryCount), cancellationToken, null, truth).ConfigureAwait(false));
        _figures["churned"] = churned;
        await SettleAsync(things, "settle_after_churn_seconds", cancellationToken).ConfigureAwait(false);
        var settled = new JsonArray();
        foreach (var effort in options.Efforts) settled.Add(await SearchAsync(things, effort, Math.Min(200, set.QueryCount), cancellationToken, null, truth).ConfigureAwait(false));
        _figures["churned_and_settled"] = settled;
    }

    private Neighbour[][] Truth(OrdinalSet? filter, CancellationToken cancellationToken)
    {
        using var exact = new FlatIndex(Metric.L2, set.Base.Rows);
        var (results, found) = (new Neighbour[set.QueryCount * options.K], new int[set.QueryCount]);
        exact.SearchBatch(set.Queries, options.K, results, found, new SearchOptions { Filter = filter, CancellationToken = cancellationToken }, Environment.ProcessorCount);
        return [.. Enumerable.Range(0, set.QueryCount).Select(q => results.AsSpan(q * options.K, found[q]).ToArray())];
    }

    private long Now => session.TimeProvider.GetTimestamp();

    private double Seconds(long started) => session.TimeProvider.GetElapsedTime(started).TotalSeconds;

    private static double Rounded(double value) => Math.Round(value, value < 10 ? 3 : 1);
}
