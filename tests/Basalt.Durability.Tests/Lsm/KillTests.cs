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
}
