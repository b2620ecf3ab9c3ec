namespace Basalt.PointClouds.Columns;

/// <summary>The type of a column's values. Coordinates take the first four.</summary>
public enum ColumnType : byte
{
    /// <summary>A signed integer of 32 bits.</summary>
    Int32 = 1,

    /// <summary>A signed integer of 64 bits.</summary>
    Int64 = 2,

    /// <summary>A floating-point number of 32 bits.</summary>
    Float32 = 3,

    /// <summary>A floating-point number of 64 bits.</summary>
    Float64 = 4,

    /// <summary>An unsigned integer of 8 bits.</summary>
    UInt8 = 5,

    /// <summary>An unsigned integer of 32 bits.</summary>
    UInt32 = 6,

    /// <summary>An unsigned integer of 64 bits.</summary>
    UInt64 = 7,
}

/// <summary>What follows from a <see cref="ColumnType"/>.</summary>
internal static class ColumnTypes
{
    public static bool IsInteger(this ColumnType type) => type is not (ColumnType.Float32 or ColumnType.Float64);

    public static bool IsCoordinate(this ColumnType type) => type is >= ColumnType.Int32 and <= ColumnType.Float64;

    public static int Bytes(this ColumnType type) => type switch
    {
        ColumnType.UInt8 => 1,
        ColumnType.Int32 or ColumnType.Float32 or ColumnType.UInt32 => 4,
        _ => 8,
    };

    /// <summary>The word for it in records and files: <c>int32</c>.</summary>
    public static string Word(this ColumnType type) => type.ToString().ToLowerInvariant();

    public static ColumnType? Of(string word) => Enum.GetValues<ColumnType>().Cast<ColumnType?>().FirstOrDefault(type => type!.Value.Word() == word);

    public static ColumnType Of(Type type) =>
        type == typeof(int) ? ColumnType.Int32
        : type == typeof(long) ? ColumnType.Int64
        : type == typeof(float) ? ColumnType.Float32
        : type == typeof(double) ? ColumnType.Float64
        : type == typeof(byte) ? ColumnType.UInt8
        : type == typeof(uint) ? ColumnType.UInt32
        : type == typeof(ulong) ? ColumnType.UInt64
        : throw new ArgumentException($"A column has int, long, float, double, byte, uint or ulong, not {type.Name}.", nameof(type));
}
