using Basalt.Backends;
using Basalt.Backends.Files;
using Basalt.Filters;
using Basalt.Records;
using FileOptions = Basalt.Backends.Files.FileOptions;

namespace Basalt.Tests.Files;

public sealed class FileConcurrencyTests : FileFixture
{
    /// <summary>Every scan sees whole batches: each batch moves every record to one round, and no scan may see two.</summary>
    [Theory, MemberData(nameof(Formats))]
    public async Task Readers_see_whole_batches_while_files_are_rewritten_and_appended(string format)
    {
        await using var writer = Open("c." + format, appendThreshold: 500, rewriteThreshold: 1500);
        await using var other = Open("c." + format);
        await WriteRound(writer, 0);
        using var done = new CancellationTokenSource();
        var readers = new[] { writer, other, writer }.Select((b, i) => Task.Run(async () =>
        {
            var scans = 0;
            for (; !done.IsCancellationRequested || scans < 3; scans++)
            {
                var records = await Scan(b, "c", PushedQuery.Everything with { AnyOrder = i == 2 });
                var rounds = records.Where(static r => r.Id[0] == 'm').Select(static r => r["round"].AsInt64).Distinct().ToList();
                Assert.True(rounds.Count == 1, $"rounds {string.Join(' ', rounds)}");
                Assert.Equal(rounds[0] + 1, records.Count(static r => r.Id[0] == 'n'));
                var one = await b.ReadAsync("c", "m3", default);
                Assert.True(one!["round"].AsInt64 >= rounds[0]);
            }

            return scans;
        })).ToList();
        for (var round = 1; round <= 60; round++) await WriteRound(writer, round);
        await done.CancelAsync();
        Assert.All(await Task.WhenAll(readers), static scans => Assert.True(scans > 0));
    }

    [Fact]
    public async Task A_scan_in_progress_is_not_changed_by_writes_folds_and_drops()
    {
        await using var backend = Open("c.json", appendThreshold: 1, rewriteThreshold: 1);
        await Upsert(backend, "c", [.. Enumerable.Range(0, 500).Select(static i => new Record($"{i:D3}", ValueMap.From([new("pad", new string('x', 500))])))]);
        await Upsert(backend, "c", new Record("500", ValueMap.Empty));
        var ids = new List<string>();
        await foreach (var record in backend.ScanAsync("c", PushedQuery.Everything, default))
        {
            ids.Add(record.Id);
            if (ids.Count == 10) await Upsert(backend, "c", new Record("501", ValueMap.Empty));
            if (ids.Count == 20) await Apply(backend, "c", new Write(WriteKind.Delete, new Record("400", ValueMap.Empty)));
            if (ids.Count == 30) await Upsert(backend, "c", new Record("502", ValueMap.Empty));
            if (ids.Count == 40) await backend.DropCollectionAsync("c", default);
        }

        Assert.Equal(Enumerable.Range(0, 501).Select(static i => $"{i:D3}"), ids);
    }

    [Fact]
    public async Task A_lock_that_is_held_too_long_is_an_error_that_names_the_file()
    {
        await using (var first = Open("c.jsonl")) await Upsert(first, "c", new Record("a", ValueMap.Empty));
        await using var backend = FileBackend.Open(new FileOptions { Path = PathOf("c.jsonl"), LockTimeout = TimeSpan.FromMilliseconds(50) });
        Assert.Equal(["a"], await Ids(backend, "c"));
        using (File.Open(PathOf("c.jsonl.journal"), FileMode.Open, FileAccess.ReadWrite, FileShare.None))
        {
            // Nothing changed, so a reader needs no lock.
            Assert.Equal(["a"], await Ids(backend, "c"));
            var e = await Assert.ThrowsAsync<BasaltException>(() => Upsert(backend, "c", new Record("b", ValueMap.Empty)));
            Assert.Equal(ErrorCode.Locked, e.Code);
            Assert.True(e.IsTransient);
            Assert.Contains("c.jsonl.journal", e.Message, StringComparison.Ordinal);
        }

        await Upsert(backend, "c", new Record("b", ValueMap.Empty));
        Assert.Equal(["a", "b"], await Ids(backend, "c"));
    }

    [Fact]
    public async Task Cancellation_is_honoured()
    {
        await using var backend = Open("c.jsonl");
        await Upsert(backend, "c", [.. Enumerable.Range(0, 2000).Select(static i => new Record($"{i}", ValueMap.Empty))]);
        await backend.DisposeAsync();
        await using var again = Open("c.jsonl");
        using var source = new CancellationTokenSource();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await again.ReadAsync("c", "1", source.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await again.CountAsync("c", Filter.True, source.Token));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await again.WriteAsync("c", new WriteBatch([new(WriteKind.Upsert, new Record("x", ValueMap.Empty))], OnFailure.Continue, Now), source.Token));
        using var later = new CancellationTokenSource();
        var count = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in again.ScanAsync("c", PushedQuery.Everything, later.Token))
                if (++count == 10) await later.CancelAsync();
        });
        Assert.InRange(count, 10, 600);
        Assert.Equal(2000, await again.CountAsync("c", Filter.True, default));
    }

    [Fact]
    public async Task Disposal_waits_for_the_write_under_way_and_ends_those_that_wait()
    {
        using var reached = new ManualResetEventSlim();
        using var proceed = new ManualResetEventSlim();
        var backend = Open("c.jsonl", step =>
        {
            if (step != "write: sync") return;
            reached.Set();
            Assert.True(proceed.Wait(TimeSpan.FromSeconds(20)));
        });
        var first = Task.Run(() => Upsert(backend, "c", new Record("a", ValueMap.Empty)));
        Assert.True(reached.Wait(TimeSpan.FromSeconds(20)));
        var second = Task.Run(() => Upsert(backend, "c", new Record("b", ValueMap.Empty)));
        var disposal = Task.Run(async () => await backend.DisposeAsync());
        await Task.WhenAny(disposal, Task.Delay(200));
        proceed.Set();
        await disposal.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(WriteStatus.Done, (await first.WaitAsync(TimeSpan.FromSeconds(10)))[0].Status);
        // The other write came before the disposal or not; either way it ends.
        await Task.WhenAny(second).WaitAsync(TimeSpan.FromSeconds(10));
        await using var again = Open("c.jsonl");
        Assert.Equal(second.IsCompletedSuccessfully ? ["a", "b"] : ["a"], await Ids(again, "c"));
        Assert.True(second.IsCompletedSuccessfully || second.Exception!.InnerException is ObjectDisposedException, $"{second.Exception}");
    }

    /// <summary>Who opened the journal before it was removed and locked it after must not take it for the journal of the next collection.</summary>
    [Fact]
    public async Task Writes_between_drops_and_creations_of_others_are_kept()
    {
        var time = 0L;
        var backends = Enumerable.Range(0, 3).Select(_ => Open("c.jsonl")).ToList();
        using var done = new CancellationTokenSource(TimeSpan.FromSeconds(6));
        var droppers = Enumerable.Range(0, 2).Select(i => Task.Run(async () =>
        {
            for (var n = 0; !done.IsCancellationRequested; n++)
            {
                await backends[i].DropCollectionAsync("c", default);
                await Put(backends[i], new Record($"x{i}-{n}", ValueMap.Empty));
            }
        })).ToList();
        var writes = 0;
        while (!done.IsCancellationRequested) await Put(backends[2], new Record("w", ValueMap.From([new("n", ++writes)])));

        await Task.WhenAll(droppers);
        await Upsert(backends[0], "c", new Record("last", ValueMap.Empty));
        foreach (var backend in backends) Assert.NotNull(await backend.ReadAsync("c", "last", default));
        foreach (var backend in backends) await backend.DisposeAsync();
        Assert.True(writes > 0);

        // As under a real clock, no two collections are made at the same time.
        ValueTask<IReadOnlyList<WriteOutcome>> Put(FileBackend backend, Record record) =>
            backend.WriteAsync("c", new WriteBatch([new Write(WriteKind.Upsert, record)], OnFailure.Continue, Now.AddTicks(Interlocked.Increment(ref time))), default);
    }

    private static Task<IReadOnlyList<WriteOutcome>> WriteRound(FileBackend writer, int round) =>
        Upsert(writer, "c", [.. Enumerable.Range(0, 5).Select(i => new Record($"m{i}", ValueMap.From([new("round", round)]))), new Record($"n{round:D3}", ValueMap.Empty)]);
}
