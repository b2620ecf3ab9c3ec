using System.Globalization;
using Basalt.Durability.Tests.Lsm;
using Basalt.PointClouds;
using Basalt.PointClouds.Reading;
using Basalt.Queries;

namespace Basalt.Durability.Tests.PointClouds;

/// <summary>A process that takes points in and optimises is killed anywhere. <c>BASALT_CRASH_SECONDS</c> makes the run longer, <c>BASALT_SEED</c> repeats one from its first seed on.</summary>
public sealed class CloudKillTests
{
    private const int DefaultSeconds = 8;
    private const int Kills = 5;

    [Fact]
    public async Task Whenever_the_process_is_killed_every_acknowledged_block_is_there_once_and_none_half()
    {
        var seconds = int.TryParse(Environment.GetEnvironmentVariable("BASALT_CRASH_SECONDS"), out var wanted) ? wanted : DefaultSeconds;
        var until = TimeProvider.System.GetTimestamp() + seconds * TimeProvider.System.TimestampFrequency;
        var (seed, kills, blocks, unfinished) = (History.FirstSeed, 0, 0, 0);
        Console.WriteLine($"cloud kills: BASALT_SEED={seed}, {seconds} s");
        do
        {
            var folder = Directory.CreateTempSubdirectory("basalt-cloud-").FullName;
            try
            {
                var (random, held) = (new Random(seed), 0);
                for (var kill = 0; kill < Kills; kill++, kills++)
                {
                    var acknowledged = await WriteAndKillAsync(folder, seed, random.Next(1, 8), random.Next(40));
                    await using var database = CloudChild.Open(folder);
                    var cloud = await PointCloud.OpenAsync(database, "cloud");
                    var now = await CheckAsync(cloud, seed);
                    Assert.True(now >= Math.Max(acknowledged, held), $"{acknowledged} blocks were acknowledged, {held} were there before, and {now} are there");
                    held = now;
                    var stats = await cloud.StatsAsync();
                    if (stats.Pending + stats.Retired > 0) unfinished++;
                    if (kill == Kills - 1) await SweepAsync(database, seed, held);
                }

                blocks += held;
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"BASALT_SEED={seed}, after {kills} kills, in {folder}", e);
            }

            Directory.Delete(folder, recursive: true);
            seed++;
        }
        while (TimeProvider.System.GetTimestamp() < until);
        Console.WriteLine($"cloud kills: {kills} kills, {unfinished} of them with a run half written or half removed, {blocks} blocks held, none lost, doubled or half");
    }

    /// <summary>Asserts that the cloud is whole and holds just the first blocks, each with all of its points once; gives how many blocks.</summary>
    private static async Task<int> CheckAsync(PointCloud cloud, int seed)
    {
        Assert.Empty((await cloud.VerifyAsync()).Damage);
        var held = await CloudChild.HeldAsync(cloud);
        var expected = Enumerable.Range(0, held).SelectMany(block => Rows(CloudChild.BlockOf(seed, block), _ => CloudChild.NameOf(block))).Order(StringComparer.Ordinal).ToArray();
        var points = await cloud.ReadAsync(new PointQuery { WithLabels = true, WithBlocks = true });
        Assert.Equal(expected, Rows(points, points.BlockOf).Order(StringComparer.Ordinal));
        Assert.Equal(expected.Length, await cloud.CountAsync(PointQuery.All));
        return held;
    }

    /// <summary>Asserts that what the dead left goes when its time has come, and no record stays that nobody names.</summary>
    private static async Task SweepAsync(Database database, int seed, int held)
    {
        var cloud = await PointCloud.OpenAsync(database, "cloud", new PointCloudOptions { TimeProvider = new Tomorrow() });
        await cloud.OptimizeAsync();
        // What was replaced just now has its own grace.
        await (await PointCloud.OpenAsync(database, "cloud", new PointCloudOptions { Grace = TimeSpan.Zero, TimeProvider = new Tomorrow() })).OptimizeAsync();
        Assert.Equal(held, await CheckAsync(cloud, seed));
        var stats = await cloud.StatsAsync();
        Assert.Equal((0, 0), (stats.Pending, stats.Retired));
        var runs = new HashSet<string>();
        await foreach (var record in database.Collection("cloud").StreamAsync(Query.All))
            if (record.Id.StartsWith("r/", StringComparison.Ordinal)) runs.Add(record.Id.Split('/')[1]);
        Assert.Equal(stats.Runs, runs.Count);
    }

    private static IEnumerable<string> Rows(PointSet points, Func<int, string> blockOf) => Enumerable.Range(0, points.Count).Select(i =>
        string.Create(CultureInfo.InvariantCulture, $"{blockOf(i)}|{points.Labels[i]}|{string.Join(',', points.Coordinates.Select(column => column.BitsAt(i)))}|{points["weight"].BitsAt(i)}"));

    private static async Task<int> WriteAndKillAsync(string folder, int seed, int lines, int milliseconds)
    {
        using var child = ChildProcess.Start(CloudChild.Write, folder, $"{seed}");
        var errors = child.StandardError.ReadToEndAsync();
        var last = 0;
        for (var heard = 0; heard < lines; heard++) last = int.Parse(await child.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException($"The child ended: {await errors}"), CultureInfo.InvariantCulture);
        // Somewhere in the next ingest or optimisation.
        await Task.Delay(milliseconds);
        child.Kill();
        // What it still said before it died counts; its last line may be cut.
        foreach (var line in (await child.StandardOutput.ReadToEndAsync()).Split('\n')[..^1]) last = int.Parse(line, CultureInfo.InvariantCulture);
        await child.WaitForExitAsync();
        return last;
    }

    private sealed class Tomorrow : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => System.GetUtcNow().AddDays(1);
    }
}
