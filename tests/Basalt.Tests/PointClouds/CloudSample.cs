using Basalt.PointClouds;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Ingest;
using Basalt.PointClouds.Reading;
using Basalt.Records;

namespace Basalt.Tests.PointClouds;

/// <summary>One point, whole and comparable.</summary>
internal sealed record SamplePoint(ulong Label, string Block, ulong[] Coordinates, ulong[] Attributes)
{
    public string Key => $"{Label}|{Block}|{string.Join(',', Coordinates)}|{string.Join(',', Attributes)}";
}

/// <summary>A cloud and all of its points beside it: what every answer is compared with.</summary>
internal sealed class CloudSample
{
    public CloudSample(PointSchema schema) => Schema = schema;

    public PointSchema Schema { get; }

    public List<SamplePoint> Points { get; } = [];

    /// <summary>Points around some places, near each other or anywhere; several labels, sizes that differ much, some points in several blocks.</summary>
    public static CloudSample Random(Random random, ColumnType type, int axes, int points, bool isWild)
    {
        var schema = new PointSchema
        {
            Axes = new[] { "x", "y", "z", "w" }[..axes],
            CoordinateType = type,
            Attributes = random.Next(2) == 0 ? [] : [new("supervoxel", ColumnType.UInt64), new("weight", ColumnType.Float32)],
        };
        var sample = new CloudSample(schema);
        var labels = Enumerable.Range(0, 12).Select(i => i == 0 ? ulong.MaxValue : i == 1 ? 0 : (ulong)random.NextInt64(long.MinValue, long.MaxValue)).ToArray();
        var seen = new HashSet<string>();
        while (sample.Points.Count < points)
        {
            var coordinates = Enumerable.Range(0, axes).Select(_ => ChunkSample.Coordinate(random, type, isWild)).ToArray();
            var attributes = schema.Attributes.Select(a => a.Name == "supervoxel" ? (ulong)random.Next(4) << 40 : ChunkSample.Value(random, a.Type)).ToArray();
            // Heavy-tailed: half of the points are of one label.
            var label = labels[Math.Min(labels.Length - 1, System.Numerics.BitOperations.TrailingZeroCount(random.Next() | 1 << 20))];
            var point = new SamplePoint(label, $"block {random.Next(20)}", coordinates, attributes);
            if (seen.Add(point.Key)) sample.Points.Add(point);
        }

        return sample;
    }

    /// <summary>Takes the points in, block by block from several threads, in some ingests.</summary>
    public async Task IngestAsync(PointCloud cloud, int ingests)
    {
        var blocks = Points.GroupBy(static point => point.Block).ToArray();
        foreach (var part in blocks.Chunk((blocks.Length + ingests - 1) / ingests))
        {
            await using var ingest = await cloud.IngestAsync();
            await Parallel.ForEachAsync(part, async (block, ct) => Assert.True(await ingest.AddAsync(block.Key, SetOf([.. block]), ct)));
            var report = await ingest.CompleteAsync();
            Assert.Equal((part.Length, part.Sum(static block => block.Count()), 0), (report.Blocks, report.Points, report.Duplicates));
        }
    }

    public PointSet SetOf(IReadOnlyList<SamplePoint> points) => new(
        [.. Schema.Axes.Select((name, axis) => Column.FromBits(name, Schema.CoordinateType, points.Select(point => point.Coordinates[axis]).ToArray()))],
        [.. Schema.Attributes.Select((attribute, i) => Column.FromBits(attribute.Name, attribute.Type, points.Select(point => point.Attributes[i]).ToArray()))],
        [.. points.Select(static point => point.Label)]);

    public IEnumerable<string> KeysOf(PointSet set) => Enumerable.Range(0, set.Count).Select(i => new SamplePoint(set.Labels[i], set.BlockOf(i),
        [.. set.Coordinates.Select(column => column.BitsAt(i))], [.. set.Attributes.Select(column => column.BitsAt(i))]).Key);

    public void AssertSame(IEnumerable<SamplePoint> expected, PointSet actual) =>
        Assert.Equal(expected.Select(static point => point.Key).Order(StringComparer.Ordinal), KeysOf(actual).Order(StringComparer.Ordinal));

    public Value ValueOf(SamplePoint point, int axis) => Bits.ToValue(Schema.CoordinateType, point.Coordinates[axis]);

    public bool IsIn(SamplePoint point, Box box) =>
        Enumerable.Range(0, Schema.Axes.Count).All(axis => ValueOf(point, axis).CompareTo(box.Lowest[axis]) >= 0 && ValueOf(point, axis).CompareTo(box.Highest[axis]) <= 0);

    /// <summary>The distance, with exact differences of integers.</summary>
    public double Distance(SamplePoint point, IReadOnlyList<Value> center)
    {
        var sum = 0.0;
        for (var axis = 0; axis < Schema.Axes.Count; axis++)
        {
            var value = ValueOf(point, axis);
            var difference = value.Kind == ValueKind.Int64 && center[axis].Kind == ValueKind.Int64
                ? (double)UInt128.CreateChecked(Int128.Abs((Int128)value.AsInt64 - center[axis].AsInt64))
                : Math.Abs(Bits.ToDouble(Schema.CoordinateType, point.Coordinates[axis]) - (center[axis].Kind == ValueKind.Int64 ? center[axis].AsInt64 : center[axis].AsDouble));
            sum += difference * difference;
        }

        return Math.Sqrt(sum);
    }

    public Box RandomBox(Random random, bool isWild)
    {
        var corners = Enumerable.Range(0, Schema.Axes.Count).Select(_ => new[] { Corner(), Corner() }.Order().ToArray()).ToArray();
        return new Box([.. corners.Select(static c => c[0])], [.. corners.Select(static c => c[1])]);

        Value Corner() => Bits.ToValue(Schema.CoordinateType, ChunkSample.Coordinate(random, Schema.CoordinateType, isWild));
    }
}
