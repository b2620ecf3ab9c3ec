using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>What a field holds.</summary>
public enum FieldType
{
    /// <summary>Any value.</summary>
    Any,

    /// <summary>True or false.</summary>
    Bool,

    /// <summary>A signed 64-bit integer.</summary>
    Int64,

    /// <summary>An IEEE 754 double.</summary>
    Double,

    /// <summary>A decimal.</summary>
    Decimal,

    /// <summary>Text.</summary>
    String,

    /// <summary>An instant with its offset.</summary>
    DateTime,

    /// <summary>A guid.</summary>
    Guid,

    /// <summary>Bytes.</summary>
    Bytes,

    /// <summary>A vector of finite float32 components.</summary>
    Vector,

    /// <summary>A list of values.</summary>
    List,

    /// <summary>Named values.</summary>
    Map,
}

/// <summary>The names of the types in schema files and messages, and the kinds of values that they stand for.</summary>
internal static class FieldTypes
{
    private static readonly string[] Names =
        ["any", "bool", "int64", "double", "decimal", "string", "date-time", "guid", "bytes", "vector", "list", "map"];

    public static string Name(this FieldType type) => Names[(int)type];

    public static IReadOnlyList<string> All => Names;

    public static bool TryParse(string name, out FieldType type)
    {
        var at = Array.IndexOf(Names, name);
        type = at < 0 ? default : (FieldType)at;
        return at >= 0;
    }

    /// <summary>The type of a value; null has none of its own and is <see cref="FieldType.Any"/>.</summary>
    public static FieldType Of(ValueKind kind) => kind switch
    {
        ValueKind.Null => FieldType.Any,
        ValueKind.Bool => FieldType.Bool,
        ValueKind.Int64 => FieldType.Int64,
        ValueKind.Double => FieldType.Double,
        ValueKind.Decimal => FieldType.Decimal,
        ValueKind.String => FieldType.String,
        ValueKind.DateTime => FieldType.DateTime,
        ValueKind.Guid => FieldType.Guid,
        ValueKind.Bytes => FieldType.Bytes,
        ValueKind.Vector => FieldType.Vector,
        ValueKind.List => FieldType.List,
        ValueKind.Map => FieldType.Map,
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    public static bool IsNumber(this FieldType type) => type is FieldType.Int64 or FieldType.Double or FieldType.Decimal;
}
