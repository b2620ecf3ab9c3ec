using Basalt.Records;

namespace Basalt.PointClouds.Columns;

/// <summary>
/// Where coordinates of one type lie on a lattice of unsigned 64-bit cells, one cell for each value. Points are sorted by the Morton order of their cells. Integers begin at
/// -2^20, so that volumes of up to a million voxels either side of zero have cells of 21 bits, three of which are one word; what lies below -2^20 wraps around. Floating-point
/// numbers have cells in the order of the numbers.
/// </summary>
/// <remarks>Ranges are asked by <i>ranks</i>, which have the order of the numbers: <c>rank = cell + offset</c>, and a cell is within lowest..highest rank when
/// <c>cell - (lowest - offset) &lt;= highest - lowest</c> in unsigned arithmetic, wrapped or not.</remarks>
internal readonly struct Lattice(ColumnType type)
{
    private const ulong Bias = 1UL << 20;
    private const ulong Sign = 1UL << 63;

    public ColumnType Type => type;

    /// <summary>What a cell lacks to its rank.</summary>
    public ulong Offset => type.IsInteger() ? Sign - Bias : 0;

    public ulong CellOf(ulong bits) => type switch
    {
        ColumnType.Float32 => (bits & 0x8000_0000) != 0 ? ~bits & 0xFFFF_FFFF : bits | 0x8000_0000,
        ColumnType.Float64 => (bits & Sign) != 0 ? ~bits : bits | Sign,
        _ => bits + Bias,
    };

    public ulong BitsOf(ulong cell) => type switch
    {
        ColumnType.Float32 => (cell & 0x8000_0000) != 0 ? cell & 0x7FFF_FFFF : ~cell & 0xFFFF_FFFF,
        ColumnType.Float64 => (cell & Sign) != 0 ? cell & ~Sign : ~cell,
        _ => cell - Bias,
    };

    public void CellsOf(Span<ulong> bits)
    {
        if (type.IsInteger())
            for (var i = 0; i < bits.Length; i++) bits[i] += Bias;
        else
            for (var i = 0; i < bits.Length; i++) bits[i] = CellOf(bits[i]);
    }

    public void BitsOf(Span<ulong> cells)
    {
        if (type.IsInteger())
            for (var i = 0; i < cells.Length; i++) cells[i] -= Bias;
        else
            for (var i = 0; i < cells.Length; i++) cells[i] = BitsOf(cells[i]);
    }

    public ulong RankOf(ulong cell) => cell + Offset;

    public ulong CellAt(ulong rank) => rank - Offset;

    public ulong RankOfBits(ulong bits) => RankOf(CellOf(bits));

    public ulong BitsAt(ulong rank) => BitsOf(CellAt(rank));

    public Value ValueAt(ulong rank) => Bits.ToValue(type, BitsAt(rank));

    public double DoubleAt(ulong rank) => Bits.ToDouble(type, BitsAt(rank));

    /// <summary>The lowest rank of a value that is not below a bound; null when all are below it.</summary>
    /// <exception cref="ArgumentException">The bound is no number, or NaN.</exception>
    public ulong? AtLeast(Value bound)
    {
        var rank = Near(bound, isUpper: false);
        // The rank next to a bound may be one off: every conversion rounds.
        while (rank != HighestRank && Compare(rank, bound) < 0) rank++;
        while (rank != LowestRank && Compare(rank - 1, bound) >= 0) rank--;
        return Compare(rank, bound) >= 0 ? rank : null;
    }

    /// <summary>The highest rank of a value that is not above a bound; null when all are above it.</summary>
    /// <exception cref="ArgumentException">The bound is no number, or NaN.</exception>
    public ulong? AtMost(Value bound)
    {
        var rank = Near(bound, isUpper: true);
        while (rank != LowestRank && Compare(rank, bound) > 0) rank--;
        while (rank != HighestRank && Compare(rank + 1, bound) <= 0) rank++;
        return Compare(rank, bound) <= 0 ? rank : null;
    }

    private ulong LowestRank => type switch
    {
        ColumnType.Int32 => RankOfBits(unchecked((ulong)int.MinValue)),
        ColumnType.Float32 => RankOfBits(BitConverter.SingleToUInt32Bits(float.NegativeInfinity)),
        ColumnType.Float64 => RankOfBits(BitConverter.DoubleToUInt64Bits(double.NegativeInfinity)),
        _ => 0,
    };

    private ulong HighestRank => type switch
    {
        ColumnType.Int32 => RankOfBits(int.MaxValue),
        ColumnType.Float32 => RankOfBits(BitConverter.SingleToUInt32Bits(float.PositiveInfinity)),
        ColumnType.Float64 => RankOfBits(BitConverter.DoubleToUInt64Bits(double.PositiveInfinity)),
        _ => ulong.MaxValue,
    };

    private int Compare(ulong rank, Value bound) => ValueAt(rank).CompareTo(bound);

    private ulong Near(Value bound, bool isUpper)
    {
        if (!bound.IsNumber || (bound.Kind == ValueKind.Double && double.IsNaN(bound.AsDouble))) throw new ArgumentException($"A bound of a box is a number, not {bound}.", nameof(bound));
        if (!type.IsInteger()) return RankOfDouble(ApproximateDouble(bound));
        var (lowest, highest) = type == ColumnType.Int32 ? (int.MinValue, int.MaxValue) : (long.MinValue, long.MaxValue);
        if (bound.CompareTo(lowest) <= 0) return RankOfBits((ulong)lowest);
        if (bound.CompareTo(highest) >= 0) return RankOfBits((ulong)highest);
        return RankOfBits((ulong)(bound.Kind switch
        {
            ValueKind.Int64 => bound.AsInt64,
            ValueKind.Double => (long)(isUpper ? Math.Floor(bound.AsDouble) : Math.Ceiling(bound.AsDouble)),
            _ => (long)(isUpper ? decimal.Floor(bound.AsDecimal) : decimal.Ceiling(bound.AsDecimal)),
        }));
    }

    private ulong RankOfDouble(double value) => type == ColumnType.Float32
        ? RankOfBits(BitConverter.SingleToUInt32Bits((float)value))
        : RankOfBits(BitConverter.DoubleToUInt64Bits(value));

    internal static double ApproximateDouble(Value number) => number.Kind switch
    {
        ValueKind.Int64 => number.AsInt64,
        ValueKind.Double => number.AsDouble,
        _ => (double)number.AsDecimal,
    };
}
