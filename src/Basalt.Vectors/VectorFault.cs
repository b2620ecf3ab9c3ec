namespace Basalt.Vectors;

/// <summary>Why a vector cannot be taken.</summary>
public enum VectorFault
{
    /// <summary>It can.</summary>
    None,

    /// <summary>It has another number of elements than the index.</summary>
    WrongDimension,

    /// <summary>An element is NaN or infinite.</summary>
    NotFinite,

    /// <summary>All elements are zero (or so small that its length is), and the metric is the cosine.</summary>
    Zero,

    /// <summary>An element cannot be held by the element type: past the range of float16 or int8, no whole number as int8, neither 0 nor 1 as a bit; or the vector is so long that its squared length is past float32.</summary>
    OutOfRange,
}
