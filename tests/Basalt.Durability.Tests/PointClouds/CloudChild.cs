using System.Globalization;
using System.Text;
using Basalt.Engine;
using Basalt.PointClouds;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Ingest;

namespace Basalt.Durability.Tests.PointClouds;

/// <summary>A cloud of blocks that any process can go on with, as each follows from a seed and its number; and the child that takes them in.</summary>
internal static class CloudChild
{
    public const string Write = "cloud-write";
    private const int LeastRun = 1024;

    public static PointSchema Schema { get; } = new() { Attributes = [new("weight", ColumnType.Float32)] };

    /// <summary>folder, seed: goes on with the blocks where the cloud stands, until it is killed; now and then optimises it; prints how many blocks there are whenever an ingest is complete, and the same after an optimisation.</summary>
    public static async Task<int> WriteAsync(string[] args)
    {
        await using var output = Console.OpenStandardOutput();
        var seed = int.Parse(args[1], CultureInfo.InvariantCulture);
        await using var database = Open(args[0]);
        // Nobody else reads or writes: what was replaced can go at once, and is swept while kills may come.
        var cloud = await PointCloud.OpenOrCreateAsync(database, "cloud", Schema, new PointCloudOptions { Grace = TimeSpan.Zero });
        var held = await HeldAsync(cloud);
        while (true)
        {
            var random = new Random(unchecked(seed * 1_000_003 + held));
            // Some that are there come again, as when an ingest is begun anew. A run may be less than an ingest, so that an ingest may be cut between its runs.
            var (first, count) = (Math.Max(0, held - random.Next(4)), held + random.Next(1, 12));
            await using (var ingest = await cloud.IngestAsync(new IngestOptions { RunPoints = LeastRun << random.Next(3), Threads = 2, MostRuns = 4 }))
            {
                for (var block = first; block < count; block++) await ingest.AddAsync(NameOf(block), BlockOf(seed, block));
                await ingest.CompleteAsync();
            }

            held = count;
            await TellAsync();
            if (random.Next(3) > 0) continue;
            await cloud.OptimizeAsync();
            await TellAsync();
        }

        async Task TellAsync()
        {
            await output.WriteAsync(Encoding.ASCII.GetBytes($"{held}\n"));
            await output.FlushAsync();
        }
    }

    public static Database Open(string folder) => Database.Over(EngineBackend.Open(new EngineOptions { Path = folder, MemtableBytes = 1 << 16 }));

    /// <summary>How many blocks the cloud has. They are taken in order, so they are the first ones.</summary>
    public static async Task<int> HeldAsync(PointCloud cloud)
    {
        var held = 0;
        await foreach (var (block, _) in cloud.BlocksAsync()) Assert.Equal(NameOf(held++), block);
        return held;
    }

    public static string NameOf(int block) => block.ToString("d6", CultureInfo.InvariantCulture);

    /// <summary>A block: up to 400 points of a few labels, some of which are in all blocks; no two are equal.</summary>
    public static PointSet BlockOf(int seed, int block)
    {
        var random = new Random(unchecked(seed * 7_368_787 + block));
        var points = new HashSet<(int X, int Y, int Z)>();
        for (var i = random.Next(1, 400); i > 0; i--) points.Add((block * 16 + random.Next(16), random.Next(-16, 16), random.Next(16)));
        var (all, own) = (points.OrderBy(static point => point).ToArray(), ulong.MaxValue - (ulong)(block / 3));
        return new PointSet(
            [Column.Of("x", Array.ConvertAll(all, static point => point.X)), Column.Of("y", Array.ConvertAll(all, static point => point.Y)), Column.Of("z", Array.ConvertAll(all, static point => point.Z))],
            [Column.Of("weight", Array.ConvertAll(all, _ => random.NextSingle()))],
            Array.ConvertAll(all, _ => random.Next(3) == 0 ? own : (ulong)random.Next(4)));
    }
}
