using Basalt.Backends;
using Basalt.Backends.Memory;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Tests.Records;

/// <summary>Readers without locks beside writers that edit the tree in place.</summary>
public sealed class MemoryConcurrencyTests
{
    private const int Anchors = 40;

    /// <summary>
    /// Every batch moves all anchors to one round, and adds or removes so many others that leaves split and join between the anchors. A point read
    /// finds its anchor, never in a round before one that was seen; a scan sees one round and exactly the others of it.
    /// </summary>
    [Fact]
    public async Task Reads_see_whole_batches_while_leaves_split_and_join()
    {
        var seed = Random.Shared.Next();
        await using var backend = new MemoryBackend();
        await WriteAsync(backend, 0, [], []);
        using var done = new CancellationTokenSource();
        var others = new SortedSet<string>(StringComparer.Ordinal);
        var counts = new List<int> { 0 };
        var writer = Task.Run(async () =>
        {
            var random = new Random(seed);
            for (var round = 1; !done.IsCancellationRequested; round++)
            {
                var grows = round / 20 % 2 == 0;
                List<string> added = grows ? [.. Enumerable.Range(0, 60).Select(_ => $"{random.Next(Anchors):D2}-{random.Next(100_000):D5}").Distinct().Where(id => !others.Contains(id))] : [];
                List<string> removed = grows ? [] : [.. others.Where(_ => random.Next(4) == 0)];
                others.UnionWith(added);
                others.ExceptWith(removed);
                lock (counts) counts.Add(others.Count);
                await WriteAsync(backend, round, added, removed);
            }
        }, TestContext.Current.CancellationToken);
        var readers = Enumerable.Range(0, 3).Select(n => Task.Run(async () =>
        {
            var random = new Random(seed + n + 1);
            long reads = 0, latest = 0;
            for (; reads < 20_000 || latest < 50; reads++)
            {
                if (reads % 200 == 0)
                {
                    latest = await ScanAsync(backend, counts, latest, seed);
                    continue;
                }

                var id = $"{random.Next(Anchors):D2}";
                var found = await backend.ReadAsync("c", id, default);
                Assert.True(found is not null && found.Id == id && found["round"].AsInt64 >= latest, $"seed {seed}: after round {latest} the read of {id} found {found}");
                latest = found["round"].AsInt64;
                Assert.Null(await backend.ReadAsync("c", id + "-missing", default));
            }
        })).ToList();
        await Task.WhenAny(writer, Task.WhenAll(readers));
        await done.CancelAsync();
        await writer;
        await Task.WhenAll(readers);
        Assert.Equal(others.Count + Anchors, await backend.CountAsync("c", Filter.True, default));
    }

    private static async Task<long> ScanAsync(MemoryBackend backend, List<int> counts, long latest, int seed)
    {
        long? round = null;
        string? before = null;
        var others = 0;
        await foreach (var record in backend.ScanAsync("c", PushedQuery.Everything, default))
        {
            Assert.True(before is null || string.CompareOrdinal(before, record.Id) < 0, $"seed {seed}: {before} before {record.Id}");
            before = record.Id;
            if (record.Id.Length > 2)
            {
                others++;
                continue;
            }

            round ??= record["round"].AsInt64;
            Assert.True(round == record["round"].AsInt64 && round >= latest, $"seed {seed}: rounds {round} and {record["round"]} in one scan after {latest}");
        }

        lock (counts) Assert.Equal(counts[(int)round!], others);
        return round.Value;
    }

    private static async Task WriteAsync(MemoryBackend backend, int round, List<string> added, List<string> removed)
    {
        List<Write> writes =
        [
            .. added.Select(static id => new Write(WriteKind.Create, new Record(id, ValueMap.Empty))),
            .. Enumerable.Range(0, Anchors).Select(i => new Write(WriteKind.Upsert, new Record($"{i:D2}", ValueMap.From([new("round", round)])))),
            .. removed.Select(static id => new Write(WriteKind.Delete, new Record(id, ValueMap.Empty))),
        ];
        var outcomes = await backend.WriteAsync("c", new WriteBatch(writes, round % 3 == 0 ? OnFailure.Rollback : OnFailure.Continue, DateTimeOffset.UnixEpoch), default);
        Assert.All(outcomes, static outcome => Assert.Equal(WriteStatus.Done, outcome.Status));
    }
}
