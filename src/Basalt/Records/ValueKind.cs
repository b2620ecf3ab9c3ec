namespace Basalt.Records;

/// <summary>
/// The type of a <see cref="Value"/>. The order of the members is the order in which values of different types sort;
/// the three number kinds sort together, by value.
/// </summary>
public enum ValueKind : byte
{
    /// <summary>No value. A missing field reads as this.</summary>
    Null,

    /// <summary>True or false. Not a number.</summary>
    Bool,

    /// <summary>A signed 64-bit integer.</summary>
    Int64,

    /// <summary>An IEEE 754 double. NaN equals NaN and sorts above every other number.</summary>
    Double,

    /// <summary>A decimal of up to 28 digits; its scale (1.50 or 1.5) is kept, and ignored by comparison.</summary>
    Decimal,

    /// <summary>Text: well-formed UTF-16, ordered by code point.</summary>
    String,

    /// <summary>An instant with the offset it was written with; the offset is kept, and ignored by comparison.</summary>
    DateTime,

    /// <summary>A 128-bit identifier, ordered as its 16 big-endian bytes.</summary>
    Guid,

    /// <summary>Bytes, ordered lexicographically.</summary>
    Bytes,

    /// <summary>A vector of float32 components.</summary>
    Vector,

    /// <summary>An ordered list of values.</summary>
    List,

    /// <summary>Named values; equality ignores the order of the names.</summary>
    Map,
}
