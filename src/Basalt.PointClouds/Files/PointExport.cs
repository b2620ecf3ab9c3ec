using System.Globalization;
using System.IO.Compression;
using System.Text;
using Basalt.Migration;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Files.Neuroglancer;
using Basalt.PointClouds.Reading;

namespace Basalt.PointClouds.Files;

/// <summary>What an export wrote, and what the format could not say.</summary>
/// <param name="Points">How many points.</param>
/// <param name="LargestError">The largest difference of a coordinate to what was written; zero when every one is exact.</param>
/// <param name="Dropped">What is not in the file: attributes, labels, blocks.</param>
public sealed record PointExportReport(long Points, double LargestError, IReadOnlyList<string> Dropped);

/// <summary>
/// Writes the points of a query to a file, by the ending of its name: a temporary file beside it is renamed when it is whole. But for the last, memory does not grow with the points.
/// <list type="bullet">
/// <item><c>.npz</c>: <c>points</c>, an array with a column for each axis, <c>label</c>, and an array for each attribute, all exact. Blocks are dropped.</item>
/// <item><c>.csv</c>: a column for each axis and attribute, <c>label</c> and <c>block</c>; numbers as their shortest exact text. Types are those that a reader infers.</item>
/// <item><c>.ply</c>: binary vertices. Integers of 64 bits become doubles and lose beyond 2^53; labels are two properties, <c>label_low</c> and <c>label_high</c>. Blocks are dropped.</item>
/// <item><c>.precomputed</c>: a folder of annotations for Neuroglancer, by <see cref="AnnotationExport"/>, whose points are in memory.</item>
/// </list>
/// </summary>
public static class PointExport
{
    /// <summary>Writes a file.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: the ending is not known; <see cref="ErrorCode.AlreadyExists"/>: the file exists.</exception>
    public static async ValueTask<PointExportReport> RunAsync(PointCloud cloud, PointQuery query, string path, bool overwrite = false, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cloud);
        ArgumentNullException.ThrowIfNull(query);
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (AnnotationExport.IsMeant(path)) return await AnnotationExport.RunAsync(cloud, query, path, null, overwrite, cancellationToken).ConfigureAwait(false);
        Func<PointCloud, PointQuery, Stream, CancellationToken, ValueTask<PointExportReport>> write = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".npz" => WriteNpzAsync,
            ".csv" => WriteCsvAsync,
            ".ply" => WritePlyAsync,
            _ => throw new BasaltException(ErrorCode.InvalidOptions, $"'{path}' is not .npz, .csv, .ply or .precomputed.") { Target = path },
        };
        var file = new ReplacedFile(path, overwrite);
        await using (file.ConfigureAwait(false))
        {
            var report = await write(cloud, query, file.Stream, cancellationToken).ConfigureAwait(false);
            file.Commit();
            return report;
        }
    }

    private static async ValueTask<PointExportReport> WriteNpzAsync(PointCloud cloud, PointQuery query, Stream stream, CancellationToken cancellationToken)
    {
        // An array says its length before its numbers, and archives are written array by array: the points are read once for each.
        query = query with { WithLabels = true, WithBlocks = false };
        var count = await cloud.CountAsync(query, cancellationToken).ConfigureAwait(false);
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        await WriteArrayAsync("points", cloud.Schema.CoordinateType, cloud.Schema.Axes.Count, static points => [.. points.Coordinates]).ConfigureAwait(false);
        await WriteArrayAsync("label", ColumnType.UInt64, 1, static points => [Column.Of("label", points.LabelArray!)]).ConfigureAwait(false);
        foreach (var attribute in cloud.Schema.Attributes.Where(attribute => query.Attributes?.Contains(attribute.Name) ?? true)) await WriteArrayAsync(attribute.Name, attribute.Type, 1, points => [points[attribute.Name]]).ConfigureAwait(false);
        return new PointExportReport(count, 0, [.. Dropped(cloud, query), "blocks"]);

        async ValueTask WriteArrayAsync(string name, ColumnType type, int columns, Func<PointSet, Column[]> choose)
        {
            var content = archive.CreateEntry(name + ".npy", CompressionLevel.Fastest).Open();
            await using var closing = content.ConfigureAwait(false);
            NpyArray.WriteHeader(content, type, columns, count);
            var written = 0L;
            await foreach (var part in cloud.StreamAsync(query, cancellationToken).ConfigureAwait(false))
            {
                NpyArray.WriteRows(content, choose(part), part.Count);
                written += part.Count;
            }

            if (written != count) throw new BasaltException(ErrorCode.Conflict, "Points were taken in or edited while they were exported; export again.") { Target = cloud.Name };
        }
    }

    private static async ValueTask<PointExportReport> WriteCsvAsync(PointCloud cloud, PointQuery query, Stream stream, CancellationToken cancellationToken)
    {
        query = query with { WithLabels = true, WithBlocks = true };
        var writer = new StreamWriter(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        await using var closing = writer.ConfigureAwait(false);
        var names = cloud.Schema.Axes.Concat(query.Attributes ?? cloud.Schema.Attributes.Select(static attribute => attribute.Name)).Concat([PointFile.Label, PointFile.Block]);
        writer.WriteLine(string.Join(',', names.Select(Quoted)));
        var count = 0L;
        await foreach (var part in cloud.StreamAsync(query, cancellationToken).ConfigureAwait(false))
        {
            for (var i = 0; i < part.Count; i++)
            {
                foreach (var column in part.Coordinates.Concat(part.Attributes)) writer.Write(Bits.ToText(column.Type, column.BitsAt(i)) + ",");
                writer.Write(part.Labels[i].ToString(CultureInfo.InvariantCulture) + ",");
                writer.WriteLine(Quoted(part.BlockOf(i)));
            }

            count += part.Count;
        }

        await writer.FlushAsync(cancellationToken).ConfigureAwait(false);
        return new PointExportReport(count, 0, Dropped(cloud, query));
    }

    private static async ValueTask<PointExportReport> WritePlyAsync(PointCloud cloud, PointQuery query, Stream stream, CancellationToken cancellationToken)
    {
        query = query with { WithLabels = true, WithBlocks = false };
        var count = await cloud.CountAsync(query, cancellationToken).ConfigureAwait(false);
        if (count > int.MaxValue) throw new BasaltException(ErrorCode.Unsupported, $"A PLY file has at most {int.MaxValue} vertices, and there are {count} points.") { Target = cloud.Name };
        var attributes = cloud.Schema.Attributes.Where(attribute => query.Attributes?.Contains(attribute.Name) ?? true).ToList();
        var header = new StringBuilder("ply\nformat binary_little_endian 1.0\n").Append(CultureInfo.InvariantCulture, $"element vertex {count}\n");
        foreach (var axis in cloud.Schema.Axes) header.Append(CultureInfo.InvariantCulture, $"property {PlyType(cloud.Schema.CoordinateType)} {PlyName(axis)}\n");
        foreach (var attribute in attributes) header.Append(CultureInfo.InvariantCulture, $"property {PlyType(attribute.Type)} {PlyName(attribute.Name)}\n");
        stream.Write(Encoding.ASCII.GetBytes(header.Append("property uint label_low\nproperty uint label_high\nend_header\n").ToString()));
        var (written, error, lost) = (0L, 0.0, new SortedSet<string>(StringComparer.Ordinal));
        await foreach (var part in cloud.StreamAsync(query, cancellationToken).ConfigureAwait(false))
        {
            var labels = part.LabelArray!;
            var columns = part.Coordinates.Select(static column => Plain(column)).Concat(part.Attributes.Select(static column => Plain(column)))
                .Concat([Column.Of("label_low", Array.ConvertAll(labels, static label => (uint)label)), Column.Of("label_high", Array.ConvertAll(labels, static label => (uint)(label >> 32)))]).ToArray();
            NpyArray.WriteRows(stream, columns, part.Count);
            foreach (var column in part.Coordinates) error = Math.Max(error, ErrorOf(column));
            foreach (var column in part.Attributes.Where(static column => ErrorOf(column) > 0)) lost.Add($"exact values of {column.Name}");
            written += part.Count;
        }

        if (written != count) throw new BasaltException(ErrorCode.Conflict, "Points were taken in or edited while they were exported; export again.") { Target = cloud.Name };
        return new PointExportReport(count, error, [.. Dropped(cloud, query), .. lost, "blocks"]);
    }

    private static IReadOnlyList<string> Dropped(PointCloud cloud, PointQuery query) =>
        [.. cloud.Schema.Attributes.Select(static attribute => attribute.Name).Where(name => !(query.Attributes?.Contains(name) ?? true))];

    private static string PlyType(ColumnType type) => type switch
    {
        ColumnType.Int32 => "int",
        ColumnType.UInt32 => "uint",
        ColumnType.UInt8 => "uchar",
        ColumnType.Float32 => "float",
        _ => "double",
    };

    // A word of the header.
    private static string PlyName(string name) =>
        name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') ? name : throw new BasaltException(ErrorCode.Unsupported, $"A PLY file cannot have the property '{name}'; leave it out.") { Target = name };

    private static Column Plain(Column column)
    {
        if (column.Type is not (ColumnType.Int64 or ColumnType.UInt64)) return column;
        return Column.Of(column.Name, Enumerable.Range(0, column.Count).Select(column.ToDouble).ToArray());
    }

    private static double ErrorOf(Column column)
    {
        if (column.Type is not (ColumnType.Int64 or ColumnType.UInt64)) return 0;
        var largest = 0.0;
        for (var i = 0; i < column.Count; i++)
        {
            var exact = column.Type == ColumnType.UInt64 ? column.BitsAt(i) : (Int128)(long)column.BitsAt(i);
            largest = Math.Max(largest, (double)Int128.Abs(exact - (Int128)column.ToDouble(i)));
        }

        return largest;
    }

    private static string Quoted(string text) => text.AsSpan().ContainsAny(",\"\r\n") || text.Length == 0 || text[0] == ' ' || text[^1] == ' ' ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
