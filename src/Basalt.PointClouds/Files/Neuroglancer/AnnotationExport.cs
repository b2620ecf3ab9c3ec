using System.Globalization;
using System.Text.Json;
using Basalt.PointClouds.Reading;

namespace Basalt.PointClouds.Files.Neuroglancer;

/// <summary>
/// Writes the points of a query as a folder of precomputed annotations, which Neuroglancer shows from any server of files. The format is "neuroglancer_annotations_v1", published with Neuroglancer: an <c>info</c> file, an index by id
/// (<c>by_id</c>, one shard), an index by label (<c>by_label</c>, the relationship "label", a file a label), and a spatial index of several levels (<c>spatial0</c>, <c>spatial1</c>, ...).
/// <para>Ids count the points of this export and mean nothing beyond it. Coordinates become float32: integers are exact up to 2^24. Labels are exact. Attributes of 64-bit integers become two properties, NAME_low and NAME_high, exact;
/// float64 becomes float32; all others are exact. Blocks are dropped. The report says what was lost.</para>
/// <para>All points are in memory while they are written: about 60 bytes each and what their attributes take. A folder of another name is renamed when it is whole; nothing is forced to stable storage.</para>
/// </summary>
public static class AnnotationExport
{
    /// <summary>The most points of an export.</summary>
    public const int MostPoints = 1 << 24;

    /// <summary>The ending of a folder that is meant to be one of annotations.</summary>
    public const string Ending = ".precomputed";

    private const string Kind = "neuroglancer_annotations_v1";
    private const string ById = "by_id";
    private const string ByLabel = "by_label";

    /// <summary>Whether a path is meant to be a folder of annotations.</summary>
    public static bool IsMeant(string path) => Path.TrimEndingDirectorySeparator(path).EndsWith(Ending, StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes a folder.</summary>
    /// <param name="cloud">The cloud.</param>
    /// <param name="query">Which points and attributes.</param>
    /// <param name="folder">The folder, in one that exists.</param>
    /// <param name="options">How; the defaults unless given.</param>
    /// <param name="overwrite">Whether to replace a folder of annotations that is there.</param>
    /// <param name="cancellationToken">Ends it; nothing is left.</param>
    /// <exception cref="BasaltException"><see cref="ErrorCode.AlreadyExists"/>: the folder exists, or holds no annotations and is not replaced; <see cref="ErrorCode.Unsupported"/>: more than <see cref="MostPoints"/> points,
    /// a coordinate beyond float32, or a name that the format does not allow; <see cref="ErrorCode.NotFound"/>: there is no folder to put it in.</exception>
    public static async ValueTask<PointExportReport> RunAsync(PointCloud cloud, PointQuery query, string folder, AnnotationOptions? options = null, bool overwrite = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cloud);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        options ??= new AnnotationOptions();
        options.Validate(cloud.Schema.Axes.Count);
        foreach (var name in query.Attributes ?? [])
            if (cloud.Schema.IndexOfAttribute(name) < 0) throw new ArgumentException($"The cloud has no attribute '{name}'; it has {cloud.Schema}.", nameof(query));
        var layout = new AnnotationLayout(cloud.Schema, query.Attributes);
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        RequireFree(path, overwrite);
        query = query with { WithLabels = true, WithBlocks = false };
        var count = await cloud.CountAsync(query, cancellationToken).ConfigureAwait(false);
        var table = new AnnotationTable(layout);
        await foreach (var part in cloud.StreamAsync(query, cancellationToken).ConfigureAwait(false))
        {
            // They may have become more since they were counted.
            count = Math.Max(count, table.Count + (long)part.Count);
            if (count > MostPoints) break;
            table.Add(part);
        }

        if (count > MostPoints) throw new BasaltException(ErrorCode.Unsupported, $"A folder of annotations has at most {MostPoints:N0} points, and there are {count:N0}; choose some of them.") { Target = cloud.Name };
        Replace(path, next => Write(next, cloud.Schema, layout, table, options, cancellationToken));
        var dropped = cloud.Schema.Attributes.Select(static attribute => attribute.Name).Where(name => !(query.Attributes?.Contains(name) ?? true));
        return new PointExportReport(table.Count, layout.LargestError, [.. dropped, .. layout.Rounded.Select(static name => $"exact values of {name}"), "blocks"]);
    }

    private static void Write(string folder, PointSchema schema, AnnotationLayout layout, AnnotationTable table, AnnotationOptions options, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.Combine(folder, ById));
        AnnotationShard.Write(Path.Combine(folder, ById, AnnotationShard.FileName), table, cancellationToken);
        WriteLabels(Path.Combine(folder, ByLabel), table, cancellationToken);
        var spatial = SpatialIndex.Write(folder, table, schema, options, cancellationToken);
        using var stream = new FileStream(Path.Combine(folder, "info"), FileMode.CreateNew, FileAccess.Write);
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        WriteInfo(json, schema, layout, table.Count, spatial, options);
    }

    private static void WriteLabels(string folder, AnnotationTable table, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(folder);
        var (labels, ids) = (table.Labels(), Enumerable.Range(0, table.Count).ToArray());
        Array.Sort(labels, ids);
        for (int first = 0, end; first < ids.Length; first = end)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (end = first + 1; end < ids.Length && labels[end] == labels[first];) end++;
            table.WriteList(Path.Combine(folder, labels[first].ToString(CultureInfo.InvariantCulture)), ids.AsSpan(first, end - first));
        }
    }

    private static void WriteInfo(Utf8JsonWriter json, PointSchema schema, AnnotationLayout layout, int count, SpatialIndex spatial, AnnotationOptions options)
    {
        json.WriteStartObject();
        json.WriteString("@type", Kind);
        json.WriteStartObject("dimensions");
        for (var axis = 0; axis < schema.Axes.Count; axis++)
        {
            json.WriteStartArray(schema.Axes[axis]);
            json.WriteNumberValue(options.Scale?[axis] ?? 1);
            json.WriteStringValue(options.Scale is null ? "" : "m");
            json.WriteEndArray();
        }

        json.WriteEndObject();
        WriteNumbers("lower_bound", spatial.Lower);
        WriteNumbers("upper_bound", spatial.Upper);
        json.WriteString("annotation_type", "POINT");
        json.WriteStartArray("properties");
        foreach (var property in layout.Properties)
        {
            json.WriteStartObject();
            json.WriteString("id", property.Id);
            json.WriteString("type", property.Type);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("relationships");
        json.WriteStartObject();
        json.WriteString("id", PointFile.Label);
        json.WriteString("key", ByLabel);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteStartObject(ById);
        json.WriteString("key", ById);
        json.WriteStartObject("sharding");
        json.WriteString("@type", "neuroglancer_uint64_sharded_v1");
        json.WriteNumber("preshift_bits", AnnotationShard.ShiftBits);
        json.WriteString("hash", "identity");
        json.WriteNumber("minishard_bits", AnnotationShard.MinishardBits(count));
        json.WriteNumber("shard_bits", 0);
        json.WriteString("minishard_index_encoding", "raw");
        json.WriteString("data_encoding", "raw");
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartArray("spatial");
        for (var level = 0; level < spatial.Levels.Count; level++)
        {
            json.WriteStartObject();
            json.WriteString("key", SpatialIndex.KeyOf(level));
            WriteNumbers("grid_shape", Array.ConvertAll(spatial.Levels[level].Grid, static cells => (double)cells));
            WriteNumbers("chunk_size", spatial.Levels[level].Cell);
            json.WriteNumber("limit", spatial.Levels[level].Limit);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();

        void WriteNumbers(string name, double[] numbers)
        {
            json.WriteStartArray(name);
            foreach (var number in numbers) json.WriteNumberValue(number);
            json.WriteEndArray();
        }
    }

    private static void RequireFree(string path, bool overwrite)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path))) throw new BasaltException(ErrorCode.NotFound, $"There is no folder to put '{path}' in.") { Target = path };
        if (!Path.Exists(path)) return;
        if (!overwrite) throw new BasaltException(ErrorCode.AlreadyExists, $"'{path}' exists; choose another, or overwrite it (--overwrite).") { Target = path };
        var info = Path.Combine(path, "info");
        if (!File.Exists(info) || !File.ReadAllText(info).Contains(Kind, StringComparison.Ordinal)) throw new BasaltException(ErrorCode.AlreadyExists, $"'{path}' holds no annotations, so it is not replaced.") { Target = path };
    }

    /// <summary>Writes a folder beside its place, and puts it there when it is whole.</summary>
    private static void Replace(string path, Action<string> write)
    {
        var (next, old) = ($"{path}.{Guid.NewGuid():N}.tmp", $"{path}.{Guid.NewGuid():N}.old");
        try
        {
            Directory.CreateDirectory(next);
            write(next);
            if (Directory.Exists(path)) Directory.Move(path, old);
            Directory.Move(next, path);
            if (Directory.Exists(old)) Directory.Delete(old, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BasaltException(e is UnauthorizedAccessException ? ErrorCode.Unauthorized : ErrorCode.Unavailable, $"'{path}' cannot be written: {e.Message}", e) { Target = path };
        }
        finally
        {
            if (Directory.Exists(next)) Directory.Delete(next, recursive: true);
        }
    }
}
