using Basalt.PointClouds;
using Basalt.PointClouds.Columns;
using Basalt.Records;

namespace Basalt.Cli.Output;

/// <summary>Points as rows. In JSON, labels and attributes of 64-bit integers are text: many readers of JSON keep 53 bits of a number.</summary>
internal static class PointRow
{
    /// <summary>A label in a row of a format.</summary>
    public static Value Label(ulong label, RowFormat format) => format is RowFormat.Json or RowFormat.Jsonl ? label.ToString(System.Globalization.CultureInfo.InvariantCulture) : label <= long.MaxValue ? (Value)(long)label : (decimal)label;

    public static IEnumerable<ValueMap> Of(PointSet points, RowFormat format)
    {
        for (var i = 0; i < points.Count; i++) yield return Of(points, i, format).Build();
    }

    /// <summary>A row to which more may be added.</summary>
    public static ValueMapBuilder Of(PointSet points, int point, RowFormat format)
    {
        var row = new ValueMapBuilder();
        foreach (var column in points.Coordinates) row.Set(column.Name, column[point]);
        foreach (var column in points.Attributes) row.Set(column.Name, Wide(column, point, format));
        if (points.HasLabels) row.Set("label", Label(points.Labels[point], format));
        if (points.HasBlocks) row.Set("block", points.BlockOf(point));
        return row;
    }

    private static Value Wide(Column column, int point, RowFormat format) =>
        format is RowFormat.Json or RowFormat.Jsonl && column.Type is ColumnType.Int64 or ColumnType.UInt64 ? column[point].ToString() : column[point];
}
