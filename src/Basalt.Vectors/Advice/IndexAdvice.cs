using System.Globalization;
using System.Numerics;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Advice;

/// <summary>
/// Which index to make of vectors, with which parameters, and why. It knows only their number and shape and the memory that may be used, so it is a start: measure
/// (<c>./basalt bench vectors</c>) where it matters. Estimates of memory are of what has to stay resident for searches to be fast.
/// </summary>
public sealed record IndexAdvice
{
    /// <summary>The bytes of vectors up to which comparing with all takes well under a millisecond, which no index is worth.</summary>
    public const long FlatBytes = 8L << 20;

    private const int UsualLinks = 16;
    private const int ManyLinks = 24;
    private const int HighDimension = 512;
    private const int FewestCodedDimensions = 32;
    private const int NodeBytes = 24;
    private const int ListEntryBytes = 4;

    private static readonly int[] DimensionsASubspace = [2, 4, 8];

    private IndexAdvice()
    {
    }

    /// <summary>The kind of index.</summary>
    public AdvisedIndex Index { get; private init; }

    /// <summary>What is searched by.</summary>
    public AdvisedCode Code { get; private init; }

    /// <summary>Whether the vectors fit beside the index; otherwise they are read from a mapped file when candidates are measured again.</summary>
    public bool AreVectorsResident { get; private init; } = true;

    /// <summary>Links of a graph's node; 0 for others.</summary>
    public int M { get; private init; }

    /// <summary>Candidates while a graph is built; 0 for others.</summary>
    public int EfConstruction { get; private init; }

    /// <summary>Lists of an inverted file; 0 for others.</summary>
    public int Lists { get; private init; }

    /// <summary>Subspaces of a product code; 0 for others.</summary>
    public int Subspaces { get; private init; }

    /// <summary>The effort of a search for a recall of about 0.95 of ten neighbours; 0 for an exact index.</summary>
    public int Effort { get; private init; }

    /// <summary>Bytes that should stay in memory.</summary>
    public long ResidentBytes { get; private init; }

    /// <summary>Whether they are within the budget. When not even the smallest index is, this is false and the smallest is advised.</summary>
    public bool FitsBudget { get; private init; }

    /// <summary>Why, in sentences, the most important first.</summary>
    public IReadOnlyList<string> Reasons { get; private init; } = [];

    /// <summary>Advises.</summary>
    /// <param name="count">How many vectors there will be, 0 to 2,147,483,647.</param>
    /// <param name="dimension">Elements of a vector, 1 to <see cref="VectorRows.MaxDimension"/>.</param>
    /// <param name="metric">How far they are apart.</param>
    /// <param name="elementType">What is stored of an element.</param>
    /// <param name="memoryBudget">Bytes that the index and its vectors may keep in memory; at least 1.</param>
    /// <exception cref="ArgumentException">The metric does not go with the element type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public static IndexAdvice For(long count, int dimension, Metric metric, ElementType elementType, long memoryBudget)
    {
        VectorRules.ThrowUnlessSupported(metric, elementType, dimension);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, int.MaxValue);
        ArgumentOutOfRangeException.ThrowIfLessThan(memoryBudget, 1);
        var vectors = count * VectorRows.StrideOf(elementType, dimension);
        if (vectors <= FlatBytes && vectors <= memoryBudget) return Flat(vectors);
        var isFloat = elementType is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16;
        var graphs = new[] { isFloat && metric != Metric.L1 && dimension >= FewestCodedDimensions, false }.Distinct().Select(isCoded => Graph(count, dimension, metric, elementType, vectors, isCoded, memoryBudget)).ToList();
        if (graphs.Find(static graph => graph.FitsBudget) is { } fits) return fits;
        return isFloat && metric != Metric.L1
            ? InvertedFile(count, dimension, vectors, memoryBudget)
            : graphs[^1] with { Reasons = [.. graphs[^1].Reasons, $"Nothing smaller takes {metric} over {elementType}, and the budget of {Size(memoryBudget)} is passed."] };
    }

    private static IndexAdvice Flat(long vectors) => new()
    {
        ResidentBytes = vectors,
        FitsBudget = true,
        Reasons = [$"{Size(vectors)} of vectors are read in well under a millisecond (the limit is {Size(FlatBytes)}), so the answer can be exact and nothing needs building."],
    };

    private static IndexAdvice Graph(long count, int dimension, Metric metric, ElementType elementType, long vectors, bool isCoded, long budget)
    {
        var m = dimension >= HighDimension ? ManyLinks : UsualLinks;
        var links = count * (2L * m * sizeof(int) + NodeBytes + (BitSketch.Fits(metric, elementType, dimension) ? BitSketch.StrideOf(dimension) : 0));
        var walked = isCoded ? count * VectorRows.StrideOf(ElementType.Int8, dimension) : vectors;
        var areResident = !isCoded || links + walked + vectors <= budget;
        var resident = links + walked + (isCoded && areResident ? vectors : 0);
        var reasons = new List<string> { $"{count.ToString("N0", CultureInfo.InvariantCulture)} vectors are too many to compare with all, and a graph is the fastest way to few neighbours at high recall; it takes {Size(resident)}." };
        if (isCoded) reasons.Add($"It is walked by a byte an element, a fraction of the memory traffic, and the best candidates are measured again{(areResident ? "" : $" from a mapped file, since the vectors' {Size(vectors)} do not fit beside it in {Size(budget)}")}.");
        else reasons.Add(dimension < FewestCodedDimensions ? $"{dimension} dimensions are too few to gain by codes." : $"It is walked by the {elementType} vectors themselves, which are in memory anyway.");
        if (m != UsualLinks) reasons.Add($"{m} links a node instead of {UsualLinks}, since {dimension} dimensions make neighbours harder to find, and the links are small beside the vectors.");
        return new IndexAdvice
        {
            Index = AdvisedIndex.Hnsw,
            Code = isCoded ? AdvisedCode.Int8 : AdvisedCode.None,
            AreVectorsResident = areResident,
            M = m,
            EfConstruction = 200,
            Effort = count <= 1_000_000 ? 64 : count <= 10_000_000 ? 96 : 128,
            ResidentBytes = resident,
            FitsBudget = resident <= budget,
            Reasons = reasons,
        };
    }

    private static IndexAdvice InvertedFile(long count, int dimension, long vectors, long budget)
    {
        // Four times the root balances finding the lists and scanning them.
        var lists = (int)Math.Clamp((long)BitOperations.RoundUpToPowerOf2((ulong)(4 * Math.Sqrt(count))), 16, 65_536);
        var coarse = lists * (long)VectorRows.StrideOf(ElementType.Float32, dimension);
        var subspaces = DimensionsASubspace.Select(step => Math.Clamp(dimension / step, 1, 512)).ToList();
        var chosen = subspaces.FindIndex(s => Resident(s) <= budget);
        var fits = chosen >= 0;
        var taken = subspaces[fits ? chosen : ^1];
        var reasons = new List<string>
        {
            $"Neither the vectors ({Size(vectors)}) nor a graph over codes fit {Size(budget)}; an inverted file of product codes takes {Size(Resident(taken))} and measures the best candidates again from a mapped file.",
            $"{lists:N0} lists, about four times the root of the number of vectors, balance finding the lists and scanning them; codes of {taken} x 4 bits are scanned in registers.",
        };
        if (!fits) reasons.Add($"Even that is more than the budget of {Size(budget)}: expect reads from the disk.");
        return new IndexAdvice
        {
            Index = AdvisedIndex.IvfPq,
            Code = AdvisedCode.Product4,
            AreVectorsResident = false,
            Lists = lists,
            Subspaces = taken,
            Effort = Math.Max(8, lists / 64),
            ResidentBytes = Resident(taken),
            FitsBudget = fits,
            Reasons = reasons,
        };

        long Resident(int subspaces) => coarse + count * ((subspaces + 1) / 2 + ListEntryBytes);
    }

    private static string Size(long bytes) => bytes >= 1L << 30 ? $"{bytes / (double)(1L << 30):F1} GiB" : $"{bytes / (double)(1L << 20):F1} MiB";
}
