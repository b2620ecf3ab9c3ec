using Basalt.PointClouds.Columns;

namespace Basalt.PointClouds.Ingest;

/// <summary>What points must pass before they are taken: the columns of the schema, values that its types can hold, and a place that can be found again.</summary>
internal static class BlockAdmission
{
    /// <summary>The columns of points in the order of the schema: coordinates, then attributes.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidData"/>: a column is missing, of a type that is not taken, or unknown.</exception>
    public static Column[] Columns(PointSchema schema, PointSet points, string block)
    {
        if (!points.HasLabels) throw Invalid(block, "its points have no labels");
        if (points.Coordinates.Count != schema.Axes.Count) throw Invalid(block, $"its points have {points.Coordinates.Count} coordinates, and the cloud has {schema.Axes.Count}");
        var columns = new Column[schema.Axes.Count + schema.Attributes.Count];
        for (var axis = 0; axis < schema.Axes.Count; axis++) columns[axis] = Require(points.Coordinates, schema.Axes[axis], schema.CoordinateType, block);
        for (var i = 0; i < schema.Attributes.Count; i++) columns[schema.Axes.Count + i] = Require(points.Attributes, schema.Attributes[i].Name, schema.Attributes[i].Type, block);
        if (points.Attributes.FirstOrDefault(column => schema.IndexOfAttribute(column.Name) < 0) is { } unknown) throw Invalid(block, $"its points have an attribute '{unknown.Name}', which the cloud does not have");
        return columns;
    }

    /// <summary>The bits of a column as its type of the schema has them.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidData"/>: a value does not fit into the type, or is no place.</exception>
    public static void CopyBits(Column column, ColumnType type, bool isCoordinate, Span<ulong> bits, string block)
    {
        column.CopyBits(bits);
        if (column.Type != type) Convert(column, type, bits, block);
        if (!isCoordinate || type.IsInteger()) return;
        for (var i = 0; i < bits.Length; i++)
            if (!double.IsFinite(Bits.ToDouble(type, bits[i]))) throw Invalid(block, $"point {i} has {Bits.ToText(type, bits[i])} for '{column.Name}', which is no place");
    }

    private static Column Require(IReadOnlyList<Column> columns, string name, ColumnType type, string block)
    {
        var column = columns.FirstOrDefault(column => column.Name == name) ?? throw Invalid(block, $"its points have no '{name}'");
        // What could lose something value by value is looked at value by value; a number with a fraction is not even tried.
        var isTaken = column.Type == type || (column.Type.IsInteger() && type.IsInteger()) || (column.Type, type) is (ColumnType.Float32, ColumnType.Float64);
        return isTaken ? column : throw Invalid(block, $"its '{name}' is {column.Type.Word()}, and the cloud has {type.Word()}; that would not come back as it was");
    }

    private static void Convert(Column column, ColumnType type, Span<ulong> bits, string block)
    {
        if (type == ColumnType.Float64)
        {
            foreach (ref var bit in bits) bit = BitConverter.DoubleToUInt64Bits(BitConverter.UInt32BitsToSingle((uint)bit));
            return;
        }

        var isUnsigned64 = column.Type == ColumnType.UInt64;
        for (var i = 0; i < bits.Length; i++)
        {
            var value = isUnsigned64 ? bits[i] : (Int128)(long)bits[i];
            var (lowest, highest) = Range(type);
            if (value < lowest || value > highest) throw Invalid(block, $"point {i} has {value} for '{column.Name}', which does not fit into {type.Word()}");
        }
    }

    private static (Int128 Lowest, Int128 Highest) Range(ColumnType type) => type switch
    {
        ColumnType.Int32 => (int.MinValue, int.MaxValue),
        ColumnType.Int64 => (long.MinValue, long.MaxValue),
        ColumnType.UInt8 => (0, byte.MaxValue),
        ColumnType.UInt32 => (0, uint.MaxValue),
        _ => (0, ulong.MaxValue),
    };

    internal static BasaltException Invalid(string block, string what) => new(ErrorCode.InvalidData, $"The block '{block}' is not taken: {what}.") { Target = block };
}
