using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Ivf;

/// <summary>How an <see cref="IvfPqIndex"/> is made.</summary>
public sealed record IvfPqOptions
{
    /// <summary>The largest number of lists.</summary>
    public const int MaxLists = 1 << 20;

    /// <summary>The largest dimension that principal axes are computed for; the work grows with its cube.</summary>
    public const int MaxPrincipalDimension = 2048;

    /// <summary>How far vectors are apart: L2, cosine or dot. L2 by default.</summary>
    public Metric Metric { get; init; }

    /// <summary>How many lists, from 1 to <see cref="MaxLists"/>. Commonly 1 to 4 times the root of the number of vectors. At least as many rows to train on.</summary>
    public required int Lists { get; init; }

    /// <summary>What is kept of a vector; <see cref="IvfCode.Product4"/> by default.</summary>
    public IvfCode Code { get; init; } = IvfCode.Product4;

    /// <summary>Into how many subspaces product codes cut a vector, from 1 to the dimension, at most 512. A dimension that it does not divide is padded with zeros. 0 for 1-bit codes.</summary>
    public int Subspaces { get; init; }

    /// <summary>How vectors are turned before. Unless given: 1-bit codes spread, product codes take principal axes up to 1,024 dimensions and none above.</summary>
    public RotationKind? Rotation { get; init; }

    /// <summary>Most rows to train on, chosen by the seed. 0, the default: 64 a list and at least 65,536, within 1 GiB of floats.</summary>
    public int TrainingRows { get; init; }

    /// <summary>Steps of k-means for the lists and for each subspace; 10 by default.</summary>
    public int Iterations { get; init; } = 10;

    /// <summary>Rows of a k-means step for the lists: 0, the default, for all training rows, otherwise mini-batches.</summary>
    public int BatchRows { get; init; }

    /// <summary>The seed of every random choice. Same rows, options and seed give the same index, whatever the number of threads.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How many lists a search probes unless it says otherwise; 16 by default, at most all.</summary>
    public int Probes { get; init; } = 16;

    /// <summary>
    /// How many candidates a search measures again by their full vectors unless it says otherwise. 0, the default: ten for each neighbour asked for, or, with
    /// 1-bit codes, those that the bound of the error does not exclude.
    /// </summary>
    public int Rescore { get; init; }

    /// <summary>Whether added vectors are copied into the index to be measured again. True by default; without them distances are estimates.</summary>
    public bool KeepVectors { get; init; } = true;

    internal RotationKind RotationFor(int dimension) => Rotation ?? (Code == IvfCode.Bit ? RotationKind.Spread : dimension <= 1024 ? RotationKind.Principal : RotationKind.None);

    internal long TrainingRowsFor(int dimension) => TrainingRows > 0 ? TrainingRows : Math.Max(Lists, Math.Min(Math.Max(64L * Lists, 65_536), (1L << 30) / (4L * dimension)));

    /// <summary>What is wrong with the options for vectors of a dimension; null when nothing is.</summary>
    internal string? Fault(int dimension)
    {
        if (Metric is not (Metric.L2 or Metric.Cosine or Metric.Dot)) return $"An inverted file takes L2, cosine or dot, not {Metric}.";
        if (dimension is < 1 or > VectorRows.MaxDimension) return $"A vector has 1 to {VectorRows.MaxDimension} elements, not {dimension}.";
        if (Lists is < 1 or > MaxLists) return $"There are 1 to {MaxLists} lists, not {Lists}.";
        if (Code is not (IvfCode.Product4 or IvfCode.Product8 or IvfCode.Bit)) return $"There is no code {Code}.";
        if (Code == IvfCode.Bit && RotationFor(dimension) == RotationKind.Principal) return "1-bit codes need elements that tell about as much each: spread, or turn not at all, but not to principal axes.";
        if (Code == IvfCode.Bit && BitQuantiser.SizeOf(dimension) / 4 > ushort.MaxValue) return $"1-bit codes take up to {ushort.MaxValue} x 4 dimensions.";
        if (Code != IvfCode.Bit && (Subspaces < 1 || Subspaces > Math.Min(dimension, ProductQuantiser.MaxSubspaces))) return $"{dimension} dimensions can be cut into 1 to {Math.Min(dimension, ProductQuantiser.MaxSubspaces)} subspaces, not {Subspaces}.";
        if (Code == IvfCode.Bit && Subspaces != 0) return "1-bit codes have no subspaces to choose: leave the number 0.";
        if (RotationFor(dimension) == RotationKind.Principal && dimension > MaxPrincipalDimension) return $"Principal axes are found for up to {MaxPrincipalDimension} dimensions, not {dimension}.";
        if (TrainingRows < 0 || Iterations < 0 || BatchRows < 0 || Rescore < 0) return $"Training rows, iterations, batch rows and rescored candidates are 0 or more: {this}";
        return Probes < 1 ? $"A search probes at least one list, not {Probes}." : null;
    }
}
