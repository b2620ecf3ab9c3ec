namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Expiry_is_refused_before_any_call_where_it_is_not_declared()
    {
        if (await RefusesExpiryAsync()) return;
        var record = await Things.CreateAsync(Expiring("a", TimeSpan.FromMinutes(1)), Cancel);
        Assert.Equal(Clock.Now + TimeSpan.FromMinutes(1), record.Expires);
    }

    [Fact]
    public virtual async Task Expiry_takes_a_record_out_of_every_answer_and_frees_its_id()
    {
        if (await RefusesExpiryAsync()) return;
        var stored = await SeedAsync(Expiring("a", TimeSpan.FromSeconds(10), 1), Expiring("b", TimeSpan.FromSeconds(20), 1), new Record { Id = "c", ["n"] = 1 });
        Clock.Advance(TimeSpan.FromMilliseconds(9_999));
        await AnswersAsDefinedAsync(stored, Query.Where("n = 1"));
        AssertSame(stored[0], await Things.GetAsync("a", Cancel));

        Clock.Advance(TimeSpan.FromMilliseconds(1));
        await AnswersAsDefinedAsync([stored[1], stored[2]], Query.Where("n = 1"));
        await AnswersAsDefinedAsync([stored[1], stored[2]], Query.All);
        Assert.Null(await Things.GetAsync("a", Cancel));
        Assert.Equal([null, "b"], (await Things.GetManyAsync(["a", "b"], Cancel)).Select(static record => record?.Id));
        Assert.Null(await Things.UpdateAsync(new Record { Id = "a" }, null, Cancel));
        Assert.Null(await Things.PatchAsync("a", Patch.Set("n", 2), null, Cancel));
        Assert.False(await Things.DeleteAsync("a", null, Cancel));
        Assert.True((await Database.DescribeCollectionAsync(CollectionName, Cancel))!.Records is null or 2);

        var again = await Things.CreateAsync(new Record { Id = "a", ["n"] = 1 }, Cancel);
        Assert.Equal(Clock.Now, again.Created);
        Clock.Advance(TimeSpan.FromDays(1));
        await AnswersAsDefinedAsync([again, stored[2]], Query.Where("n = 1"));
    }

    [Fact]
    public virtual async Task Expiry_goes_with_a_whole_write_and_stays_with_a_patch()
    {
        if (await RefusesExpiryAsync()) return;
        var soon = Clock.Now + TimeSpan.FromMinutes(1);
        await SeedAsync(Expiring("patched", TimeSpan.FromMinutes(1)), Expiring("updated", TimeSpan.FromMinutes(1)), Expiring("later", TimeSpan.FromMinutes(1)));
        Assert.Equal(soon, (await Things.PatchAsync("patched", Patch.Set("n", 1), null, Cancel))!.Expires);
        Assert.Null((await Things.UpdateAsync(new Record { Id = "updated" }, null, Cancel))!.Expires);
        await Things.UpsertAsync(Expiring("later", TimeSpan.FromHours(1)), null, Cancel);
        Assert.Equal("later patched", await IdsAsync(Query.Where("$expires is not null")));
        Assert.Equal("patched", await IdsAsync(Query.Where(Filter.Parse($"$expires <= {soon:yyyy-MM-dd'T'HH:mm:ss'Z'}"))));
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("later updated", await IdsAsync(Query.All));
    }

    [Fact]
    public virtual async Task Expiry_that_has_passed_already_is_a_removal()
    {
        if (await RefusesExpiryAsync()) return;
        await SeedAsync(new Record { Id = "a" });
        var written = await Things.UpsertAsync(Expiring("a", TimeSpan.FromMilliseconds(-1)), null, Cancel);
        Assert.True(written.Version > 0);
        var result = await Things.CreateManyAsync([Expiring("b", TimeSpan.Zero), new Record { Id = "b", ["n"] = 2 }], cancellationToken: Cancel);
        Assert.Equal((2, 0), (result.Done, result.Failed));
        Assert.Null(await Things.GetAsync("a", Cancel));
        Assert.Equal("b", await IdsAsync(Query.All));
        Assert.Equal(1, await Things.CountAsync(null, Cancel));
    }

    [Fact]
    public virtual async Task Expiry_by_the_schema_is_that_of_records_without_an_instant_of_their_own()
    {
        if (await RefusesExpiryAsync()) return;
        await Database.CreateCollectionAsync(CollectionName, new Schema([], timeToLive: TimeSpan.FromHours(1)), Cancel);
        await SeedAsync(new Record { Id = "hour" }, Expiring("minute", TimeSpan.FromMinutes(1)), new Record { Id = "good", Expires = DateTimeOffset.MaxValue });
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("good hour", await IdsAsync(Query.All));
        await Things.UpsertAsync(new Record { Id = "hour" }, null, Cancel);
        Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.Equal("good hour", await IdsAsync(Query.All));
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("good", await IdsAsync(Query.All));
        Assert.Equal(TimeSpan.FromHours(1), (await Database.DescribeCollectionAsync(CollectionName, Cancel))!.Schema.TimeToLive);
    }

    [Fact]
    public virtual async Task Expiry_in_a_transaction_is_judged_by_its_begin_and_conflicts_with_what_it_changes()
    {
        if (await RefusesExpiryAsync() || await RefusesTransactionsAsync()) return;
        await SeedAsync(Expiring("a", TimeSpan.FromMinutes(1)), Expiring("b", TimeSpan.FromMinutes(1)), new Record { Id = "c" });
        await using var transaction = await Database.BeginAsync(Cancel);
        await using var other = await Database.BeginAsync(Cancel);
        var inside = transaction.Collection(CollectionName);
        await inside.UpdateAsync(new Record { Id = "c", ["n"] = 1 }, null, Cancel);
        await inside.CreateAsync(Expiring("gone", TimeSpan.FromMinutes(-1)), Cancel);
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(["a", "b", "c"], (await inside.QueryAsync(Query.All, Cancel)).Records.Select(static record => record.Id));
        Assert.Equal(3, await inside.CountAsync(null, Cancel));
        Assert.NotNull(await inside.GetAsync("a", Cancel));
        Assert.Null(await inside.GetAsync("gone", Cancel));
        await transaction.CommitAsync(Cancel);
        Assert.Equal("c", await IdsAsync(Query.All));

        await other.Collection(CollectionName).UpdateAsync(new Record { Id = "b" }, null, Cancel);
        await FailsAsync(ErrorCode.Conflict, () => other.CommitAsync(Cancel));
        Assert.Equal(1, await Things.CountAsync(null, Cancel));
    }

    [Fact]
    public virtual async Task Expiry_survives_a_reopening()
    {
        if (Capabilities.Durability == Backends.Durability.Process || await RefusesExpiryAsync()) return;
        var stored = await SeedAsync(Expiring("a", TimeSpan.FromMinutes(1)), Expiring("b", TimeSpan.FromMinutes(2)));
        await ReopenDatabaseAsync();
        await AnswersAsDefinedAsync(stored, Query.All);
        Clock.Advance(TimeSpan.FromMinutes(1));
        await ReopenDatabaseAsync();
        await AnswersAsDefinedAsync([stored[1]], Query.All);
        Assert.True((await Database.DescribeCollectionAsync(CollectionName, Cancel))!.Records is null or 1);
    }

    [Fact]
    public virtual async Task Expiry_agrees_with_a_model_through_any_history()
    {
        if (await RefusesExpiryAsync()) return;
        var random = new Generator(Generator.SeedOfRun);
        var about = $"seed {random.Seed} (repeat with {Generator.SeedVariable}): ";
        var model = new Dictionary<string, Record>(StringComparer.Ordinal);
        await SeedAsync(new Record { Id = "first" });
        await Things.DeleteAsync("first", null, Cancel);
        for (var step = 0; step < Cases; step++)
        {
            var id = $"{random.Next(20):00}";
            var life = TimeSpan.FromMilliseconds(random.Next(40));
            switch (random.Next(8))
            {
                case < 3:
                    await PutAsync([random.Next(3) == 0 ? new Record { Id = id, ["n"] = random.Next(3) } : Expiring(id, life, random.Next(3))]);
                    break;
                case 3:
                    await PutAsync([.. Enumerable.Range(0, 1 + random.Next(6)).Select(_ => Expiring($"{random.Next(20):00}", life, random.Next(3)))]);
                    break;
                case 4:
                    Assert.True(model.Remove(id) == await Things.DeleteAsync(id, null, Cancel), $"{about}step {step}: delete {id}");
                    break;
                case 5:
                    var patched = await Things.PatchAsync(id, Patch.Set("n", random.Next(3)), null, Cancel);
                    Assert.True(model.ContainsKey(id) == patched is not null, $"{about}step {step}: patch {id}");
                    if (patched is not null) model[id] = patched;
                    break;
                case 6:
                    Clock.Advance(TimeSpan.FromMilliseconds(1 + random.Next(15)));
                    Forget();
                    break;
                default:
                    if (Capabilities.Durability == Backends.Durability.Synced && random.Next(8) == 0) await ReopenDatabaseAsync();
                    break;
            }

            var alive = model.Values.OrderBy(static record => record.Id, StringComparer.Ordinal).ToList();
            var counted = await Things.CountAsync(null, Cancel);
            Assert.True(counted == alive.Count, $"{about}step {step}: counted {counted} of {alive.Count}");
            if (step % 5 != 0) continue;
            await AnswersAsDefinedAsync(alive, Query.All, $"{about}step {step}: ");
            await AnswersAsDefinedAsync(alive, Query.Where($"n = {random.Next(3)}"), $"{about}step {step}: ");
        }

        void Forget()
        {
            foreach (var (id, record) in model.ToList())
                if (record.Expires <= Clock.Now) model.Remove(id);
        }

        async Task PutAsync(Record[] records)
        {
            var result = await Things.UpsertManyAsync(records, cancellationToken: Cancel);
            for (var i = 0; i < records.Length; i++)
            {
                var earlier = model.GetValueOrDefault(records[i].Id);
                if (records[i].Expires <= Clock.Now) model.Remove(records[i].Id);
                else model[records[i].Id] = records[i] with { Version = result[i].Version, Created = earlier?.Created ?? Clock.Now, Updated = Clock.Now };
            }
        }
    }

    private Record Expiring(string id, TimeSpan life, int n = 0) => new() { Id = id, Expires = Clock.Now + life, ["n"] = n };

    /// <summary>Where expiry is not declared: asserts that it is refused, and nothing reached the backend.</summary>
    private async Task<bool> RefusesExpiryAsync()
    {
        if (Capabilities.Expiry) return false;
        await SeedAsync(new Record { Id = "there" });
        var before = Backend.DataCalls;
        await FailsAsync(ErrorCode.Unsupported, () => Things.CreateAsync(Expiring("a", TimeSpan.FromMinutes(1)), Cancel));
        await FailsAsync(ErrorCode.Unsupported, () => Things.UpsertAsync(Expiring("there", TimeSpan.FromMinutes(1)), null, Cancel));
        await FailsAsync(ErrorCode.Unsupported, () => Things.UpsertManyAsync([new Record { Id = "b" }, Expiring("a", TimeSpan.FromMinutes(1))], cancellationToken: Cancel));
        Assert.Equal(before, Backend.DataCalls);
        var calls = Backend.Calls;
        await FailsAsync(ErrorCode.Unsupported, () => Database.CreateCollectionAsync("other", new Schema([], timeToLive: TimeSpan.FromHours(1)), Cancel));
        Assert.Equal(calls, Backend.Calls);
        Assert.Equal("there", await IdsAsync(Query.All));
        return true;
    }
}
