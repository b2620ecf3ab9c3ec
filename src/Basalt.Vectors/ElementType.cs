namespace Basalt.Vectors;

/// <summary>What one element of a stored vector is. Queries come as float32 and are compared at the precision that the rows have.</summary>
public enum ElementType
{
    /// <summary>IEEE 754 binary32.</summary>
    Float32,

    /// <summary>IEEE 754 binary16: 11 significant bits, up to 65,504. The query stays float32.</summary>
    Float16,

    /// <summary>The upper half of a float32: 8 significant bits, the whole range. The query stays float32.</summary>
    BFloat16,

    /// <summary>A whole number from -128 to 127. The query is int8, too.</summary>
    Int8,

    /// <summary>0 or 1, eight in a byte, the first in the lowest bit.</summary>
    Bit,
}
