using System.Buffers.Binary;
using System.Text.RegularExpressions;
using Basalt.PointClouds.Columns;

namespace Basalt.PointClouds.Files.Neuroglancer;

/// <summary>A property of annotations: an attribute, or half of one.</summary>
/// <param name="Id">Its name in the info file.</param>
/// <param name="Type">Its type there.</param>
/// <param name="Attribute">The place of the attribute among those that are written.</param>
/// <param name="Shift">How many bits the attribute's value is shifted down.</param>
internal sealed record AnnotationProperty(string Id, string Type, int Attribute, int Shift)
{
    public bool IsByte => Type == "uint8";
}

/// <summary>
/// The bytes of an annotation without its relations: a float32 for each axis, the properties of four bytes, those of one byte, and zeros up to a multiple of four. The format knows no numbers of 64 bits: integers of that width are
/// two properties, NAME_low and NAME_high, and a float64 is rounded to a float32.
/// </summary>
internal sealed partial class AnnotationLayout
{
    private readonly PointSchema _schema;
    private readonly PointAttribute[] _attributes;

    /// <exception cref="BasaltException"><see cref="ErrorCode.Unsupported"/>: an axis or attribute has a name that the format does not allow.</exception>
    public AnnotationLayout(PointSchema schema, IReadOnlyList<string>? attributes)
    {
        _schema = schema;
        // In the order in which a read gives them.
        _attributes = attributes is null ? [.. schema.Attributes] : [.. attributes.Select(name => schema.Attributes.First(attribute => attribute.Name == name))];
        foreach (var axis in schema.Axes)
            if (!AxisName().IsMatch(axis)) throw Unsupported($"the axis '{axis}': its names are letters, digits and _, a letter first", axis);
        // Wide ones first: so the order in the info file is that of the bytes.
        Properties = [.. _attributes.SelectMany(PropertiesOf).OrderBy(static property => property.IsByte)];
        foreach (var property in Properties)
            if (!PropertyName().IsMatch(property.Id)) throw Unsupported($"the property '{property.Id}': its names are letters, digits and _, a small letter first; leave it out", property.Id);
        if (Properties.GroupBy(static property => property.Id).FirstOrDefault(static group => group.Count() > 1) is { } twice) throw Unsupported($"'{twice.Key}' twice; leave one out", twice.Key);
        Stride = (4 * (Axes + Properties.Count) - 3 * Properties.Count(static property => property.IsByte) + 3) & ~3;
    }

    public IReadOnlyList<AnnotationProperty> Properties { get; }

    public int Axes => _schema.Axes.Count;

    /// <summary>The bytes of an annotation.</summary>
    public int Stride { get; }

    /// <summary>The largest difference of a coordinate to what was written.</summary>
    public double LargestError { get; private set; }

    /// <summary>The attributes of which a value was rounded.</summary>
    public SortedSet<string> Rounded { get; } = new(StringComparer.Ordinal);

    /// <summary>Writes a point into zeroed bytes.</summary>
    public void Write(PointSet points, int at, Span<byte> row)
    {
        for (var axis = 0; axis < Axes; axis++)
        {
            var column = points.Coordinates[axis];
            var written = Single(column, at);
            if (!float.IsFinite(written)) throw Unsupported($"the coordinate {column.ToDouble(at):R} of '{column.Name}': coordinates are float32", column.Name);
            LargestError = Math.Max(LargestError, ErrorOf(column, at, written));
            BinaryPrimitives.WriteSingleLittleEndian(row[(4 * axis)..], written);
        }

        row = row[(4 * Axes)..];
        foreach (var property in Properties)
        {
            var column = points.Attributes[property.Attribute];
            if (property.IsByte)
            {
                row[0] = (byte)column.BitsAt(at);
                row = row[1..];
                continue;
            }

            BinaryPrimitives.WriteUInt32LittleEndian(row, column.Type == ColumnType.Float64 ? Rounding(column, at) : (uint)(column.BitsAt(at) >> property.Shift));
            row = row[4..];
        }
    }

    private static IEnumerable<AnnotationProperty> PropertiesOf(PointAttribute attribute, int place) => attribute.Type switch
    {
        ColumnType.Int64 => [new(attribute.Name + "_low", "uint32", place, 0), new(attribute.Name + "_high", "int32", place, 32)],
        ColumnType.UInt64 => [new(attribute.Name + "_low", "uint32", place, 0), new(attribute.Name + "_high", "uint32", place, 32)],
        ColumnType.Float64 => [new(attribute.Name, "float32", place, 0)],
        _ => [new(attribute.Name, attribute.Type.Word(), place, 0)],
    };

    private static float Single(Column column, int at) => column.Type.IsInteger() ? (long)column.BitsAt(at) : (float)column.ToDouble(at);

    private static double ErrorOf(Column column, int at, float written) =>
        column.Type.IsInteger() ? (double)Int128.Abs((long)column.BitsAt(at) - (Int128)written) : Math.Abs(column.ToDouble(at) - written);

    private uint Rounding(Column column, int at)
    {
        var (value, written) = (column.ToDouble(at), (float)column.ToDouble(at));
        if (written != value && !double.IsNaN(value)) Rounded.Add(column.Name);
        return BitConverter.SingleToUInt32Bits(written);
    }

    private static BasaltException Unsupported(string what, string target) => new(ErrorCode.Unsupported, $"Annotations cannot have {what}.") { Target = target };

    [GeneratedRegex("^[a-z][a-zA-Z0-9_]*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PropertyName();

    [GeneratedRegex("^[a-zA-Z][a-zA-Z0-9_]*$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex AxisName();
}
