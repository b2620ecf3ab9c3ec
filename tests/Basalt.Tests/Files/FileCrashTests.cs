using Basalt.Backends;
using Basalt.Backends.Files;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Tests.Files;

/// <summary>Whatever step is the last one, what was acknowledged is there, and nothing else.</summary>
public sealed class FileCrashTests : FileFixture
{
    private sealed class Crash : Exception;

    /// <summary>A history that appends, rewrites, drops nothing, and folds at its end. Yields the state after each acknowledgement.</summary>
    private static readonly Func<IBackend, string, Task>[] History =
    [
        static (b, c) => Upsert(b, c, new Record("b", ValueMap.From([new("n", 1), new("s", "x")])), new Record("d", ValueMap.From([new("n", 2)]))),
        static (b, c) => Upsert(b, c, new Record("e", ValueMap.From([new("n", 3)]))),
        static (b, c) => Upsert(b, c, new Record("f", ValueMap.From([new("n", 4)]))),
        static (b, c) => Apply(b, c, new Write(WriteKind.Delete, new Record("d", ValueMap.Empty)), new Write(WriteKind.Update, new Record("b", ValueMap.From([new("n", "text")])))),
        static (b, c) => Upsert(b, c, new Record("a", ValueMap.From([new("n", 5), new("extra", 1.5m)]))),
        static (b, c) => Upsert(b, c, new Record("g", ValueMap.From([new("n", 6)]))),
    ];

    [Theory, MemberData(nameof(Formats))]
    public async Task A_crash_at_any_step_loses_nothing(string format)
    {
        var steps = new HashSet<string>();
        for (var crashAt = 0; ; crashAt++)
        {
            var file = $"c{crashAt}.{format}";
            var (crashed, accepted) = await RunUntil(file, crashAt, steps);
            await AssertRecovers(file, accepted, $"crash at step {crashAt}");
            if (!crashed) break;
        }

        Assert.True(steps.Count >= 11, string.Join(", ", steps));
    }

    /// <summary>Also the recovery may be cut short, at any of its steps, and the one after it.</summary>
    [Theory, MemberData(nameof(Formats))]
    public async Task A_crash_in_the_recovery_loses_nothing(string format)
    {
        for (var crashAt = 0; ; crashAt++)
        {
            for (var again = 0; ; again++)
            {
                var file = $"c{crashAt}-{again}.{format}";
                var (crashed, accepted) = await RunUntil(file, crashAt, []);
                var recoveryCrashed = await WriteAndCrash(file, again);
                await AssertRecovers(file, accepted, $"crash at step {crashAt}, then {again}", mayHave: "z");
                if (!crashed) return;
                if (!recoveryCrashed) break;
            }
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task A_failing_disk_never_yields_a_wrong_answer(string format)
    {
        for (var failAt = 0; ; failAt++)
        {
            var file = $"c{failAt}.{format}";
            var name = $"c{failAt}";
            var step = 0;
            var failed = false;
            var maySurvive = false;
            var expected = new List<Record>();
            var unacknowledged = new List<Record>();
            await using var model = new Backends.Memory.MemoryBackend();
            var backend = Open(file, s =>
            {
                if (step++ != failAt) return;
                failed = true;
                // A frame that was written and not synced was not acknowledged; whether it is there is up to the disk.
                maySurvive = s == "write: sync";
                throw new IOException("No space left on device");
            }, appendThreshold: 1);
            foreach (var act in History)
            {
                try
                {
                    await act(backend, name);
                    expected = await Scan(backend, name);
                    await act(model, name);
                }
                catch (BasaltException e)
                {
                    if (maySurvive && unacknowledged.Count == 0)
                    {
                        await act(model, name);
                        unacknowledged = await Scan(model, name);
                    }

                    Assert.True(failed, e.ToString());
                    // Reads go on, and give what was acknowledged.
                    if (expected.Count > 0 && !maySurvive) await AssertSame(expected, backend, name, $"after a failure at {failAt}");
                }
            }

            try
            {
                await backend.DisposeAsync();
            }
            catch (BasaltException)
            {
                Assert.True(failed);
            }

            await using (var again = Open(file))
            {
                var found = await Scan(again, name);
                if (!maySurvive || found.Count == expected.Count && found.Zip(expected).All(static p => p.First.HasSameContent(p.Second))) await AssertSame(expected, again, name, $"reopened after a failure at {failAt}");
                else Assert.True(found.Count == unacknowledged.Count && found.Zip(unacknowledged).All(static p => p.First.HasSameContent(p.Second)), $"failure at {failAt}: found {string.Join(' ', found)}");
            }

            if (!failed) return;
        }
    }

    [Fact]
    public async Task After_a_failed_sync_nothing_more_is_written()
    {
        var fails = false;
        var backend = Open("c.jsonl", s =>
        {
            if (fails && s == "write: sync") throw new IOException("Input/output error");
        });
        await Upsert(backend, "c", new Record("a", ValueMap.Empty));
        fails = true;
        await Assert.ThrowsAsync<BasaltException>(() => Upsert(backend, "c", new Record("b", ValueMap.Empty)));
        fails = false;
        var refused = await Assert.ThrowsAsync<BasaltException>(() => Upsert(backend, "c", new Record("c", ValueMap.Empty)));
        Assert.Equal(ErrorCode.Unavailable, refused.Code);
        Assert.NotNull(await backend.ReadAsync("c", "a", default));
        await backend.DisposeAsync();
        await using var again = Open("c.jsonl");
        await Upsert(again, "c", new Record("d", ValueMap.Empty));
        var ids = await Ids(again, "c");
        Assert.True(ids is ["a", "d"] or ["a", "b", "d"], string.Join(' ', ids));
    }

    [Fact]
    public async Task A_drop_that_was_cut_short_is_finished()
    {
        for (var crashAt = 0; ; crashAt++)
        {
            var file = $"c{crashAt}.csv";
            var name = $"c{crashAt}";
            await using (var first = Open(file)) await Upsert(first, name, new Record("a", ValueMap.Empty));
            var armed = false;
            var step = 0;
            var backend = Open(file, _ =>
            {
                if (armed && step++ == crashAt) throw new Crash();
            });
            await Ids(backend, name);
            armed = true;
            var crashed = false;
            try
            {
                await backend.DropCollectionAsync(name, default);
            }
            catch (Crash)
            {
                crashed = true;
            }

            await backend.AbandonAsync();
            await using var again = Open(file);
            var exists = await again.DescribeAsync(name, default) is not null;
            // Before the mark is on the disk the drop did not happen, behind it it did.
            Assert.Equal(crashAt == 0 && crashed, exists);
            await Upsert(again, name, new Record("b", ValueMap.Empty));
            Assert.Equal(exists ? ["a", "b"] : ["b"], await Ids(again, name));
            if (!crashed) return;
        }
    }

    private async Task<(bool Crashed, List<List<Record>> Accepted)> RunUntil(string file, int crashAt, HashSet<string> steps)
    {
        var name = file[..file.IndexOf('.', StringComparison.Ordinal)];
        var step = 0;
        var crashed = false;
        // The states that may be found: the last acknowledged one, and the one that was being written.
        var accepted = new List<List<Record>> { new() };
        await using (var model = Open("model-" + file, appendThreshold: 1))
        {
            var backend = Open(file, s =>
            {
                steps.Add(s);
                if (step++ != crashAt) return;
                crashed = true;
                throw new Crash();
            }, appendThreshold: 1);
            foreach (var act in History)
            {
                await act(model, "model-" + name);
                accepted.Add(await Scan(model, "model-" + name));
                try
                {
                    await act(backend, name);
                }
                catch (Crash)
                {
                    break;
                }

                accepted.RemoveRange(0, accepted.Count - 1);
            }

            try
            {
                if (crashed) await backend.AbandonAsync();
                else await backend.DisposeAsync();
            }
            catch (Crash)
            {
                await backend.AbandonAsync();
            }
        }

        foreach (var path in Directory.GetFiles(Folder, "model-*")) File.Delete(path);
        return (crashed, accepted);
    }

    /// <summary>A journal that was reset and then grew to its old length is another one, though nothing else changed.</summary>
    [Fact]
    public async Task A_reader_of_what_a_crash_left_sees_the_writes_after_the_repair()
    {
        var crashed = Open("c.jsonl", static step =>
        {
            if (step == "append: reset journal") throw new Crash();
        });
        await Upsert(crashed, "c", Padded("a", 100));
        await Assert.ThrowsAsync<Crash>(async () => await crashed.DisposeAsync());
        await crashed.AbandonAsync();
        var left = new FileInfo(PathOf("c.jsonl.journal")).Length;

        await using var reader = Open("c.jsonl");
        Assert.Equal(["a"], await Ids(reader, "c"));
        await using (var other = Open("d.jsonl"))
        {
            await Upsert(other, "d", Padded("b", 0));
            await Task.Delay(50, TestContext.Current.CancellationToken);
            await using var writer = Open("c.jsonl");
            await Upsert(writer, "c", Padded("b", (int)(left - new FileInfo(PathOf("d.jsonl.journal")).Length)));
            Assert.Equal(left, new FileInfo(PathOf("c.jsonl.journal")).Length);
            Assert.Equal(["a", "b"], await Ids(reader, "c"));
        }

        static Record Padded(string id, int length) => new(id, ValueMap.From([new("pad", new string('x', length))]));
    }

    private async Task<bool> WriteAndCrash(string file, int crashAt)
    {
        var name = file[..file.IndexOf('.', StringComparison.Ordinal)];
        var step = 0;
        var backend = Open(file, _ =>
        {
            if (step++ == crashAt) throw new Crash();
        });
        try
        {
            await Upsert(backend, name, new Record("z", ValueMap.Empty));
            await backend.DisposeAsync();
            return false;
        }
        catch (Crash)
        {
            await backend.AbandonAsync();
            return true;
        }
    }

    private async Task AssertRecovers(string file, List<List<Record>> accepted, string context, string? mayHave = null)
    {
        var name = file[..file.IndexOf('.', StringComparison.Ordinal)];
        await using (var reader = Open(file)) await AssertAccepted(reader, name, accepted, context + ", as a reader", mayHave);
        await using (var writer = Open(file))
        {
            await Upsert(writer, name, new Record("zz", ValueMap.Empty));
            await Apply(writer, name, new Write(WriteKind.Delete, new Record("zz", ValueMap.Empty)));
            await AssertAccepted(writer, name, accepted, context + ", as a writer", mayHave);
        }

        await using (var last = Open(file)) await AssertAccepted(last, name, accepted, context + ", at the end", mayHave);
        Assert.Equal(0, new FileInfo(PathOf(file + ".journal")).Length);
        Assert.False(File.Exists(PathOf(file + ".new")), context);
    }

    private static async Task AssertAccepted(FileBackend backend, string name, List<List<Record>> accepted, string context, string? mayHave)
    {
        var exists = await backend.DescribeAsync(name, default) is not null;
        var found = exists ? await Scan(backend, name) : [];
        found.RemoveAll(r => r.Id == mayHave);
        Assert.True(accepted.Exists(a => a.Count == found.Count && a.Zip(found).All(static p => p.First.HasSameContent(p.Second) && p.First.Version == p.Second.Version)),
            $"{context}: found {string.Join(' ', found)}; accepted are {string.Join(" or ", accepted.Select(static a => "[" + string.Join(' ', a) + "]"))}");
        foreach (var record in found) Assert.True(record.HasSameContent((await backend.ReadAsync(name, record.Id, default))!), context);
        if (exists && mayHave is null) Assert.Equal(found.Count, await backend.CountAsync(name, Filter.True, default));
    }
}
