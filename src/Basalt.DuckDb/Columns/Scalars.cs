using System.Buffers.Binary;
using Basalt.DuckDb.Native;

namespace Basalt.DuckDb.Columns;

/// <summary>How single values are kept, and what they are in .NET.</summary>
internal static class Scalars
{
    /// <summary>The most digits of a DECIMAL.</summary>
    public const byte DecimalDigits = 38;

    /// <summary>The ticks of 1970-01-01T00:00:00Z.</summary>
    public const long EpochTicks = 621_355_968_000_000_000;

    /// <summary>Ticks of a microsecond, and nanoseconds of a tick.</summary>
    public const long TicksPerMicrosecond = TimeSpan.TicksPerMicrosecond, NanosPerTick = 100;

    /// <summary>The timestamps that stand for the infinities.</summary>
    public const long Infinity = long.MaxValue, MinusInfinity = -long.MaxValue;

    private static readonly Int128 HighestBit = Int128.MinValue;

    // The greatest number of 38 digits.
    private static readonly UInt128 MostUnscaled = UInt128.Parse(new string('9', DecimalDigits), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The bytes of one value in a vector.</summary>
    public static int WidthOf(DuckType type) => type.Id switch
    {
        DuckTypeId.Boolean or DuckTypeId.TinyInt or DuckTypeId.UTinyInt => 1,
        DuckTypeId.SmallInt or DuckTypeId.USmallInt => 2,
        DuckTypeId.Integer or DuckTypeId.UInteger or DuckTypeId.Float or DuckTypeId.Date => 4,
        DuckTypeId.BigInt or DuckTypeId.UBigInt or DuckTypeId.Double or DuckTypeId.Time or DuckTypeId.TimeTz or DuckTypeId.TimeNanos or DuckTypeId.Timestamp or DuckTypeId.TimestampTz or DuckTypeId.TimestampSeconds
            or DuckTypeId.TimestampMillis or DuckTypeId.TimestampNanos => 8,
        DuckTypeId.HugeInt or DuckTypeId.UHugeInt or DuckTypeId.Uuid or DuckTypeId.Interval or DuckTypeId.List or DuckTypeId.Map or DuckTypeId.Varchar or DuckTypeId.Blob or DuckTypeId.Bit => 16,
        DuckTypeId.Decimal => type.Width switch { <= 4 => 2, <= 9 => 4, <= 18 => 8, _ => 16 },
        DuckTypeId.Enum => type.Names.Count switch { <= byte.MaxValue => 1, <= ushort.MaxValue => 2, _ => 4 },
        _ => 0,
    };

    /// <summary>A guid as 128 bits; ordered, as columns keep it, the highest bit is flipped so that signed comparison is that of the bytes.</summary>
    public static HugeInt ToHugeInt(Guid guid, bool isOrdered)
    {
        Span<byte> bytes = stackalloc byte[16];
        guid.TryWriteBytes(bytes, bigEndian: true, out _);
        var bits = BinaryPrimitives.ReadInt128BigEndian(bytes);
        return isOrdered ? bits ^ HighestBit : bits;
    }

    /// <summary>The guid that a column keeps.</summary>
    public static Guid ToGuid(HugeInt ordered)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt128BigEndian(bytes, (Int128)ordered ^ HighestBit);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>The decimal of an unscaled value, without zeros behind its last digit; false beyond what a decimal holds.</summary>
    public static bool TryToDecimal(Int128 unscaled, int scale, out decimal value)
    {
        value = 0;
        while (scale > 0 && unscaled % 10 == 0)
        {
            unscaled /= 10;
            scale--;
        }

        var magnitude = unscaled < 0 ? (UInt128)(-unscaled) : (UInt128)unscaled;
        if (scale > 28 || magnitude >> 96 != 0) return false;
        value = new decimal((int)(uint)magnitude, (int)(uint)(magnitude >> 32), (int)(uint)(magnitude >> 64), unscaled < 0, (byte)scale);
        return true;
    }

    /// <summary>The decimal with that many digits behind the point, without them as a point; false when it would have to be rounded, or has more than 38 digits.</summary>
    public static bool TryToUnscaled(decimal value, int scale, out Int128 unscaled)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var magnitude = new UInt128((uint)bits[2], (ulong)(uint)bits[1] << 32 | (uint)bits[0]);
        for (int have = value.Scale; have != scale; have += have < scale ? 1 : -1)
        {
            if (have < scale)
            {
                if (magnitude > MostUnscaled / 10)
                {
                    unscaled = 0;
                    return false;
                }

                magnitude *= 10;
                continue;
            }

            var (quotient, remainder) = UInt128.DivRem(magnitude, 10);
            magnitude = quotient;
            if (remainder == 0) continue;
            unscaled = 0;
            return false;
        }

        unscaled = bits[3] < 0 ? -(Int128)magnitude : (Int128)magnitude;
        return true;
    }
}
