using System.Globalization;
using System.Text;
using Basalt.DuckDb.Native;
using Basalt.Records;

namespace Basalt.DuckDb.Columns;

/// <summary>The unit that a timestamp counts.</summary>
internal enum TimeUnit
{
    Second,
    Millisecond,
    Microsecond,
    Nanosecond,
}

/// <summary>Times, dates and bits as values: instants where Basalt has them, else text as SQL writes it.</summary>
internal static class TimeForms
{
    private const long NanosPerSecond = 1_000_000_000, DaysOfMostDate = 2_932_896, DaysOfLeastDate = -719_162;
    private const int MicrosBits = 24, MostOffsetSeconds = 57_599;

    /// <summary>An instant of the years 1 to 9999, with what it has beyond 100 nanoseconds as text; the infinities and other years as text.</summary>
    public static Value Instant(long count, TimeUnit unit)
    {
        if (count == Scalars.Infinity) return "infinity";
        if (count == Scalars.MinusInfinity) return "-infinity";
        var nanos = (Int128)count * unit switch { TimeUnit.Second => NanosPerSecond, TimeUnit.Millisecond => 1_000_000, TimeUnit.Microsecond => 1000, _ => 1 };
        var ticks = nanos / Scalars.NanosPerTick + Scalars.EpochTicks;
        if (nanos % Scalars.NanosPerTick == 0 && ticks >= 0 && ticks <= DateTime.MaxValue.Ticks) return new DateTimeOffset((long)ticks, TimeSpan.Zero);
        var (days, rest) = DivideDown(nanos, 86_400 * NanosPerSecond);
        return $"{Date((int)days)} {Time((long)rest)}";
    }

    /// <summary>A date as <c>2024-05-01</c>; the years beyond 9999 and before 1 as they count.</summary>
    public static string Date(int days)
    {
        if (days == int.MaxValue) return "infinity";
        if (days == -int.MaxValue) return "-infinity";
        if (days is >= (int)DaysOfLeastDate and <= (int)DaysOfMostDate) return DateOnly.FromDayNumber(days - (int)DaysOfLeastDate).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        // The calendar repeats after 400 years.
        const int daysOfCycle = 146_097;
        var (cycles, day) = DivideDown((Int128)days - DaysOfLeastDate, daysOfCycle);
        var date = DateOnly.FromDayNumber((int)day);
        var year = date.Year + 400 * (long)cycles;
        return year > 0 ? $"{year:0000}-{date:MM-dd}" : $"{1 - year:0000}-{date:MM-dd} (BC)";
    }

    /// <summary>A time of day as <c>12:00:00.5</c>.</summary>
    public static string Time(long nanos)
    {
        var seconds = nanos / NanosPerSecond;
        var fraction = nanos % NanosPerSecond;
        var text = $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}";
        return fraction == 0 ? text : $"{text}.{fraction.ToString("000000000", CultureInfo.InvariantCulture).TrimEnd('0')}";
    }

    /// <summary>A time of day with its offset: microseconds in the upper 40 bits, and below them the seconds that the offset is from the greatest, 15:59:59.</summary>
    public static string TimeTz(ulong bits)
    {
        var offset = MostOffsetSeconds - (int)(bits & ((1UL << MicrosBits) - 1));
        var magnitude = Math.Abs(offset);
        var text = $"{Time((long)(bits >> MicrosBits) * 1000)}{(offset < 0 ? '-' : '+')}{magnitude / 3600:00}";
        if (magnitude % 3600 != 0) text += $":{magnitude / 60 % 60:00}";
        return magnitude % 60 != 0 ? $"{text}:{magnitude % 60:00}" : text;
    }

    /// <summary>An interval as <c>1 year 2 months 3 days 04:05:06</c>.</summary>
    public static string Interval(Interval interval)
    {
        var parts = new List<string>();
        Add(interval.Months / 12, "year");
        Add(interval.Months % 12, "month");
        Add(interval.Days, "day");
        if (interval.Micros != 0 || parts.Count == 0) parts.Add((interval.Micros < 0 ? "-" : "") + LongTime(Int128.Abs(interval.Micros)));
        return string.Join(' ', parts);

        void Add(int count, string unit)
        {
            if (count != 0) parts.Add($"{count} {unit}{(count is 1 or -1 ? "" : "s")}");
        }
    }

    /// <summary>Bits as zeros and ones; the first byte says how many bits of the second are filling.</summary>
    public static string Bits(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder();
        for (var i = 8 + bytes[0]; i < bytes.Length * 8; i++) text.Append((bytes[i >> 3] & (0x80 >> (i & 7))) != 0 ? '1' : '0');
        return text.ToString();
    }

    private static string LongTime(Int128 micros)
    {
        var text = $"{micros / 3_600_000_000:00}:{micros / 60_000_000 % 60:00}:{micros / 1_000_000 % 60:00}";
        var fraction = (long)(micros % 1_000_000);
        return fraction == 0 ? text : $"{text}.{fraction.ToString("000000", CultureInfo.InvariantCulture).TrimEnd('0')}";
    }

    private static (Int128 Quotient, Int128 Remainder) DivideDown(Int128 dividend, Int128 divisor)
    {
        var (quotient, remainder) = Int128.DivRem(dividend, divisor);
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder);
    }
}
