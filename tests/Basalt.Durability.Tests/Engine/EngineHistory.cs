using Basalt.Backends;
using Basalt.Engine;
using Basalt.Filters;
using Basalt.Indexes;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Search;

namespace Basalt.Durability.Tests.Engine;

/// <summary>A history of batches of writes to one collection with indexes of every kind, of which it is known what each leaves. Each batch says its number in a record of its own.</summary>
internal sealed class EngineHistory(int seed)
{
    private const int Ids = 150;
    private const string Name = "things";
    private const string Marker = "marker";
    private static readonly string[] Words = ["basalt", "granite", "lava", "tuff", "slate"];

    /// <summary>How many batches were acknowledged, and how many were begun: one more at most.</summary>
    public int Acknowledged { get; private set; }

    public int Begun { get; private set; }

    /// <summary>Notes that so many are known to be safe.</summary>
    public void Claim(int acknowledged) => (Acknowledged, Begun) = (acknowledged, acknowledged + 1);

    /// <summary>Notes that a state is one of those between two.</summary>
    public void ClaimBetween(int least, int most) => (Acknowledged, Begun) = (least, most);

    /// <summary>Writes the next batch, with some maintenance now and then.</summary>
    public async Task WriteNextAsync(Database database, EngineBackend backend)
    {
        var batch = Acknowledged + 1;
        Begun = batch;
        var things = database.Collection(Name);
        if (batch == 1) await IndexAsync(things, new IndexDefinition(IndexKind.Vector, FieldPath.Parse("v")) { Dimension = 4, Metric = VectorMetric.L2, Method = VectorMethod.Hnsw, M = 4, EfConstruction = 16 });
        if (batch == 5) await IndexAsync(things, new IndexDefinition(IndexKind.Text, FieldPath.Parse("text")));
        if (batch == 20) await IndexAsync(things, new IndexDefinition(IndexKind.Scalar, FieldPath.Parse("n")));
        var outcomes = await backend.WriteAsync(Name, new WriteBatch([.. Writes(batch)], OnFailure.Continue, DateTimeOffset.UnixEpoch.AddSeconds(batch)), CancellationToken.None);
        Assert.DoesNotContain(outcomes, static outcome => outcome.Status is not (WriteStatus.Done or WriteStatus.NotFound));
        Acknowledged = batch;
        switch (new Random(seed + batch).Next(40))
        {
            case 0:
                await things.SettleIndexesAsync();
                break;
            case 1:
                await database.CreateCollectionAsync("scratch");
                await database.Collection("scratch").UpsertAsync(new Record { Id = "x", [$"name{batch}"] = 1 });
                break;
            case 2:
                await database.DropCollectionAsync("scratch");
                break;
            default:
                break;
        }
    }

    /// <summary>Checks that the database holds a state that it may hold, by id and by every index, and goes on from there.</summary>
    public async Task CheckAsync(Database database, EngineBackend backend)
    {
        Assert.Empty(backend.Verify());
        var things = database.Collection(Name);
        var isThere = (await database.ListCollectionsAsync()).Contains(Name);
        var held = isThere && await things.GetAsync(Marker) is { } marker ? (int)marker["n"].AsInt64 : 0;
        Assert.InRange(held, Acknowledged, Begun);
        (Acknowledged, Begun) = (held, held);
        if (!isThere) return;
        var expected = State(held);
        var found = new List<Record>();
        await foreach (var record in things.StreamAsync(Query.All)) found.Add(record);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), found.Select(static record => record.Id));
        foreach (var record in found) Assert.Equal(expected[record.Id], record.Fields);
        Assert.Equal(expected.Count, await things.CountAsync());
        var indexes = (await things.ListIndexesAsync()).Select(static state => state.Definition.Kind).ToHashSet();
        for (var n = 0; n < 10; n += 3)
        {
            var filter = Filter.Parse($"n = {n}");
            var matches = new List<string>();
            await foreach (var record in things.StreamAsync(Query.Where(filter))) matches.Add(record.Id);
            Assert.Equal(found.Where(filter.Matches).Select(static record => record.Id), matches);
        }

        if (indexes.Contains(IndexKind.Text))
        {
            foreach (var word in Words)
                Assert.Equal(
                    found.Where(record => record["text"].Kind == ValueKind.String && record["text"].AsString.Contains(word, StringComparison.Ordinal)).Select(static record => record.Id),
                    (await things.SearchAsync(new SearchRequest { Text = word, K = 1000 })).Hits.Select(static hit => hit.Record.Id).Order(StringComparer.Ordinal));
        }

        if (indexes.Contains(IndexKind.Vector))
        {
            foreach (var isExact in new[] { true, false })
                Assert.Equal(
                    found.Where(static record => record["v"].Kind == ValueKind.Vector).Select(static record => record.Id),
                    (await things.SearchAsync(new SearchRequest { Vector = new float[4], K = 1000, IsExact = isExact })).Hits.Select(static hit => hit.Record.Id).Order(StringComparer.Ordinal));
        }
    }

    private static async Task IndexAsync(Collection things, IndexDefinition index)
    {
        await things.Database.CreateCollectionAsync(Name);
        // False when a life before this one did it, and did not come to write the batch.
        await things.CreateIndexAsync(index);
    }

    private IEnumerable<Write> Writes(int batch)
    {
        var random = new Random(seed * 31 + batch);
        yield return new Write(WriteKind.Upsert, new Record { Id = Marker, ["n"] = batch });
        for (var i = random.Next(1, 40); i > 0; i--)
        {
            var id = $"{random.Next(Ids):000}";
            if (random.Next(4) == 0) yield return new Write(WriteKind.Delete, new Record { Id = id });
            else yield return new Write(WriteKind.Upsert, new Record { Id = id, ["n"] = random.Next(10), ["text"] = $"{Words[random.Next(5)]} {Words[random.Next(5)]}", ["v"] = new[] { random.NextSingle(), random.NextSingle(), random.NextSingle(), batch } });
        }
    }

    private Dictionary<string, ValueMap> State(int batches)
    {
        var state = new Dictionary<string, ValueMap>(StringComparer.Ordinal);
        for (var batch = 1; batch <= batches; batch++)
        {
            foreach (var write in Writes(batch))
            {
                if (write.Kind == WriteKind.Delete) state.Remove(write.Record.Id);
                else state[write.Record.Id] = write.Record.Fields;
            }
        }

        return state;
    }
}
