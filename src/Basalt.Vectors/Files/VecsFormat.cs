namespace Basalt.Vectors.Files;

/// <summary>The files of vectors that benchmarks share. Every row is its number of elements as a little-endian int32, then the elements.</summary>
public enum VecsFormat
{
    /// <summary>.fvecs: elements are little-endian float32.</summary>
    Float32,

    /// <summary>.bvecs: elements are bytes, 0 to 255.</summary>
    Byte,

    /// <summary>.ivecs: elements are little-endian int32; ordinals of true neighbours, mostly.</summary>
    Int32,
}
