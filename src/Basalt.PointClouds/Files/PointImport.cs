using System.Globalization;
using System.Text.RegularExpressions;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Ingest;

namespace Basalt.PointClouds.Files;

/// <summary>How files become points.</summary>
public sealed record PointImportOptions
{
    /// <summary>The label of all points of files that have none themselves; a folder <c>label_N</c> says it, too.</summary>
    public ulong? Label { get; init; }

    /// <summary>Files that are read at a time: 1 to 256, default one for each processor.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>How points are taken in.</summary>
    public IngestOptions Ingest { get; init; } = new();
}

/// <summary>How far an import is.</summary>
/// <param name="Blocks">Blocks that are done.</param>
/// <param name="TotalBlocks">How many there are, as far as is known from the names of the files.</param>
public sealed record PointImportProgress(long Blocks, long TotalBlocks);

/// <summary>
/// Takes in files: one, or all of a folder and those in it. A file is a block, called by its path in the folder without the ending; files <c>label_N/block_B.npz</c> are the labels of the block B, and rows
/// that say their block are of that one. Blocks are read and taken side by side.
/// </summary>
public static partial class PointImport
{
    private static readonly string[] AxisNames = ["x", "y", "z", "w"];

    /// <summary>The schema that a file suggests: axes x, y, z (and w) where they are named, else the first three columns; every other column but label and block is an attribute.</summary>
    /// <exception cref="BasaltException">There is no file of points, or it cannot be read.</exception>
    public static async ValueTask<PointSchema> SuggestAsync(string path, CancellationToken cancellationToken = default)
    {
        var first = Files(path).SelectMany(static block => block.Parts).First();
        var (columns, _) = await PointFile.ReadAsync(first.Path, cancellationToken).ConfigureAwait(false);
        columns.RemoveAll(static column => column.Name == PointFile.Label);
        var named = AxisNames.Where(axis => columns.Exists(column => column.Name == axis)).ToArray();
        if (named.Length < 2) named = [];
        var isNumbered = named.Length == 0 && columns.Count >= 3;
        if (!isNumbered && named.Length == 0) throw new BasaltException(ErrorCode.InvalidData, $"'{first.Path}' has neither columns x and y nor three columns.") { Target = first.Path };
        var axes = isNumbered ? columns.Take(3).ToList() : columns.Where(column => named.Contains(column.Name)).ToList();
        return new PointSchema
        {
            Axes = isNumbered ? ["x", "y", "z"] : named,
            CoordinateType = axes.Exists(static axis => axis.Type == ColumnType.Float64) ? ColumnType.Float64 : axes.Exists(static axis => axis.Type == ColumnType.Float32) ? ColumnType.Float32
                : axes.TrueForAll(static axis => axis.Type is ColumnType.Int32 or ColumnType.UInt8) ? ColumnType.Int32 : ColumnType.Int64,
            Attributes = [.. columns.Except(axes).Select(column => new PointAttribute(int.TryParse(column.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? $"column_{number}" : column.Name, column.Type))],
        };
    }

    /// <summary>Takes in a file or a folder. Blocks that are in the cloud already are skipped, so an import that was interrupted is run once more.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.NotFound"/>: there are no files; <see cref="ErrorCode.InvalidData"/>: a file cannot be read or its points are not taken, of which the message names the first;
    /// what was written before stays.</exception>
    public static async ValueTask<IngestReport> RunAsync(PointCloud cloud, string path, PointImportOptions? options = null, IProgress<PointImportProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(cloud);
        options ??= new PointImportOptions();
        if (options.Threads is < 1 or > 256) throw new BasaltException(ErrorCode.InvalidOptions, $"An import reads 1 to 256 files at a time, not {options.Threads}.");
        var blocks = Files(path);
        var ingest = await cloud.IngestAsync(options.Ingest, cancellationToken).ConfigureAwait(false);
        await using var closing = ingest.ConfigureAwait(false);
        var done = 0L;
        await Parallel.ForEachAsync(blocks, new ParallelOptions { MaxDegreeOfParallelism = options.Threads, CancellationToken = cancellationToken }, async (block, ct) =>
        {
            foreach (var (id, parts) in await ReadAsync(cloud.Schema, block, options, ct).ConfigureAwait(false)) await ingest.AddAsync(id, parts, ct).ConfigureAwait(false);
            progress?.Report(new PointImportProgress(Interlocked.Increment(ref done), blocks.Count));
        }).ConfigureAwait(false);
        return await ingest.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private sealed record BlockFiles(string Id, List<(string Path, ulong? Label)> Parts);

    private static List<BlockFiles> Files(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (File.Exists(path)) return [new BlockFiles(NameOf(Path.GetFileName(path)), [(path, null)])];
        if (!Directory.Exists(path)) throw new BasaltException(ErrorCode.NotFound, $"There is no file and no folder '{path}'.") { Target = path };
        var blocks = new SortedDictionary<string, BlockFiles>(StringComparer.Ordinal);
        foreach (var file in Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Where(PointFile.IsKnown).Order(StringComparer.Ordinal))
        {
            var relative = Path.GetRelativePath(path, file).Replace('\\', '/');
            var (id, label) = LabelAndBlock().Match(Path.GetFullPath(file).Replace('\\', '/')) is { Success: true } match && ulong.TryParse(match.Groups["label"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? (match.Groups["block"].Value, number)
                : (NameOf(relative), (ulong?)null);
            if (!blocks.TryGetValue(id, out var block)) blocks.Add(id, block = new BlockFiles(id, []));
            block.Parts.Add((file, label));
        }

        return blocks.Count > 0 ? [.. blocks.Values] : throw new BasaltException(ErrorCode.NotFound, $"The folder '{path}' has no files of points.") { Target = path };
    }

    private static string NameOf(string file) => file.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? NameOf(file[..^3]) : Path.ChangeExtension(file, null);

    private static async ValueTask<List<(string Id, List<PointSet> Parts)>> ReadAsync(PointSchema schema, BlockFiles block, PointImportOptions options, CancellationToken cancellationToken)
    {
        var read = new List<(string, List<PointSet>)>();
        var whole = new List<PointSet>();
        foreach (var (path, label) in block.Parts)
        {
            var (columns, blocks) = await PointFile.ReadAsync(path, cancellationToken).ConfigureAwait(false);
            var points = SetOf(schema, columns, label ?? options.Label, path);
            if (blocks is null) whole.Add(points);
            else read.AddRange(Split(points, blocks));
        }

        if (whole.Count > 0) read.Add((block.Id, whole));
        return read;
    }

    /// <summary>Points of the columns by name, or by place where an array has no names.</summary>
    private static PointSet SetOf(PointSchema schema, List<Column> columns, ulong? label, string path)
    {
        var names = schema.Axes.Concat(schema.Attributes.Select(static attribute => attribute.Name)).ToArray();
        var labels = columns.Find(static column => column.Name == PointFile.Label);
        columns.RemoveAll(static column => column.Name == PointFile.Label);
        if (columns.Count != names.Length) throw Invalid(path, $"it has {columns.Count} columns beside the label, and the cloud has {schema}");
        var isNumbered = columns.Exists(static column => column.Name == "0");
        var ordered = names.Select((name, i) => isNumbered && i < columns.Count && int.TryParse(columns[i].Name, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? Renamed(columns[i], name) : columns.Find(column => column.Name == name) ?? throw Invalid(path, $"it has no column '{name}'")).ToList();
        for (var i = 0; i < ordered.Count; i++) ordered[i] = Narrowed(ordered[i], i < schema.Axes.Count ? schema.CoordinateType : schema.Attributes[i - schema.Axes.Count].Type);
        var points = new PointSet(ordered[..schema.Axes.Count], ordered[schema.Axes.Count..]);
        if (labels is null) return points.WithLabel(label ?? throw Invalid(path, "neither it nor its name nor an option says a label"));
        var bits = new ulong[labels.Count];
        BlockAdmission.CopyBits(labels, ColumnType.UInt64, isCoordinate: false, bits, path);
        return new PointSet(points.Coordinates, points.Attributes, bits);
    }

    private static Column Renamed(Column column, string name)
    {
        var bits = new ulong[column.Count];
        column.CopyBits(bits);
        return Column.FromBits(name, column.Type, bits);
    }

    // Text says numbers of 64 bits. One that is the shortest text of a float is that float.
    private static Column Narrowed(Column column, ColumnType type)
    {
        if (column.Type == ColumnType.Int64 && type is ColumnType.Float32 or ColumnType.Float64) return WithFractions(column, type);
        if ((column.Type, type) is not (ColumnType.Float64, ColumnType.Float32)) return column;
        var singles = new float[column.Count];
        for (var i = 0; i < singles.Length; i++)
        {
            var number = column.ToDouble(i);
            singles[i] = (float)number;
            if (singles[i].ToString("R", CultureInfo.InvariantCulture) != number.ToString("R", CultureInfo.InvariantCulture) && !((double)singles[i]).Equals(number)) return column;
        }

        return Column.Of(column.Name, singles);
    }

    // A column of text whose numbers happen to be whole.
    private static Column WithFractions(Column column, ColumnType type)
    {
        var doubles = new double[column.Count];
        for (var i = 0; i < doubles.Length; i++)
        {
            doubles[i] = column.ToDouble(i);
            if (Math.Abs(doubles[i]) > (type == ColumnType.Float32 ? 1 << 24 : 1L << 53)) return column;
        }

        return type == ColumnType.Float64 ? Column.Of(column.Name, doubles) : Column.Of(column.Name, Array.ConvertAll(doubles, static number => (float)number));
    }

    private static IEnumerable<(string, List<PointSet>)> Split(PointSet points, string[] blocks)
    {
        foreach (var group in Enumerable.Range(0, points.Count).GroupBy(i => blocks[i], StringComparer.Ordinal))
        {
            var rows = group.ToArray();
            yield return (group.Key, [new PointSet([.. points.Coordinates.Select(Pick)], [.. points.Attributes.Select(Pick)], Array.ConvertAll(rows, i => points.LabelArray![i]))]);

            Column Pick(Column column) => Column.FromBits(column.Name, column.Type, Array.ConvertAll(rows, column.BitsAt));
        }
    }

    private static BasaltException Invalid(string path, string what) => new(ErrorCode.InvalidData, $"'{path}' is not taken: {what}.") { Target = path };

    [GeneratedRegex(@"(^|/)label_(?<label>\d{1,20})/block_(?<block>[^/]+)\.(npz|npy)$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex LabelAndBlock();
}
