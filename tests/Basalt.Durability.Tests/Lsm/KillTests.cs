using Basalt.Lsm;

namespace Basalt.Durability.Tests.Lsm;

public sealed class KillTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-lsm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Killed_at_any_moment_it_keeps_what_it_acknowledged()
    {
        try
        {
            await new Kills(History.FirstSeed, _folder).RunAsync(kills: 5);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"BASALT_SEED={History.FirstSeed}", e);
        }
    }

    [Fact]
    public async Task Killed_during_a_backup_it_leaves_a_whole_one_and_the_next_goes_on_from_there()
    {
        const int batches = 7 * 20_000;
        var random = new Random(History.FirstSeed);
        var (folder, backup) = (Path.Combine(_folder, "store"), Path.Combine(_folder, "backup"));
        var last = 0;
        for (var round = 0; round < 6; round++)
        {
            using var child = ChildProcess.Start(LsmChild.BackUp, folder, backup, $"{History.FirstSeed}", $"{batches}");
            var stop = random.Next(1, 60);
            for (var i = 0; i < stop && await child.StandardOutput.ReadLineAsync() is { } line; i++) last = int.Parse(line);
            child.Kill();
            var rest = await child.StandardOutput.ReadToEndAsync();
            await child.WaitForExitAsync();
            if (rest.LastIndexOf('\n') is var end && end > 0) last = int.Parse(rest[..end].Split('\n')[^1]);
            Assert.True(last > 0, await child.StandardError.ReadToEndAsync());
            var history = new History(History.FirstSeed, batches);
            using var kept = LsmStore.OpenReadOnly(LsmChild.Options(backup));
            // The last one that was reported, or one that was under way.
            Assert.InRange(history.Held(kept), last, last + 7);
            Assert.Empty(kept.Verify());
        }

        var restored = Path.Combine(_folder, "restored");
        LsmStore.Restore(backup, LsmChild.Options(restored));
        using var store = LsmStore.Open(LsmChild.Options(restored));
        Assert.InRange(new History(History.FirstSeed, batches).Held(store), last, last + 7);
    }

    [Fact]
    public async Task Opened_for_reading_beside_a_process_that_writes_it_is_whole_every_time()
    {
        const int batches = 200_000;
        const int times = 400;
        using var child = ChildProcess.Start(LsmChild.Write, _folder, $"{History.FirstSeed}", $"{batches}", "1", "tiny memtable");
        var acknowledged = 0;
        var output = Task.Run(async () =>
        {
            while (await child.StandardOutput.ReadLineAsync() is { } line) Volatile.Write(ref acknowledged, int.Parse(line.Split(' ')[1]));
        });
        try
        {
            // The trees are there when the first batch is.
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref acknowledged) > 0 || child.HasExited, TimeSpan.FromSeconds(60)) && !child.HasExited);
            var history = new Crew(History.FirstSeed, 1, batches).Histories[0];
            var (opened, busy, last) = (0, 0, 0);
            for (var i = 0; i < times && !child.HasExited; i++)
            {
                var floor = Volatile.Read(ref acknowledged);
                try
                {
                    using var store = LsmStore.OpenReadOnly(LsmChild.Options(_folder));
                    var held = history.Held(store);
                    Assert.True(held >= floor && held >= last, $"BASALT_SEED={History.FirstSeed}: holds {held} of {floor} acknowledged, {last} before");
                    last = held;
                    if (i % 20 == 0) Assert.Empty(store.Verify());
                    opened++;
                }
                catch (LsmException e) when (e.Code == LsmErrorCode.Busy)
                {
                    busy++;
                }
            }

            Assert.True(opened > times / 2 && last > 100, $"{opened} opened, {busy} busy, {last} held");
        }
        finally
        {
            child.Kill();
            await child.WaitForExitAsync();
            await output;
        }

        using var after = LsmStore.Open(LsmChild.Options(_folder));
        Assert.Empty(after.Verify());
    }
}
