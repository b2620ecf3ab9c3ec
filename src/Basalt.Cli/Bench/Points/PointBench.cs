using System.Text.Json.Nodes;
using Basalt.Cli.Bench.Lsm;
using Basalt.PointClouds;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Ingest;
using Basalt.PointClouds.Reading;
using Basalt.PointClouds.Samples;

namespace Basalt.Cli.Bench.Points;

/// <summary>
/// The life of a cloud of neurites: durable ingest, reads of labels and boxes as they were taken in and again when the cloud is optimised, opening. Counts are compared with what was taken in.
/// </summary>
internal sealed class PointBench(Session session, StoreUri store, Neurites sample, bool optimizes)
{
    private const int Rounds = 200;
    private const int BlocksOfBox = 2;
    private const int GroupPoints = 4 << 20;
    private readonly JsonObject _figures = [];
    private readonly Dictionary<ulong, long> _labels = [];
    private readonly Dictionary<string, long> _boxes = [];
    private long _points;

    private string Name => store.Collection ?? "points";

    public async Task<JsonObject> RunAsync(CancellationToken cancellationToken)
    {
        (_figures["store"], _figures["labels"]) = (store.ToString(), sample.Labels);
        var database = await session.OpenAsync(store, cancellationToken).ConfigureAwait(false);
        try
        {
            if (await database.DescribeCollectionAsync(Name, cancellationToken).ConfigureAwait(false) is not null) throw new UsageException($"{store} has a collection '{Name}' already; name one that is not there.");
            var cloud = await PointCloud.CreateAsync(database, Name, new PointSchema(), null, cancellationToken).ConfigureAwait(false);
            await IngestAsync(cloud, cancellationToken).ConfigureAwait(false);
            _figures["taken_in"] = await ReadAsync(cloud, cancellationToken).ConfigureAwait(false);
            if (optimizes) await OptimizeAsync(database, cancellationToken).ConfigureAwait(false);
            await database.DisposeAsync().ConfigureAwait(false);
            database = await OpenAsync(cancellationToken).ConfigureAwait(false);
            var description = await database.DescribeCollectionAsync(Name, cancellationToken).ConfigureAwait(false);
            _figures["disk_bytes_per_point"] = description?.Bytes is { } bytes ? Rounded((double)bytes / _points) : null;
            _figures["peak_rss_bytes"] = MemoryPeak.Bytes;
            return _figures;
        }
        finally
        {
            await database.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Points are made beside the clock, some millions at a time, and nothing is written while they are made.</summary>
    private async Task IngestAsync(PointCloud cloud, CancellationToken cancellationToken)
    {
        session.Error.WriteLine($"ingest of {sample.Labels:N0} labels");
        var ingest = await cloud.IngestAsync(new IngestOptions(), cancellationToken).ConfigureAwait(false);
        await using var ending = ingest.ConfigureAwait(false);
        var (took, gathered) = (TimeSpan.Zero, 0L);
        var group = new List<(string Block, PointSet Points)>();
        foreach (var (block, points) in sample.Blocks().Append(("", new PointSet([Column.Of("x", Array.Empty<int>())]))))
        {
            if (gathered >= GroupPoints || block.Length == 0)
            {
                var started = session.TimeProvider.GetTimestamp();
                foreach (var made in group) await ingest.AddAsync(made.Block, made.Points, cancellationToken).ConfigureAwait(false);
                await ingest.FlushAsync(cancellationToken).ConfigureAwait(false);
                took += session.TimeProvider.GetElapsedTime(started);
                group.Clear();
                gathered = 0;
            }

            if (block.Length == 0) break;
            foreach (var label in points.Labels) System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(_labels, label, out _)++;
            Note(block, points.Count);
            group.Add((block, points));
            gathered += points.Count;
            _points += points.Count;
        }

        var ended = session.TimeProvider.GetTimestamp();
        var report = await ingest.CompleteAsync(cancellationToken).ConfigureAwait(false);
        took += session.TimeProvider.GetElapsedTime(ended);
        Expect(report.Points == _points && report.Duplicates == 0);
        var stats = await cloud.StatsAsync(cancellationToken).ConfigureAwait(false);
        (_figures["points"], _figures["blocks"], _figures["runs"], _figures["chunks"]) = (_points, report.Blocks, report.Runs, stats.Chunks);
        (_figures["ingest_points_per_s"], _figures["bytes_per_point"]) = (Math.Round(_points / took.TotalSeconds), Rounded((double)stats.Bytes / _points));
    }

    // The id of a block of the sample ends in its place.
    private void Note(string block, int points)
    {
        var place = block[(block.IndexOf('/') + 1)..];
        _boxes[place] = _boxes.GetValueOrDefault(place) + points;
    }

    private async Task<JsonObject> ReadAsync(PointCloud cloud, CancellationToken cancellationToken)
    {
        session.Error.WriteLine("reads");
        var figures = new JsonObject();
        foreach (var size in new[] { 100L, 10_000, 100_000 })
            if (Labels(size) is { Count: > 0 } labels) figures[$"label_of_{size}"] = await LabelsAsync(cloud, labels, cancellationToken).ConfigureAwait(false);
        figures["box"] = await BoxesAsync(cloud, cancellationToken).ConfigureAwait(false);
        figures["scan_points_per_s"] = Math.Round(await ScanAsync(cloud, cancellationToken).ConfigureAwait(false));
        return figures;
    }

    /// <summary>Labels of about a size, nearest first, and never of half or twice as many.</summary>
    private List<ulong> Labels(long size) =>
        [.. _labels.Where(label => label.Value * 2 > size && label.Value < size * 2).OrderBy(label => Math.Abs(label.Value - size)).ThenBy(static label => label.Key).Take(8).Select(static label => label.Key)];

    private async Task<JsonObject> LabelsAsync(PointCloud cloud, List<ulong> labels, CancellationToken cancellationToken)
    {
        var times = new List<double>();
        var timing = new ReadTiming();
        for (var round = -labels.Count * 3; round < Rounds; round++)
        {
            var label = labels[(round + labels.Count * 3) % labels.Count];
            var started = session.TimeProvider.GetTimestamp();
            var points = await cloud.ReadAsync(PointQuery.OfLabel(label), cancellationToken).ConfigureAwait(false);
            var elapsed = session.TimeProvider.GetElapsedTime(started);
            Expect(points.Count == _labels[label]);
            // The first rounds are for the compiler, and to have the chunks in memory.
            if (round >= 0) times.Add(elapsed.TotalMilliseconds);
        }

        foreach (var label in labels) Expect(await cloud.CountAsync(new PointQuery { Labels = [label], Timing = timing, Ball = new Ball([0, 0, 0], 1e9) }, cancellationToken).ConfigureAwait(false) == _labels[label]);
        times.Sort();
        var mean = labels.Average(label => (double)_labels[label]);
        return new JsonObject
        {
            ["points"] = Math.Round(mean),
            ["median_ms"] = Rounded(times[times.Count / 2]),
            ["p99_ms"] = Rounded(times[(int)(times.Count * 0.99)]),
            ["chunks"] = Rounded((double)timing.Chunks / labels.Count),
            ["points_per_s"] = Math.Round(mean / times[times.Count / 2] * 1000),
        };
    }

    /// <summary>Boxes of some blocks a side, counted and read, with the share of chunks that was looked at.</summary>
    private async Task<JsonObject> BoxesAsync(PointCloud cloud, CancellationToken cancellationToken)
    {
        var places = _boxes.Keys.Order(StringComparer.Ordinal).ToArray();
        var random = new Random(1);
        var (timing, times, read) = (new ReadTiming(), new List<double>(), 0L);
        for (var round = -5; round < 40; round++)
        {
            var at = Array.ConvertAll(places[random.Next(places.Length)].Split(','), int.Parse);
            var expected = Enumerable.Range(0, BlocksOfBox * BlocksOfBox * BlocksOfBox).Sum(i => _boxes.GetValueOrDefault($"{at[0] + i % 2},{at[1] + i / 2 % 2},{at[2] + i / 4}"));
            var box = new Box([.. at.Select(static a => (Records.Value)(a * Neurites.BlockSide))], [.. at.Select(static a => (Records.Value)((a + BlocksOfBox) * Neurites.BlockSide - 1))]);
            var started = session.TimeProvider.GetTimestamp();
            var points = await cloud.ReadAsync(PointQuery.In(box) with { Timing = round < 0 ? null : timing }, cancellationToken).ConfigureAwait(false);
            if (round >= 0) times.Add(session.TimeProvider.GetElapsedTime(started).TotalMilliseconds);
            if (round >= 0) read += points.Count;
            Expect(points.Count == expected);
        }

        times.Sort();
        var chunks = (await cloud.StatsAsync(cancellationToken).ConfigureAwait(false)).Chunks;
        return new JsonObject
        {
            ["side"] = BlocksOfBox * Neurites.BlockSide,
            ["points"] = Math.Round(read / 40.0),
            ["median_ms"] = Rounded(times[times.Count / 2]),
            ["chunks"] = Rounded(timing.Chunks / 40.0),
            ["chunks_of_all"] = Rounded(timing.Chunks / 40.0 / chunks),
        };
    }

    /// <summary>All points, by one thread.</summary>
    private async Task<double> ScanAsync(PointCloud cloud, CancellationToken cancellationToken)
    {
        var (started, count) = (session.TimeProvider.GetTimestamp(), 0L);
        await foreach (var part in cloud.StreamAsync(PointQuery.All, cancellationToken).ConfigureAwait(false)) count += part.Count;
        Expect(count == _points);
        return count / session.TimeProvider.GetElapsedTime(started).TotalSeconds;
    }

    private async Task OptimizeAsync(Database database, CancellationToken cancellationToken)
    {
        session.Error.WriteLine("optimise");
        var cloud = await PointCloud.OpenAsync(database, Name, new PointCloudOptions { Grace = TimeSpan.Zero }, cancellationToken).ConfigureAwait(false);
        var started = session.TimeProvider.GetTimestamp();
        await cloud.OptimizeAsync(null, cancellationToken).ConfigureAwait(false);
        _figures["optimize_points_per_s"] = Math.Round(_points / session.TimeProvider.GetElapsedTime(started).TotalSeconds);
        var stats = await cloud.StatsAsync(cancellationToken).ConfigureAwait(false);
        (_figures["optimized_chunks"], _figures["optimized_bytes_per_point"]) = (stats.Chunks, Rounded((double)stats.Bytes / _points));
        _figures["optimized"] = await ReadAsync(cloud, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Database> OpenAsync(CancellationToken cancellationToken)
    {
        if (store.Scheme == "memory") return await session.OpenAsync(store, cancellationToken).ConfigureAwait(false);
        var started = session.TimeProvider.GetTimestamp();
        var database = await session.OpenAsync(store, cancellationToken).ConfigureAwait(false);
        var cloud = await PointCloud.OpenAsync(database, Name, null, cancellationToken).ConfigureAwait(false);
        _figures["open_ms"] = Rounded(session.TimeProvider.GetElapsedTime(started).TotalMilliseconds);
        Expect(await cloud.CountAsync(_labels.Keys.First(), cancellationToken).ConfigureAwait(false) == _labels.Values.First());
        _figures["open_and_first_count_ms"] = Rounded(session.TimeProvider.GetElapsedTime(started).TotalMilliseconds);
        return database;
    }

    private static double Rounded(double value) => value == 0 ? 0 : Math.Round(value, Math.Max(0, 3 - (int)Math.Floor(Math.Log10(Math.Abs(value)))));

    private static void Expect(bool isTrue)
    {
        if (!isTrue) throw new BasaltException(ErrorCode.Unexpected, "The cloud lost points while it was measured, or found too many.");
    }
}
