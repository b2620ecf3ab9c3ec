namespace Basalt.Durability.Tests.Lsm;

/// <summary>
/// Random crashes for as long as wanted: power cuts of stores in memory and kills of real processes, in turn. <c>BASALT_CRASH_SECONDS</c> makes
/// the run longer; <c>BASALT_SEED</c> repeats one from its first seed on.
/// </summary>
public sealed class CrashRunTests
{
    private const int DefaultSeconds = 3;
    private const int CutsPerKill = 40;

    [Fact]
    public async Task However_often_it_crashes_nothing_acknowledged_is_lost_and_no_store_is_unreadable()
    {
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("BASALT_CRASH_SECONDS"), out var wanted) ? wanted : DefaultSeconds;
        var until = TimeProvider.System.GetTimestamp() + seconds * TimeProvider.System.TimestampFrequency;
        var (next, seed) = (History.FirstSeed, History.FirstSeed);
        var (cuts, kills, acknowledged) = (0, 0, 0L);
        Console.WriteLine($"crash run: BASALT_SEED={seed}, {seconds} s");
        do
        {
            try
            {
                var first = next;
                for (; next < first + CutsPerKill; next++)
                {
                    seed = next;
                    var run = new PowerCuts(seed);
                    run.Run();
                    (cuts, acknowledged) = (cuts + run.Lives, acknowledged + run.Acknowledged);
                }

                const int each = 3;
                seed = first;
                var folder = Directory.CreateTempSubdirectory("basalt-lsm-").FullName;
                var killing = new Kills(seed, folder);
                await killing.RunAsync(each);
                (kills, acknowledged) = (kills + each, acknowledged + killing.Acknowledged);
                // After a failure it stays, to be looked at.
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"BASALT_SEED={seed}, after {cuts} power cuts and {kills} kills", e);
            }
        }
        while (TimeProvider.System.GetTimestamp() < until);
        Console.WriteLine($"crash run: {cuts} lives ended by power cut or close, {kills} kills, {acknowledged} batches held of those acknowledged, none lost");
    }
}
