using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Tables;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.DuckDb.Filters;

/// <summary>
/// Where a literal lies among the values that a column can hold: on one of them, between two neighbours, or apart, because its type never compares with theirs. So every comparison of any
/// two numbers becomes one of the column's own type, and is exact.
/// </summary>
internal readonly struct Place
{
    // The first double above the int64 range.
    private const double Int64Limit = 9223372036854775808d;

    private Place(Parameter? at, Edge below, Edge above, bool isApart) => (At, Below, Above, IsApart) = (at, below, above, isApart);

    /// <summary>The column's value that the literal equals, or null.</summary>
    public Parameter? At { get; }

    /// <summary>Where the literal equals none: the greatest value below it.</summary>
    public Edge Below { get; }

    /// <summary>Where the literal equals none: the smallest value above it.</summary>
    public Edge Above { get; }

    /// <summary>Whether the literal is of a type that never compares with the column's.</summary>
    public bool IsApart { get; }

    private static Place Apart => new(null, Edge.None, Edge.None, true);

    private static Place AboveAll => Between(Edge.All, Edge.None);

    private static Place BelowAll => Between(Edge.None, Edge.All);

    /// <summary>The place of a literal, which is not null, among the values of a column of that type.</summary>
    public static Place Of(in Value literal, FieldType type) => type switch
    {
        FieldType.Bool => literal.Kind == ValueKind.Bool ? On(literal.AsBool) : Apart,
        FieldType.String => literal.Kind == ValueKind.String ? On(literal.AsString) : Apart,
        FieldType.Guid => literal.Kind == ValueKind.Guid ? On(literal.AsGuid) : Apart,
        FieldType.Bytes => literal.Kind == ValueKind.Bytes ? On(literal.AsBytes.ToArray()) : Apart,
        FieldType.DateTime => literal.Kind == ValueKind.DateTime ? AmongMicros(literal.AsDateTime) : Apart,
        FieldType.Int64 => literal.IsNumber ? AmongIntegers(literal) : Apart,
        FieldType.Double => literal.IsNumber ? AmongDoubles(literal) : Apart,
        FieldType.Decimal => literal.IsNumber ? AmongDecimals(literal) : Apart,
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    /// <summary>The place of a literal among the times that the store sets, which count nanoseconds.</summary>
    public static Place AmongNanos(in Value literal)
    {
        if (literal.Kind != ValueKind.DateTime) return Apart;
        const long most = (long.MaxValue - 1) / Scalars.NanosPerTick;
        var ticks = literal.AsDateTime.UtcTicks - Scalars.EpochTicks;
        return ticks > most ? AboveAll : ticks < -most ? BelowAll : On(Parameter.TimestampNanos(ticks * Scalars.NanosPerTick));
    }

    private static Place On(Parameter value) => new(value, Edge.None, Edge.None, false);

    private static Place Between(Edge below, Edge above) => new(null, below, above, false);

    private static Place AmongMicros(DateTimeOffset time)
    {
        var (micros, rest) = Math.DivRem(time.UtcTicks - Scalars.EpochTicks, Scalars.TicksPerMicrosecond);
        if (rest == 0) return On(Parameter.TimestampTz(micros));
        if (rest < 0) micros--;
        return Between(Edge.At(Parameter.TimestampTz(micros)), Edge.At(Parameter.TimestampTz(micros + 1)));
    }

    private static Place AmongIntegers(in Value literal)
    {
        if (literal.TryGetInt64(out var whole)) return On(whole);
        if (literal.Kind == ValueKind.Double)
        {
            var number = literal.AsDouble;
            if (double.IsNaN(number) || number >= Int64Limit) return AboveAll;
            if (number < -Int64Limit) return BelowAll;
            return Around((long)Math.Floor(number));
        }

        var exact = literal.AsDecimal;
        if (exact > long.MaxValue) return AboveAll;
        return exact < long.MinValue ? BelowAll : Around((long)decimal.Floor(exact));
    }

    private static Place Around(long floor) => Between(Edge.At(floor), Edge.At(floor + 1));

    private static Place AmongDoubles(in Value literal)
    {
        if (literal.Kind == ValueKind.Double) return On(literal.AsDouble);
        if (literal.TryGetDouble(out var equal)) return On(equal);
        // An int64 or a decimal is well within the range of doubles, so that there are neighbours.
        var below = literal.Kind == ValueKind.Int64 ? (double)literal.AsInt64 : Number.Nearest(literal.AsDecimal);
        while (Number.Compare((Value)below, literal) > 0) below = Math.BitDecrement(below);
        var above = Math.BitIncrement(below);
        while (Number.Compare((Value)above, literal) < 0) (below, above) = (above, Math.BitIncrement(above));
        return Between(Edge.At(below), Edge.At(above));
    }

    private static Place AmongDecimals(in Value literal)
    {
        const byte scale = TableColumn.DecimalScale;
        if (!literal.TryGetDecimal(out var number))
        {
            // A double beyond the decimals, or one so small that it is next to zero.
            var far = literal.AsDouble;
            if (double.IsNaN(far) || far > 1) return AboveAll;
            if (far < -1) return BelowAll;
            return far > 0 ? Between(Decimal(0), Decimal(1)) : Between(Decimal(-1), Decimal(0));
        }

        if (Scalars.TryToUnscaled(number, scale, out var unscaled)) return On(Parameter.Decimal(unscaled, scale));
        var truncated = decimal.Round(number, scale, MidpointRounding.ToNegativeInfinity);
        // It has too many digits behind the point, or in front of it.
        if (truncated == number || !Scalars.TryToUnscaled(truncated, scale, out var floor)) return number > 0 ? AboveAll : BelowAll;
        return Between(Decimal(floor), Decimal(floor + 1));

        static Edge Decimal(Int128 unscaled) => Edge.At(Parameter.Decimal(unscaled, scale));
    }
}
