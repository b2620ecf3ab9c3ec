namespace Basalt.Vectors.Memory;

/// <summary>
/// Vectors that lie one behind the other in memory that somebody else owns: a <see cref="VectorBuffer"/>, or a mapped file. It must stay valid and, but
/// for rows past <see cref="Count"/>, unchanged as long as this is used.
/// A row starts at a multiple of its alignment and is filled with zeros up to <see cref="Stride"/>; kernels read whole strides, so the zeros matter.
/// </summary>
public readonly unsafe struct VectorRows
{
    /// <summary>The largest dimension that an index takes.</summary>
    public const int MaxDimension = 65_536;

    /// <summary>The boundary that memory of rows starts at, in bytes: a cache line and a register of AVX-512.</summary>
    public const int Alignment = 64;

    /// <summary>Rows in the layout that <see cref="StrideOf"/> gives.</summary>
    /// <param name="start">The first row; a multiple of <see cref="Alignment"/> unless there is none.</param>
    /// <param name="count">How many rows.</param>
    /// <param name="dimension">Elements of a row.</param>
    /// <param name="elementType">What an element is.</param>
    /// <exception cref="ArgumentException">The start is not aligned.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The count is negative, or the dimension is none.</exception>
    public VectorRows(byte* start, int count, int dimension, ElementType elementType)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        Stride = StrideOf(elementType, dimension);
        if (count > 0 && (start is null || (nuint)start % Alignment != 0)) throw new ArgumentException($"Rows start at a multiple of {Alignment} bytes.", nameof(start));
        Start = start;
        (Count, Dimension, ElementType) = (count, dimension, elementType);
    }

    /// <summary>The first byte of the first row.</summary>
    public byte* Start { get; }

    /// <summary>How many rows.</summary>
    public int Count { get; }

    /// <summary>Elements of a row.</summary>
    public int Dimension { get; }

    /// <summary>Bytes from a row to the next.</summary>
    public int Stride { get; }

    /// <summary>What an element is.</summary>
    public ElementType ElementType { get; }

    /// <summary>All bytes of the rows.</summary>
    public long Bytes => (long)Count * Stride;

    /// <summary>The first byte of a row. Not checked: hot loops ask only for what they know to exist.</summary>
    public byte* this[int ordinal] => Start + (long)ordinal * Stride;

    /// <summary>
    /// Bytes from a row to the next: the elements, rounded up to 64; rows of bits that are shorter are rounded up to 8, 16, 32 or 64, so that none
    /// lies across two cache lines.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The dimension is not from 1 to <see cref="MaxDimension"/>, or the type is none.</exception>
    public static int StrideOf(ElementType elementType, int dimension)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(dimension, MaxDimension);
        var bytes = elementType switch
        {
            ElementType.Float32 => dimension * sizeof(float),
            ElementType.Float16 or ElementType.BFloat16 => dimension * sizeof(ushort),
            ElementType.Int8 => dimension,
            ElementType.Bit => (dimension + 7) / 8,
            _ => throw new ArgumentOutOfRangeException(nameof(elementType), elementType, null),
        };
        if (elementType == ElementType.Bit && bytes <= Alignment / 2) return bytes <= 8 ? 8 : bytes <= 16 ? 16 : 32;
        return (bytes + Alignment - 1) / Alignment * Alignment;
    }
}
