namespace Basalt.Vectors.Quantisation;

/// <summary>What the 256 levels of a code are spread over.</summary>
public enum QuantiserRange
{
    /// <summary>
    /// One step size for all dimensions, so that codes are compared with codes in whole numbers. Each dimension has a middle of its own; under the
    /// dot product it is zero.
    /// </summary>
    Global,

    /// <summary>A step size for each dimension: finer where the dimensions differ, and slower, since a float32 query is compared with scaled codes.</summary>
    PerDimension,
}
