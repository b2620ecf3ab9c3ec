using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;

namespace Basalt.Tests.PointClouds;

/// <summary>An annotation as a viewer sees it.</summary>
internal sealed record Annotation(ulong Id, float[] Position, Dictionary<string, double> Properties, ulong[] Labels);

/// <summary>A level of the spatial index as the info file tells of it.</summary>
internal sealed record AnnotationLevel(string Key, int[] Grid, double[] Cell, int Limit);

/// <summary>Reads precomputed annotations of points by what is published about them, and by nothing of what wrote them.</summary>
internal sealed class AnnotationReader
{
    private readonly string _folder;
    private readonly (string Id, string Type)[] _properties;
    private readonly JsonElement _byId;

    public AnnotationReader(string folder)
    {
        _folder = folder;
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "info")));
        Info = document.RootElement.Clone();
        Assert.Equal("neuroglancer_annotations_v1", Info.GetProperty("@type").GetString());
        Assert.Equal("POINT", Info.GetProperty("annotation_type").GetString());
        Axes = [.. Info.GetProperty("dimensions").EnumerateObject().Select(static dimension => dimension.Name)];
        _properties = [.. Info.GetProperty("properties").EnumerateArray().Select(static p => (p.GetProperty("id").GetString()!, p.GetProperty("type").GetString()!))];
        _byId = Info.GetProperty("by_id");
        Relationship = Assert.Single(Info.GetProperty("relationships").EnumerateArray()).GetProperty("key").GetString()!;
        Levels = [.. Info.GetProperty("spatial").EnumerateArray().Select(static level => new AnnotationLevel(level.GetProperty("key").GetString()!,
            [.. level.GetProperty("grid_shape").EnumerateArray().Select(static n => n.GetInt32())], Numbers(level, "chunk_size"), level.GetProperty("limit").GetInt32()))];
    }

    public JsonElement Info { get; }

    public string[] Axes { get; }

    public string Relationship { get; }

    public AnnotationLevel[] Levels { get; }

    public double[] Lower => Numbers(Info, "lower_bound");

    public double[] Upper => Numbers(Info, "upper_bound");

    /// <summary>An annotation by its id, through the sharded index; null when there is none.</summary>
    public Annotation? Find(ulong id)
    {
        var sharding = _byId.GetProperty("sharding");
        Assert.Equal(("neuroglancer_uint64_sharded_v1", "identity", "raw", "raw"), (Text("@type"), Text("hash"), Text("minishard_index_encoding"), Text("data_encoding")));
        var (minishardBits, shardBits) = (Bits("minishard_bits"), Bits("shard_bits"));
        var hash = id >> Bits("preshift_bits");
        var minishard = (int)(hash & ((1UL << minishardBits) - 1));
        var shard = hash >> minishardBits & ((1UL << shardBits) - 1);
        var file = shard.ToString("x", CultureInfo.InvariantCulture).PadLeft((shardBits + 3) / 4, '0') + ".shard";
        var bytes = File.ReadAllBytes(Path.Combine(_folder, _byId.GetProperty("key").GetString()!, file));
        var data = bytes.AsSpan(16 << minishardBits);
        var (begin, end) = ((int)Number(bytes, 2 * minishard), (int)Number(bytes, 2 * minishard + 1));
        var index = data[begin..end];
        var count = index.Length / 24;
        var (key, place) = (0UL, 0UL);
        for (var i = 0; i < count; i++)
        {
            key += Number(index, i);
            place += Number(index, count + i);
            var size = Number(index, 2 * count + i);
            if (key == id) return One(data.Slice((int)place, (int)size), id);
            place += size;
        }

        return null;

        string? Text(string name) => sharding.GetProperty(name).GetString();
        int Bits(string name) => sharding.GetProperty(name).GetInt32();
    }

    /// <summary>The annotations of a label.</summary>
    public List<Annotation> Related(ulong label) => Many(Path.Combine(_folder, Relationship, label.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The cells of a level that have annotations.</summary>
    public IEnumerable<(int[] Cell, List<Annotation> Annotations)> Cells(AnnotationLevel level) =>
        Directory.GetFiles(Path.Combine(_folder, level.Key)).Select(file => (Path.GetFileName(file).Split('_').Select(int.Parse).ToArray(), Many(file)));

    private static double[] Numbers(JsonElement element, string name) => [.. element.GetProperty(name).EnumerateArray().Select(static n => n.GetDouble())];

    private static ulong Number(ReadOnlySpan<byte> bytes, int index) => BinaryPrimitives.ReadUInt64LittleEndian(bytes[(8 * index)..]);

    private Annotation One(ReadOnlySpan<byte> bytes, ulong id)
    {
        var (position, properties) = Row(ref bytes);
        var labels = new ulong[BinaryPrimitives.ReadUInt32LittleEndian(bytes)];
        for (var i = 0; i < labels.Length; i++) labels[i] = BinaryPrimitives.ReadUInt64LittleEndian(bytes[(4 + 8 * i)..]);
        Assert.Equal(4 + 8 * labels.Length, bytes.Length);
        return new Annotation(id, position, properties, labels);
    }

    private List<Annotation> Many(string file)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(file);
        var count = Number(bytes, 0);
        bytes = bytes[8..];
        var rows = new List<(float[], Dictionary<string, double>)>();
        for (var i = 0UL; i < count; i++) rows.Add(Row(ref bytes));
        Assert.Equal(8 * rows.Count, bytes.Length);
        var list = new List<Annotation>();
        for (var i = 0; i < rows.Count; i++) list.Add(new Annotation(Number(bytes, i), rows[i].Item1, rows[i].Item2, []));
        return list;
    }

    private (float[] Position, Dictionary<string, double> Properties) Row(ref ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        var position = new float[Axes.Length];
        for (var axis = 0; axis < position.Length; axis++, at += 4) position[axis] = BinaryPrimitives.ReadSingleLittleEndian(bytes[at..]);
        var properties = new Dictionary<string, double>();
        foreach (var (id, type) in _properties.Where(static p => p.Type is "uint32" or "int32" or "float32"))
        {
            properties.Add(id, type switch
            {
                "uint32" => (double)BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]),
                "int32" => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]),
                _ => BinaryPrimitives.ReadSingleLittleEndian(bytes[at..]),
            });
            at += 4;
        }

        foreach (var (id, _) in _properties.Where(static p => p.Type == "uint8")) properties.Add(id, bytes[at++]);
        Assert.Equal(_properties.Length, properties.Count);
        for (; at % 4 != 0; at++) Assert.Equal(0, bytes[at]);
        bytes = bytes[at..];
        return (position, properties);
    }
}
