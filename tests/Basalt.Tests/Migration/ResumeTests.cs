using Basalt.Backends.Memory;
using Basalt.Migration;
using Basalt.Records;

namespace Basalt.Tests.Migration;

/// <summary>A move of 10 records in batches of 3 that is broken off at every place where it can be.</summary>
public sealed class ResumeTests : IDisposable
{
    private const int Rows = 10, Batch = 3, Batches = 4;
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    private sealed class Crash : Exception;

    private static string Lines => string.Concat(Enumerable.Range(1, Rows).Select(static i => $"{{\"n\":{i}}}\n"));

    public static TheoryData<int, bool, bool, ConflictPolicy> Places()
    {
        var places = new TheoryData<int, bool, bool, ConflictPolicy>();
        for (var batch = 1; batch <= Batches; batch++)
            foreach (var after in new[] { false, true })
                foreach (var wasEmpty in new[] { false, true })
                    foreach (var policy in Enum.GetValues<ConflictPolicy>()) places.Add(batch, after, wasEmpty, policy);
        return places;
    }

    private static FaultingBackend Breaking(int batch, bool after)
    {
        var backend = new FaultingBackend(new MemoryBackend());
        void Break(int number)
        {
            if (number == batch) throw new Crash();
        }

        if (after) backend.AfterWrite = Break;
        else backend.BeforeWrite = Break;
        return backend;
    }

    private static async Task Heal(FaultingBackend backend)
    {
        (backend.BeforeWrite, backend.AfterWrite) = (null, null);
        await Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Resumed_import_ends_as_an_unbroken_one(int batch, bool after, bool wasEmpty, ConflictPolicy policy)
    {
        var backend = Breaking(batch + (wasEmpty ? 0 : 1), after);
        var films = Database.Over(backend).Collection("films");
        if (!wasEmpty) await films.CreateAsync(new Record { Id = "zz-other" });
        await using var source = _bench.Source("f.jsonl", Lines);
        var acknowledged = new List<string>();
        ImportOptions Options(bool resume) => new() { BatchSize = Batch, OnConflict = policy, Checkpoint = _bench.Checkpoint(resume), OnBatch = a => acknowledged.Add(a.LastId) };
        await Assert.ThrowsAsync<Crash>(() => Importer.RunAsync(source, films, Options(resume: false)));
        Assert.NotEmpty(_bench.Checkpoints());
        var before = (await Workbench.All(films)).Select(static r => (r.Id, r.Version)).ToList();
        await Heal(backend);
        var report = await Importer.RunAsync(source, films, Options(resume: true));

        Assert.Equal((Rows, Rows, 0, true, true), (report.Read, report.Written, report.Skipped, report.IsResumed, report.IsVerified));
        var records = (await Workbench.All(films)).Where(static r => r.Id != "zz-other").ToList();
        Assert.Equal(Enumerable.Range(1, Rows).Select(static i => (Value)i), records.Select(static r => r["n"]));
        Assert.Equal(Batches, acknowledged.Distinct().Count());
        // What the broken run wrote was left alone.
        Assert.Empty(before.Except((await Workbench.All(films)).Select(static r => (r.Id, r.Version))));
        Assert.Empty(_bench.Checkpoints());
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Resumed_copy_ends_as_an_unbroken_one(int batch, bool after, bool wasEmpty, ConflictPolicy policy)
    {
        var from = await Workbench.With([.. Enumerable.Range(1, Rows).Select(static i => new Record($"k{i:D2}", ValueMap.Empty.With("n", i)) { Metadata = ValueMap.Empty.With("m", i) })]);
        var backend = Breaking(batch + (wasEmpty ? 0 : 1), after);
        var to = Database.Over(backend).Collection("copy");
        if (!wasEmpty) await to.CreateAsync(new Record { Id = "zz-other" });
        CopyOptions Options(bool resume) => new() { BatchSize = Batch, OnConflict = policy, Checkpoint = _bench.Checkpoint(resume) };
        await Assert.ThrowsAsync<Crash>(() => Copier.RunAsync(from, to, Options(resume: false)));
        await Heal(backend);
        var report = await Copier.RunAsync(from, to, Options(resume: true));

        Assert.Equal((Rows, Rows, 0, true), (report.Read, report.Written, report.Skipped, report.IsResumed));
        if (!wasEmpty) await to.DeleteAsync("zz-other");
        Assert.Equal(await Workbench.Dump(from), await Workbench.Dump(to));
        Assert.Empty(_bench.Checkpoints());
    }

    [Fact]
    public async Task Resumed_move_goes_on_behind_the_last_durable_batch()
    {
        var backend = Breaking(3, after: false);
        var films = Database.Over(backend).Collection("films");
        await using var source = _bench.Source("f.jsonl", Lines);
        await Assert.ThrowsAsync<Crash>(() => Importer.RunAsync(source, films, new ImportOptions { BatchSize = Batch, Checkpoint = _bench.Checkpoint() }));
        await Heal(backend);
        var read = new List<long>();
        await Importer.RunAsync(source, films, new ImportOptions { BatchSize = Batch, Checkpoint = _bench.Checkpoint(resume: true), OnBatch = a => read.Add(a.Read) });
        Assert.Equal([9, 10], read);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Log_is_cut_to_what_the_checkpoint_knows_and_refused_when_it_is_shorter(bool isLonger)
    {
        var backend = Breaking(4, after: true);
        var to = Database.Over(backend).Collection("to");
        await to.CreateAsync(new Record { Id = "zz-other" });
        var from = await Workbench.With([.. Enumerable.Range(1, Rows).Select(static i => new Record($"k{i:D2}", ValueMap.Empty.With("n", i)))]);
        await Assert.ThrowsAsync<Crash>(() => Copier.RunAsync(from, to, new CopyOptions { BatchSize = Batch, Checkpoint = _bench.Checkpoint() }));
        await Heal(backend);
        var path = Assert.Single(_bench.Checkpoints(), static f => f.EndsWith(".written", StringComparison.Ordinal));
        var length = new FileInfo(path).Length;
        using (var log = new WrittenLog(path, isLonger ? length : 0))
        {
            // As if the crash had come between the log and the checkpoint, of a record that never arrived.
            log.Add("never-written", 1);
            log.Sync(isDurable: false);
        }

        var resumed = () => Copier.RunAsync(from, to, new CopyOptions { BatchSize = Batch, Checkpoint = _bench.Checkpoint(resume: true) });
        if (isLonger) Assert.Equal((Rows, true), ((int)(await resumed()).Written, await to.GetAsync("k10") is not null));
        else Assert.Equal(ErrorCode.Corrupt, (await Workbench.Fails(resumed)).Code);
    }

    [Fact]
    public async Task Batch_that_is_being_written_when_the_move_is_cancelled_is_brought_to_its_end()
    {
        using var stop = new CancellationTokenSource();
        var backend = new FaultingBackend(new MemoryBackend());
        backend.BeforeWrite = number => { if (number == 2) stop.Cancel(); };
        var films = Database.Over(backend).Collection("films");
        await using var source = _bench.Source("f.jsonl", Lines);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Importer.RunAsync(source, films, new ImportOptions { BatchSize = Batch, Checkpoint = _bench.Checkpoint() }, null, stop.Token));
        Assert.Equal(6, await films.CountAsync());
        var read = new List<long>();
        await Importer.RunAsync(source, films, new ImportOptions { BatchSize = Batch, Checkpoint = _bench.Checkpoint(resume: true), OnBatch = a => read.Add(a.Read) });
        Assert.Equal([9, 10], read);
    }

    [Fact]
    public async Task Filtered_and_replaced_rows_are_counted_once_over_a_resume()
    {
        var backend = Breaking(2, after: true);
        var films = Database.Over(backend).Collection("films");
        await using var source = _bench.Source("f.csv", "key,n\na,1\na,2\nb,3\nc,0\nd,4\ne,5\nd,6\nf,0\n");
        ImportOptions Options(bool resume) => new()
        {
            IdField = "key", BatchSize = 2, OnConflict = ConflictPolicy.Upsert, Transform = TransformSpec.Parse("""{"where":"n > 0"}"""), Checkpoint = _bench.Checkpoint(resume),
        };
        await Assert.ThrowsAsync<Crash>(() => Importer.RunAsync(source, films, Options(resume: false)));
        await Heal(backend);
        var report = await Importer.RunAsync(source, films, Options(resume: true));
        Assert.Equal((8, 4, 2, 2), (report.Read, report.Written, report.Skipped, report.Filtered));
        Assert.Equal(["a2", "b3", "d6", "e5"], (await Workbench.All(films)).Select(static r => $"{r.Id}{r["n"]}"));
    }

    [Fact]
    public async Task Resume_still_fails_at_an_id_that_somebody_else_wrote()
    {
        var backend = Breaking(2, after: false);
        var films = Database.Over(backend).Collection("films");
        await using var source = _bench.Source("f.csv", "key,n\na,1\nb,2\nc,3\n");
        ImportOptions Options(bool resume) => new() { IdField = "key", BatchSize = 1, Checkpoint = _bench.Checkpoint(resume) };
        await Assert.ThrowsAsync<Crash>(() => Importer.RunAsync(source, films, Options(resume: false)));
        await Heal(backend);
        await films.CreateAsync(new Record { Id = "b", ["n"] = 77 });
        var error = await Workbench.Fails(() => Importer.RunAsync(source, films, Options(resume: true)));
        Assert.Equal((ErrorCode.AlreadyExists, $"{source.Name}, line 3: The record 'b' exists already in 'films'. 1 record before it was written."), (error.Code, error.Message));
    }

    [Fact]
    public async Task Checkpoint_of_another_move_is_refused_by_what_differs()
    {
        var backend = Breaking(2, after: false);
        var films = Database.Over(backend).Collection("films");
        await using var source = _bench.Source("f.jsonl", Lines);
        var first = new ImportOptions { BatchSize = 3, Checkpoint = _bench.Checkpoint() };
        await Assert.ThrowsAsync<Crash>(() => Importer.RunAsync(source, films, first));
        await Heal(backend);
        var again = first with { Checkpoint = _bench.Checkpoint(resume: true) };
        async Task Refused(RecordSource from, ImportOptions options, string what)
        {
            var error = await Workbench.Fails(() => Importer.RunAsync(from, films, options));
            Assert.Equal(ErrorCode.Conflict, error.Code);
            Assert.Contains($"belongs to a run with another {what};", error.Message, StringComparison.Ordinal);
        }

        await Refused(source, again with { Transform = TransformSpec.Parse("""{"drop":["x"]}""") }, "transform");
        await Refused(source, again with { IdField = "n" }, "id field");
        await Refused(source, again with { OnConflict = ConflictPolicy.Skip }, "conflict policy");
        await using var changed = _bench.Source("g.jsonl", Lines + "{\"n\":11}\n");
        await Refused(changed, again, "source content");
        Assert.Equal(Rows, (await Importer.RunAsync(source, films, again with { BatchSize = 5 })).Written);
    }

    [Fact]
    public async Task Damaged_checkpoint_is_named_and_kept()
    {
        var backend = Breaking(2, after: false);
        var films = Database.Over(backend).Collection("films");
        await using var source = _bench.Source("f.jsonl", Lines);
        await Assert.ThrowsAsync<Crash>(() => Importer.RunAsync(source, films, new ImportOptions { BatchSize = 3, Checkpoint = _bench.Checkpoint() }));
        await Heal(backend);
        var path = Assert.Single(_bench.Checkpoints());
        var text = await File.ReadAllTextAsync(path);
        await File.WriteAllTextAsync(path, text[..^5]);
        var error = await Workbench.Fails(() => Importer.RunAsync(source, films, new ImportOptions { BatchSize = 3, Checkpoint = _bench.Checkpoint(resume: true) }));
        Assert.Equal((ErrorCode.Corrupt, path), (error.Code, error.Target));
        Assert.True(File.Exists(path));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancelled_move_ends_its_batch_and_can_be_resumed(bool isImport)
    {
        var from = await Workbench.With([.. Enumerable.Range(1, Rows).Select(static i => new Record($"k{i:D2}", ValueMap.Empty.With("n", i)))]);
        await using var source = _bench.Source("f.jsonl", Lines);
        var to = Workbench.Empty("to");
        using var stop = new CancellationTokenSource();
        Task<MoveReport> Run(bool resume, Action<BatchAcknowledgement>? onBatch, CancellationToken token) => isImport
            ? Importer.RunAsync(source, to, new ImportOptions { BatchSize = Batch, Checkpoint = _bench.Checkpoint(resume), OnBatch = onBatch }, null, token)
            : Copier.RunAsync(from, to, new CopyOptions { BatchSize = Batch, Checkpoint = _bench.Checkpoint(resume), OnBatch = onBatch }, null, token);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run(false, ack => { if (ack.Read == 6) stop.Cancel(); }, stop.Token));
        Assert.Equal(6, await to.CountAsync());
        var report = await Run(true, null, CancellationToken.None);
        Assert.Equal((Rows, Rows, true), (report.Read, report.Written, report.IsResumed));
        Assert.Equal(Rows, await to.CountAsync());
    }
}
