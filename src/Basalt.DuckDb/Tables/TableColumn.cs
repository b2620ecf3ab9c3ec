using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Native;
using Basalt.Schemas;

namespace Basalt.DuckDb.Tables;

/// <summary>A column that holds the values of a field. Immutable.</summary>
/// <param name="Field">The field, which is the column's name too.</param>
/// <param name="Type">What it holds: neither anything nor lists nor maps.</param>
/// <param name="Dimension">Of vectors that all have so many components: how many; else null.</param>
/// <param name="HasStrays">Whether some record may have a value of the field that the column does not hold; it is in the rest.</param>
/// <param name="HasForms">Whether some record may have in the rest the exact form of what the column holds, or a null that was written.</param>
internal sealed record TableColumn(string Field, FieldType Type, int? Dimension, bool HasStrays = false, bool HasForms = false)
{
    /// <summary>How many digits behind the point a decimal column has.</summary>
    public const byte DecimalScale = 10;

    /// <summary>The column's type.</summary>
    public DuckType DuckType { get; } = TypeOf(Type, Dimension);

    /// <summary>Whether fields of that type have columns.</summary>
    public static bool Holds(FieldType type) => type is not (FieldType.Any or FieldType.List or FieldType.Map);

    private static DuckType TypeOf(FieldType type, int? dimension) => type switch
    {
        FieldType.Bool => DuckType.Boolean,
        FieldType.Int64 => DuckType.BigInt,
        FieldType.Double => DuckType.Double,
        FieldType.Decimal => DuckType.Decimal(Scalars.DecimalDigits, DecimalScale),
        FieldType.String => DuckType.Varchar,
        FieldType.DateTime => DuckType.TimestampTz,
        FieldType.Guid => DuckType.Uuid,
        FieldType.Bytes => DuckType.Blob,
        FieldType.Vector when dimension is > 0 and <= MostArrayItems => DuckType.Array(DuckType.Of(DuckTypeId.Float), dimension.Value),
        FieldType.Vector => DuckType.List(DuckType.Of(DuckTypeId.Float)),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    // The library's own limit.
    private const int MostArrayItems = 100_000;
}
