namespace Basalt.Conformance;

public abstract partial class BackendConformance
{
    [Fact]
    public virtual async Task Parallel_creates_of_one_id_let_exactly_one_win()
    {
        for (var round = 0; round < 5; round++)
        {
            var id = $"race-{round}";
            var outcomes = await InParallelAsync(8, async i =>
            {
                try
                {
                    return await Things.CreateAsync(new Record { Id = id, ["by"] = i }, Cancel);
                }
                catch (BasaltException e) when (e.Code == ErrorCode.AlreadyExists)
                {
                    return null;
                }
            });
            var winner = Assert.Single(outcomes, static record => record is not null);
            AssertSame(winner!, await Things.GetAsync(id, Cancel));
        }
    }

    [Fact]
    public virtual async Task Parallel_patches_lose_no_increment()
    {
        await SeedAsync(new Record { Id = "a", ["n"] = 0 });
        var done = await InParallelAsync(4, async _ =>
        {
            var added = 0;
            for (var i = 0; i < 25; i++)
            {
                try
                {
                    await Things.PatchAsync("a", Patch.Add("n", 1), null, Cancel);
                    added++;
                }
                catch (BasaltException e) when (e.Code == ErrorCode.Conflict)
                {
                    // So many other writers came in between that the call gave up, and said so.
                }
            }

            return added;
        });
        Assert.True(done.Sum() > 0);
        Assert.Equal(done.Sum(), (await Things.GetRequiredAsync("a", Cancel))["n"]);
    }

    [Fact]
    public virtual async Task Parallel_conditional_updates_of_one_version_let_exactly_one_win()
    {
        var current = await Things.CreateAsync(new Record { Id = "a" }, Cancel);
        for (var round = 0; round < 5; round++)
        {
            var version = current.Version;
            var outcomes = await InParallelAsync(6, async i =>
            {
                try
                {
                    return await Things.UpdateAsync(new Record { Id = "a", ["by"] = i }, version, Cancel);
                }
                catch (BasaltException e) when (e.Code == ErrorCode.Conflict)
                {
                    return null;
                }
            });
            current = Assert.Single(outcomes, static record => record is not null)!;
            AssertSame(current, await Things.GetAsync("a", Cancel));
        }
    }

    [Fact]
    public virtual async Task Parallel_batches_all_arrive_and_readers_see_whole_records()
    {
        await SeedAsync(new Record { Id = "shared", ["x"] = 0, ["y"] = 0 });
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var reading = Task.Run(async () =>
        {
            var reads = 0;
            do
            {
                var record = await Things.GetRequiredAsync("shared", Cancel);
                Assert.Equal(record["x"], record["y"]);
                reads++;
                await Task.Yield();
            }
            while (!ended.IsCancellationRequested);
            return reads;
        }, Cancel);
        await InParallelAsync(4, async worker =>
        {
            for (var round = 0; round < 5; round++)
            {
                var records = Enumerable.Range(0, 50).Select(i => new Record { Id = $"{worker}-{round}-{i}", ["n"] = i });
                (await Things.CreateManyAsync([.. records], cancellationToken: Cancel)).EnsureDone();
                await Things.UpdateAsync(new Record { Id = "shared", ["x"] = worker * 10 + round, ["y"] = worker * 10 + round }, null, Cancel);
            }

            return 0;
        });
        await ended.CancelAsync();
        Assert.True(await reading > 0);
        Assert.Equal(1001, await Things.CountAsync(null, Cancel));
    }

    private static async Task<T[]> InParallelAsync<T>(int workers, Func<int, Task<T>> work)
    {
        // All start together, each on a thread of its own as far as there are any.
        var start = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var tasks = Enumerable.Range(0, workers).Select(i => Task.Run(async () =>
        {
            await start.Task;
            return await work(i);
        }, Cancel)).ToArray();
        start.SetResult();
        return await Task.WhenAll(tasks);
    }
}
