namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Random_queries_answer_as_defined()
    {
        var random = new Generator(Generator.SeedOfRun);
        var stored = await SeedAsync(Enumerable.Range(0, 60).Select(i => random.Record($"{i:00}")));
        for (var i = 0; i < Cases; i++)
        {
            var query = random.Query();
            await AnswersAsDefinedAsync(stored, query, $"{About(random)}, case {i}: ");
            if (query.Limit > 0 && query.Offset == 0 && i % 4 == 0)
                AssertSame(Oracle.Answer(stored, query with { Limit = null }), await WalkAsync(query), $"{About(random)}, case {i}, by cursor: {query.Filter}");
        }
    }

    [Fact]
    public virtual async Task Random_writes_leave_what_a_dictionary_would_hold()
    {
        var random = new Generator(Generator.SeedOfRun);
        var model = new Dictionary<string, Record>();
        await Database.CreateCollectionAsync(CollectionName, null, Cancel);
        for (var i = 0; i < Cases; i++)
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            var id = $"{random.Next(12)}";
            var record = random.Record(id);
            var held = model.GetValueOrDefault(id);
            switch (random.Next(6))
            {
                case 0 when held is null: model[id] = await Things.CreateAsync(record, Cancel); break;
                case 0: await FailsAsync(ErrorCode.AlreadyExists, () => Things.CreateAsync(record, Cancel)); break;
                case 1: model[id] = await Things.UpsertAsync(record, held?.Version ?? 0, Cancel); break;
                case 2:
                    var updated = await Things.UpdateAsync(record, null, Cancel);
                    Assert.Equal(held is null, updated is null);
                    if (updated is not null) model[id] = updated;
                    break;
                case 3:
                    var patched = await Things.PatchAsync(id, Patch.Set("n", random.Value(1)), null, Cancel);
                    Assert.Equal(held is null, patched is null);
                    if (patched is not null) model[id] = patched;
                    break;
                case 4:
                    Assert.Equal(model.Remove(id), await Things.DeleteAsync(id, null, Cancel));
                    break;
                default:
                    var many = await Things.UpsertManyAsync([record, random.Record($"{random.Next(12)}")], cancellationToken: Cancel);
                    foreach (var item in many) model[item.Id] = await Things.GetRequiredAsync(item.Id, Cancel);
                    break;
            }

            if (held is not null && model.TryGetValue(id, out var now)) Assert.True(now.Created == held.Created || now.Version == held.Version, $"{About(random)}, case {i}: the time of creation changed.");
            if (i % 10 == 0) AssertSame(Oracle.Answer(model.Values, Query.All), await StreamAsync(Query.All), $"{About(random)}, case {i}");
        }
    }

    private static string About(Generator random) => $"{Generator.SeedVariable}={random.Seed}";
}
