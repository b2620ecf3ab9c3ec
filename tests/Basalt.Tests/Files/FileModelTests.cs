using Basalt.Backends;
using Basalt.Backends.Files;
using Basalt.Backends.Memory;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Tests.Files;

/// <summary>Random histories give the same answers as the memory backend, across reopening and folding at any time.</summary>
public sealed class FileModelTests : FileFixture
{
    [Theory, MemberData(nameof(Formats))]
    public async Task Random_histories_agree_with_memory(string format)
    {
        for (var seed = 1; seed <= 6; seed++)
        {
            try
            {
                await Run(format, seed);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new InvalidOperationException($"format {format}, seed {seed}: {e.Message}", e);
            }
        }
    }

    private async Task Run(string format, int seed)
    {
        var random = new Random(seed);
        var file = $"c{seed}.{format}";
        var name = $"c{seed}";
        await using var model = new MemoryBackend();
        var backend = Open(file, appendThreshold: random.Next(200, 4000), rewriteThreshold: random.Next(4000, 20000));
        try
        {
            await model.WriteAsync(name, new WriteBatch([], OnFailure.Continue, Now), default);
            await backend.CreateCollectionAsync(name, Basalt.Schemas.Schema.Any, default);
            for (var step = 0; step < 150; step++)
            {
                if (random.Next(12) == 0)
                {
                    if (random.Next(2) == 0) await backend.DisposeAsync();
                    else await backend.AbandonAsync();
                    backend = Open(file, appendThreshold: random.Next(200, 4000), rewriteThreshold: random.Next(4000, 20000));
                }

                await Step(model, backend, name, random, step);
            }
        }
        finally
        {
            await backend.DisposeAsync();
        }

        await using var again = Open(file);
        await Compare(model, again, name, PushedQuery.Everything);
    }

    private static async Task Step(MemoryBackend model, FileBackend backend, string name, Random random, int step)
    {
        switch (random.Next(6))
        {
            case 0:
                var id = Id(random);
                Assert.True(Same(await model.ReadAsync(name, id, default), await backend.ReadAsync(name, id, default)), $"step {step}: read of {id}");
                break;
            case 1:
                var query = new PushedQuery
                {
                    Filter = random.Next(3) switch { 0 => Filter.True, 1 => Filter.Parse("n >= 50"), _ => Filter.Parse("not s like 'a%'") },
                    AfterId = random.Next(2) == 0 ? null : Id(random),
                    Limit = random.Next(2) == 0 ? null : random.Next(5),
                };
                await Compare(model, backend, name, query);
                Assert.Equal(await model.CountAsync(name, query.Filter, default), await backend.CountAsync(name, query.Filter, default));
                break;
            default:
                var batch = new WriteBatch([.. Enumerable.Range(0, random.Next(1, 8)).Select(_ => Write(random))], (OnFailure)random.Next(3), Now.AddSeconds(step));
                var expected = await model.WriteAsync(name, batch, default);
                var actual = await backend.WriteAsync(name, batch, default);
                Assert.Equal(expected.Select(static o => o.Status), actual.Select(static o => o.Status));
                break;
        }
    }

    private static async Task Compare(MemoryBackend model, FileBackend backend, string name, PushedQuery query)
    {
        var expected = await Scan(model, name, query);
        var actual = await Scan(backend, name, query);
        Assert.Equal(expected.Select(static r => r.Id), actual.Select(static r => r.Id));
        for (var i = 0; i < expected.Count; i++) Assert.True(Same(expected[i], actual[i]), $"expected {expected[i]}, found {actual[i]}");
        if (query.Limit is not null) return;
        var any = await Ids(backend, name, query with { AnyOrder = true });
        Assert.Equal(expected.Select(static r => r.Id), any.Order(StringComparer.Ordinal));
    }

    // The counters of the two give other versions: what must agree is everything else.
    private static bool Same(Record? a, Record? b) =>
        a is null ? b is null : b is not null && a.HasSameContent(b) && a.Created == b.Created && a.Updated == b.Updated && b.Version > 0;

    private static string Id(Random random) => $"id{random.Next(40):D2}";

    private static Write Write(Random random)
    {
        var fields = new ValueMapBuilder();
        if (random.Next(4) > 0) fields.Set("n", random.Next(100));
        if (random.Next(3) == 0) fields.Set("s", random.Next(5) switch { 0 => "", 1 => "\\N", 2 => "a\nb,\"c\"", 3 => default, _ => $"a{random.Next(9)}" });
        if (random.Next(40) == 0) fields.Set("n", "not a number");
        if (random.Next(40) == 0) fields.Set($"new{random.Next(4)}", random.Next(3) switch { 0 => 1.5m, 1 => new byte[] { 1 }, _ => Value.FromList([1, "x"]) });
        var record = new Record(Id(random), fields.Build());
        if (random.Next(5) == 0) record = record with { Metadata = ValueMap.From([new("by", "test")]) };
        return new Write((WriteKind)random.Next(4), record);
    }
}
