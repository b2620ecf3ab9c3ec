namespace Basalt.Vectors.Quantisation;

/// <summary>How vectors are turned before they are quantised. Distances do not change by it, only how well few bits describe the vectors.</summary>
public enum RotationKind
{
    /// <summary>Not at all.</summary>
    None = 0,

    /// <summary>
    /// To the principal axes of the training rows, dealt out evenly to the subspaces (optimised product quantisation). The best for product codes; a query pays the dimension squared.
    /// </summary>
    Principal = 1,

    /// <summary>At random, so that each element tells about as much. What 1-bit codes rest on.</summary>
    Spread = 2,
}
