using Basalt.Lsm;
using Basalt.Lsm.IO;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>A store on disk whose process is killed (SIGKILL) again and again while writers of it are told that their batches are safe.</summary>
internal sealed class Kills(int seed, string folder)
{
    private const int Batches = 20_000;
    private readonly Random _random = new(seed);
    private Crew _crew = null!;

    public long Acknowledged => _crew.Acknowledged;

    public async Task RunAsync(int kills)
    {
        var writers = _random.Next(2) == 0 ? 1 : _random.Next(2, 5);
        _crew = new Crew(seed, writers, Batches);
        for (var kill = 0; kill < kills; kill++)
        {
            var set = OptionSets.Family(seed)[_random.Next(OptionSets.Family(seed).Count)];
            var acknowledged = await WriteAndKillAsync(writers, set);
            try
            {
                // A writer whose last batch was not acknowledged may have written it nevertheless, whole.
                for (var writer = 0; writer < writers; writer++) _crew.Histories[writer].Claim(acknowledged[writer]);
                using var store = LsmStore.Open(OptionSets.Of(set, folder, LocalFileSystem.Instance));
                _crew.Resume(_crew.Check(store, acknowledgedIsDurable: true));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"kill {kill} under '{set}', {writers} writers, acknowledged {string.Join(' ', acknowledged)}", e);
            }
        }
    }

    /// <summary>How many batches of each writer were acknowledged in all.</summary>
    private async Task<int[]> WriteAndKillAsync(int writers, string set)
    {
        var acknowledged = _crew.Histories.Select(static history => history.Acknowledged).ToArray();
        using var child = ChildProcess.Start(LsmChild.Write, folder, $"{seed}", $"{Batches}", $"{writers}", set);
        var errors = child.StandardError.ReadToEndAsync();
        var stop = _random.Next(1, 300);
        var heard = 0;
        while (heard < stop && await child.StandardOutput.ReadLineAsync() is { } line) Hear(line);
        if (heard < stop) Assert.Fail($"The child ended: {await errors}");
        child.Kill();
        // What it still said before it died counts; its last line may be cut.
        var rest = await child.StandardOutput.ReadToEndAsync();
        foreach (var line in rest.Split('\n')[..^1]) Hear(line);
        await child.WaitForExitAsync();
        return acknowledged;

        void Hear(string line)
        {
            var words = line.Split(' ');
            acknowledged[int.Parse(words[0])] = int.Parse(words[1]);
            heard++;
        }
    }
}
