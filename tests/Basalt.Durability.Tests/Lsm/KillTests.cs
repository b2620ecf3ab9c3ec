using Basalt.Lsm;

namespace Basalt.Durability.Tests.Lsm;

public sealed class KillTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-lsm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Killed_at_any_moment_it_keeps_what_it_acknowledged()
    {
        const int batches = 200_000;
        var random = new Random(History.FirstSeed);
        var last = 0;
        for (var round = 0; round < 6; round++)
        {
            using var child = ChildProcess.Start(LsmChild.Write, _folder, $"{History.FirstSeed}", $"{batches}");
            var stop = random.Next(1, 200);
            for (var i = 0; i < stop && await child.StandardOutput.ReadLineAsync() is { } line; i++) last = int.Parse(line);
            child.Kill();
            var rest = await child.StandardOutput.ReadToEndAsync();
            await child.WaitForExitAsync();
            if (rest.LastIndexOf('\n') is var end && end > 0) last = int.Parse(rest[..end].Split('\n')[^1]);
            Assert.True(last > 0, await child.StandardError.ReadToEndAsync());
            using var store = LsmStore.Open(LsmChild.Options(_folder));
            Assert.InRange(new History(History.FirstSeed, batches).Held(store), last, last + 1);
            Assert.Empty(store.Verify());
        }
    }
}
