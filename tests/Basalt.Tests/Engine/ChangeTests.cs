using Basalt.Changes;
using Basalt.Conformance;
using Basalt.Engine;
using Basalt.Engine.Changes;
using Basalt.Lsm.IO;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Tests.Engine;

public sealed class ChangeTests
{
    private const string Applied = "applied";
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task A_second_database_is_kept_in_step_through_power_cuts_of_both(int salt)
    {
        var random = new Random(Seed + salt);
        var (source, replica) = (new MemoryFileSystem(), new MemoryFileSystem());
        var from = Open(source, new ChangeRetention { Bytes = 1 << 30 });
        var to = Open(replica, null);
        for (var round = 0; round < 30; round++)
        {
            for (var i = random.Next(20); i > 0; i--) await ChangeAsync(from, random);
            await FollowAsync(from, to, most: random.Next(30));
            if (random.Next(3) == 0) (source, from) = await CutAsync(source, from, random, new ChangeRetention { Bytes = 1 << 30 });
            if (random.Next(3) == 0) (replica, to) = await CutAsync(replica, to, random, null);
        }

        await FollowAsync(from, to, int.MaxValue);
        var names = await from.ListCollectionsAsync(Cancel);
        Assert.Equal(names, (await to.ListCollectionsAsync(Cancel)).Where(static name => name != Applied));
        foreach (var name in names)
        {
            var (expected, found) = (await AllAsync(from.Collection(name)), await AllAsync(to.Collection(name)));
            Assert.True(expected.Count == found.Count && expected.Zip(found).All(static pair => pair.First.HasSameContent(pair.Second)), $"BASALT_SEED={Seed} salt {salt}: '{name}' has {found.Count} records, not {expected.Count}, or others");
        }

        await from.DisposeAsync();
        await to.DisposeAsync();
    }

    [Fact]
    public async Task Changes_beyond_the_bound_are_given_up_and_whoever_asks_for_them_is_told()
    {
        var disk = new MemoryFileSystem();
        await using var database = Open(disk, new ChangeRetention { Bytes = ChangeRetention.LeastBytes });
        var things = database.Collection("things");
        var begin = await database.ChangeTokenAsync(Cancel);
        var text = new string('x', 10_000);
        for (var i = 0; i < 100; i++) await things.UpsertAsync(new Record { Id = "a", ["text"] = text, ["i"] = i }, null, Cancel);
        Assert.Equal(100, (await ChangesAsync(database, begin)).Count);
        var late = await database.ChangeTokenAsync(Cancel);
        for (var i = 100; i < 200; i++) await things.UpsertAsync(new Record { Id = "a", ["text"] = text, ["i"] = i }, null, Cancel);
        Assert.Equal(ErrorCode.Gone, (await Assert.ThrowsAsync<BasaltException>(() => ChangesAsync(database, begin))).Code);
        var kept = await ChangesAsync(database, null);
        // At most the bound, and an eighth less at least.
        Assert.InRange(kept.Count, 85, 105);
        Assert.Equal(Enumerable.Range(200 - kept.Count, kept.Count).Select(static i => (Value)i), kept.Select(static change => change.Record!["i"]));
        if (kept.Count >= 100) Assert.Equal(100, (await ChangesAsync(database, late)).Count);
    }

    [Fact]
    public async Task Changes_older_than_asked_for_are_given_up()
    {
        var clock = new ManualClock();
        await using var fixture = Database.Over(EngineBackend.Open(new EngineOptions { Path = "db", FileSystem = new MemoryFileSystem(), TimeProvider = clock, Changes = new ChangeRetention { Age = TimeSpan.FromHours(8) } }), new DatabaseOptions { TimeProvider = clock });
        for (var hour = 0; hour < 24; hour++)
        {
            await fixture.Collection("things").UpsertAsync(new Record { Id = "a", ["hour"] = hour }, null, Cancel);
            clock.Advance(TimeSpan.FromHours(1));
        }

        var kept = await ChangesAsync(fixture, null);
        Assert.Equal(15, kept[0].Record!["hour"]);
        Assert.Equal(9, kept.Count);
    }

    [Fact]
    public async Task What_is_kept_is_remembered_and_a_gap_is_told()
    {
        var disk = new MemoryFileSystem();
        await using (var without = Open(disk, null))
        {
            Assert.False(without.Capabilities.Changes);
            await without.Collection("things").UpsertAsync(new Record { Id = "a" }, null, Cancel);
        }

        string token;
        await using (var with = Open(disk, new ChangeRetention { Bytes = 1 << 20 }))
        {
            await with.Collection("things").UpsertAsync(new Record { Id = "b" }, null, Cancel);
            token = await with.ChangeTokenAsync(Cancel);
        }

        await using (var remembers = Open(disk, null))
        {
            await remembers.Collection("things").UpsertAsync(new Record { Id = "c" }, null, Cancel);
            Assert.Equal(["b", "c"], (await ChangesAsync(remembers, null)).Select(static change => change.Id));
            Assert.Equal(["c"], (await ChangesAsync(remembers, token)).Select(static change => change.Id));
            token = await remembers.ChangeTokenAsync(Cancel);
        }

        Assert.Equal(["b", "c"], EngineBackend.StoredChanges(new EngineOptions { Path = "db", FileSystem = disk }, null, Cancel).Select(static change => change.Id));
        await using (var off = Open(disk, ChangeRetention.None))
        {
            Assert.False(off.Capabilities.Changes);
            await off.Collection("things").UpsertAsync(new Record { Id = "unseen" }, null, Cancel);
        }

        Assert.Equal(ErrorCode.Unsupported, Assert.Throws<BasaltException>(() => EngineBackend.StoredChanges(new EngineOptions { Path = "db", FileSystem = disk }, null, Cancel).ToList()).Code);
        await using var again = Open(disk, new ChangeRetention { Age = TimeSpan.FromDays(1) });
        Assert.Equal(ErrorCode.Gone, (await Assert.ThrowsAsync<BasaltException>(() => ChangesAsync(again, token))).Code);
        Assert.Empty(await ChangesAsync(again, null));
    }

    [Fact]
    public async Task Who_follows_is_told_when_the_database_is_closed()
    {
        var database = Open(new MemoryFileSystem(), new ChangeRetention { Bytes = 1 << 20 });
        var follower = Task.Run(async () =>
        {
            await foreach (var _ in database.ChangesAsync(follow: true, cancellationToken: Cancel)) Assert.Fail("Nothing changed.");
        }, Cancel);
        await Task.Delay(50, Cancel);
        await database.DisposeAsync();
        await Assert.ThrowsAnyAsync<ObjectDisposedException>(() => follower);
    }

    [Theory]
    [InlineData("changes=1gb", 1L << 30, null)]
    [InlineData("changes=7d", null, 7)]
    [InlineData("changes=2d,512mb", 512L << 20, 2)]
    [InlineData("changes=off", null, null)]
    public void An_address_says_how_long_changes_are_kept(string option, long? bytes, int? days)
    {
        var options = EngineOptions.Of(StoreUri.Parse("basalt:./data?" + option), TimeProvider.System);
        Assert.Equal(new ChangeRetention { Bytes = bytes, Age = days is { } count ? TimeSpan.FromDays(count) : null }, options.Changes);
    }

    [Theory]
    [InlineData("on")]
    [InlineData("7d,8d")]
    [InlineData("1mb,2mb")]
    [InlineData("1gb,")]
    [InlineData("1000")]
    [InlineData("5ms")]
    public void An_address_that_says_it_wrongly_is_refused(string changes) =>
        Assert.Equal(ErrorCode.InvalidOptions, Assert.Throws<BasaltException>(() => EngineOptions.Of(StoreUri.Parse("basalt:./data?changes=" + Uri.EscapeDataString(changes)), TimeProvider.System).Validate()).Code);

    /// <summary>Applies changes to the replica, each in one transaction with the token behind it: so each is applied once, whatever happens in between.</summary>
    private static async Task FollowAsync(Database from, Database to, int most)
    {
        var applied = to.Collection(Applied);
        var token = (await to.ListCollectionsAsync(Cancel)).Contains(Applied) ? (await applied.GetAsync("token", Cancel))?["at"].AsString : null;
        await foreach (var change in from.ChangesAsync(token, cancellationToken: Cancel))
        {
            if (most-- == 0) return;
            if (change.Kind == ChangeKind.Drop) await to.DropCollectionAsync(change.Collection, Cancel);
            await using var transaction = await to.BeginAsync(Cancel);
            var target = transaction.Collection(change.Collection);
            if (change.Record is { } record) await target.UpsertAsync(record, null, Cancel);
            else if (change.Kind == ChangeKind.Delete) await target.DeleteAsync(change.Id, null, Cancel);
            await transaction.Collection(Applied).UpsertAsync(new Record { Id = "token", ["at"] = change.Token }, null, Cancel);
            await transaction.CommitAsync(Cancel);
        }
    }

    private static async Task ChangeAsync(Database database, Random random)
    {
        var things = database.Collection($"things{random.Next(3)}");
        var id = $"{random.Next(30):00}";
        switch (random.Next(12))
        {
            case 0:
                await database.DropCollectionAsync(things.Name, Cancel);
                break;
            case < 4:
                if ((await database.ListCollectionsAsync(Cancel)).Contains(things.Name)) await things.DeleteAsync(id, null, Cancel);
                break;
            case < 7:
                await things.UpsertManyAsync([.. Enumerable.Range(0, random.Next(1, 6)).Select(_ => Thing(random, $"{random.Next(30):00}"))], cancellationToken: Cancel);
                break;
            default:
                await things.UpsertAsync(Thing(random, id), null, Cancel);
                break;
        }
    }

    private static Record Thing(Random random, string id) => new() { Id = id, [$"f{random.Next(5)}"] = random.Next(100), ["text"] = new string('x', random.Next(200)), Expires = random.Next(5) == 0 ? DateTimeOffset.MaxValue : null };

    private static async Task<(MemoryFileSystem Disk, Database Database)> CutAsync(MemoryFileSystem disk, Database database, Random random, ChangeRetention? changes)
    {
        var left = disk.CrashClone(random.Next(), random.NextDouble());
        await database.DisposeAsync();
        return (left, Open(left, changes));
    }

    private static Database Open(MemoryFileSystem disk, ChangeRetention? changes) => Database.Over(EngineBackend.Open(new EngineOptions { Path = "db", FileSystem = disk, MemtableBytes = 32 << 10, Changes = changes }));

    private static async Task<List<Change>> ChangesAsync(Database database, string? after)
    {
        var changes = new List<Change>();
        await foreach (var change in database.ChangesAsync(after, cancellationToken: Cancel)) changes.Add(change);
        return changes;
    }

    private static async Task<List<Record>> AllAsync(Collection collection)
    {
        var records = new List<Record>();
        await foreach (var record in collection.StreamAsync(Query.All, Cancel)) records.Add(record);
        return records;
    }
}
