using System.Numerics;
using System.Runtime.InteropServices;
using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors;

/// <summary>Which vectors an index takes, as rows and as queries. Safe for any number of threads.</summary>
public static class VectorRules
{
    /// <summary>The largest squared length of a vector whose distances to any other are sure to be finite.</summary>
    private const float LargestSquare = float.MaxValue / 4;

    /// <summary>Whether vectors of such elements can be compared by the metric.</summary>
    public static bool IsSupported(Metric metric, ElementType elementType) => DistanceChoice.IsSupported(metric, elementType);

    /// <summary>What is wrong with a vector that is to be stored; <see cref="VectorFault.None"/> when nothing is.</summary>
    public static VectorFault Check(ReadOnlySpan<float> vector, int dimension, Metric metric, ElementType elementType)
    {
        var fault = CheckQuery(vector, dimension, metric, elementType);
        if (fault != VectorFault.None || elementType != ElementType.Float16 || metric == Metric.Cosine) return fault;
        foreach (var element in vector)
            if (Half.IsInfinity((Half)element)) return VectorFault.OutOfRange;
        return VectorFault.None;
    }

    /// <summary>What is wrong with a query; <see cref="VectorFault.None"/> when nothing is.</summary>
    public static VectorFault CheckQuery(ReadOnlySpan<float> query, int dimension, Metric metric, ElementType elementType)
    {
        if (query.Length != dimension) return VectorFault.WrongDimension;
        var square = Square(query);
        if (!(square is > 0 and <= LargestSquare))
        {
            if (!float.IsFinite(square) && !AllFinite(query)) return VectorFault.NotFinite;
            if (metric == Metric.Cosine) return query.ContainsAnyExcept(0f, -0f) ? VectorFault.None : VectorFault.Zero;
            if (square > LargestSquare || !float.IsFinite(square)) return VectorFault.OutOfRange;
        }

        return elementType switch
        {
            ElementType.Int8 => AllWhole(query, sbyte.MinValue, sbyte.MaxValue) ? VectorFault.None : VectorFault.OutOfRange,
            ElementType.Bit => AllWhole(query, 0, 1) ? VectorFault.None : VectorFault.OutOfRange,
            _ => VectorFault.None,
        };
    }

    /// <summary>A sentence for a fault.</summary>
    public static string Describe(VectorFault fault, int length, int dimension) => fault switch
    {
        VectorFault.None => "The vector is sound.",
        VectorFault.WrongDimension => $"The vector has {length} elements, and the index {dimension} dimensions.",
        VectorFault.NotFinite => "The vector has an element that is NaN or infinite.",
        VectorFault.Zero => "The vector is zero, which has no cosine with any other.",
        VectorFault.OutOfRange => "The vector has an element that the element type cannot hold, or is too long for finite distances.",
        _ => throw new ArgumentOutOfRangeException(nameof(fault), fault, null),
    };

    /// <exception cref="ArgumentException">There is a fault.</exception>
    internal static void ThrowIf(VectorFault fault, int length, int dimension, string parameter)
    {
        if (fault != VectorFault.None) throw new ArgumentException(Describe(fault, length, dimension), parameter);
    }

    /// <exception cref="ArgumentException">There is no such distance.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The dimension is not from 1 to <see cref="VectorRows.MaxDimension"/>.</exception>
    internal static void ThrowUnlessSupported(Metric metric, ElementType elementType, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimension, VectorRows.MaxDimension);
        if (!IsSupported(metric, elementType)) throw new ArgumentException($"There is no {metric} distance of {elementType} vectors.", nameof(metric));
    }

    private static float Square(ReadOnlySpan<float> vector)
    {
        var sums = Vector<float>.Zero;
        var wide = MemoryMarshal.Cast<float, Vector<float>>(vector);
        foreach (var elements in wide) sums += elements * elements;
        var sum = Vector.Sum(sums);
        foreach (var element in vector[(wide.Length * Vector<float>.Count)..]) sum += element * element;
        return sum;
    }

    private static bool AllFinite(ReadOnlySpan<float> vector)
    {
        foreach (var element in vector)
            if (!float.IsFinite(element)) return false;
        return true;
    }

    private static bool AllWhole(ReadOnlySpan<float> vector, float least, float most)
    {
        foreach (var element in vector)
            if (!(element >= least && element <= most) || element != MathF.Truncate(element)) return false;
        return true;
    }
}
