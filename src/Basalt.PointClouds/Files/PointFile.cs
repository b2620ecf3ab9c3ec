using Basalt.Migration;
using Basalt.PointClouds.Columns;
using Basalt.Records;

namespace Basalt.PointClouds.Files;

/// <summary>
/// Columns of numbers from a file, by the ending of its name: <c>.npz</c> and <c>.npy</c> (an array of two dimensions has a column for each axis, then one for each attribute; arrays of one dimension have their own names), <c>.ply</c>,
/// or what holds records: <c>.csv</c>, <c>.tsv</c>, <c>.jsonl</c>, <c>.json</c>, each also with <c>.gz</c>. A file is read whole.
/// </summary>
internal static class PointFile
{
    /// <summary>The name of the column that has the labels.</summary>
    public const string Label = "label";

    /// <summary>The name of the column that has the blocks: text.</summary>
    public const string Block = "block";

    /// <summary>Whether the name is that of a file of points.</summary>
    public static bool IsKnown(string path) => KindOf(path) is not null;

    /// <summary>The columns of a file, and the block of each row where it says so.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidData"/>: the file is not what its name says, or has what is no number.</exception>
    public static async ValueTask<(List<Column> Columns, string[]? Blocks)> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            switch (KindOf(path))
            {
                case "npz" or "npy" or "ply":
                    using (var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16)) return (ReadBinary(stream, KindOf(path)!), null);
                case "records":
                    return await ReadRecordsAsync(path, cancellationToken).ConfigureAwait(false);
                default:
                    throw new BasaltException(ErrorCode.InvalidOptions, $"'{path}' is not .npz, .npy, .ply, .csv, .tsv, .jsonl or .json.") { Target = path };
            }
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw new BasaltException(ErrorCode.InvalidData, $"'{path}' cannot be read: {e.Message.TrimEnd('.')}.", e) { Target = path };
        }
    }

    private static string? KindOf(string path)
    {
        var name = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? path[..^3] : path;
        return Path.GetExtension(name).ToLowerInvariant() switch
        {
            ".npz" when name == path => "npz",
            ".npy" when name == path => "npy",
            ".ply" when name == path => "ply",
            ".csv" or ".tsv" or ".jsonl" or ".ndjson" or ".json" => "records",
            _ => null,
        };
    }

    private static List<Column> ReadBinary(Stream stream, string kind)
    {
        if (kind == "ply") return WithLabel([.. PlyVertices.Read(stream, stream.Length)]);
        var arrays = kind == "npy" ? [NpyArray.Read(stream, "", stream.Length)] : NpyArray.ReadArchive(stream);
        var tables = arrays.Where(static array => array.Columns.Length > 1).ToList();
        if (tables.Count > 1) throw new InvalidDataException($"it has {tables.Count} arrays of two dimensions, of which one can be points");
        return [.. tables.Concat(arrays.Except(tables)).SelectMany(static array => array.Columns)];
    }

    // PLY has no integers of 64 bits: labels are two properties of 32.
    private static List<Column> WithLabel(List<Column> columns)
    {
        var (low, high) = (columns.Find(static c => c.Name == "label_low"), columns.Find(static c => c.Name == "label_high"));
        if (low is null || high is null) return columns;
        var labels = new ulong[low.Count];
        for (var i = 0; i < labels.Length; i++) labels[i] = high.BitsAt(i) << 32 | (uint)low.BitsAt(i);
        return [.. columns.Where(c => c != low && c != high), Column.Of(Label, labels)];
    }

    private static async ValueTask<(List<Column>, string[]?)> ReadRecordsAsync(string path, CancellationToken cancellationToken)
    {
        var source = RecordSource.Open(path);
        await using var closing = source.ConfigureAwait(false);
        var values = new Dictionary<string, List<Value>>(StringComparer.Ordinal);
        var (blocks, rows) = (new List<string>(), 0);
        await foreach (var item in source.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            rows++;
            foreach (var (name, value) in item.Record.Fields)
            {
                if (name == Block)
                {
                    blocks.Add(value.Kind == ValueKind.String ? value.AsString : RecordId.FromValue(value) ?? throw new InvalidDataException($"line {item.Line} has no text for a block"));
                    continue;
                }

                if (!value.IsNumber) throw new InvalidDataException($"line {item.Line} has {value} for '{name}', which is no number");
                if (!values.TryGetValue(name, out var column)) values.Add(name, column = []);
                column.Add(value);
            }

            if (values.Values.FirstOrDefault(column => column.Count != rows) is not null || (blocks.Count > 0 && blocks.Count != rows)) throw new InvalidDataException($"line {item.Line} has other columns than those before it");
        }

        return ([.. values.Select(static column => ColumnOf(column.Key, column.Value))], blocks.Count > 0 ? [.. blocks] : null);
    }

    private static Column ColumnOf(string name, List<Value> values)
    {
        if (values.TrueForAll(static value => value.Kind == ValueKind.Int64)) return Column.Of(name, values.Select(static value => value.AsInt64).ToArray());
        if (values.TrueForAll(static value => value.TryGetDecimal(out var number) && number is >= 0 and <= ulong.MaxValue && decimal.IsInteger(number) && value.Kind != ValueKind.Double))
            return Column.Of(name, values.Select(static value => value.TryGetDecimal(out var number) ? (ulong)number : 0).ToArray());
        return Column.Of(name, values.Select(value => value.TryGetDouble(out var number) ? number : throw new InvalidDataException($"'{name}' has {value}, which no floating-point number equals")).ToArray());
    }
}
