namespace Basalt.Vectors.Ivf;

/// <summary>What an inverted file keeps of a vector in its lists.</summary>
public enum IvfCode
{
    /// <summary>One of 16 centres a subspace: half a byte. The fastest to scan and to train.</summary>
    Product4 = 4,

    /// <summary>One of 256 centres a subspace: a byte. Twice the memory of <see cref="Product4"/> and far closer to the vector.</summary>
    Product8 = 8,

    /// <summary>One bit an element after a random rotation, with a bound of the error. Needs no training and suits any data.</summary>
    Bit = 1,
}
