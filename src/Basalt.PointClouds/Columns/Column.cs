using System.Runtime.InteropServices;
using Basalt.Records;

namespace Basalt.PointClouds.Columns;

/// <summary>A named column of numbers of one type. Immutable once it was handed over; safe to share between threads.</summary>
public sealed class Column
{
    private readonly Array _values;

    private Column(string name, ColumnType type, Array values) => (Name, Type, _values) = (name, type, values);

    /// <summary>The name: an axis or an attribute.</summary>
    public string Name { get; }

    /// <summary>The type of the values.</summary>
    public ColumnType Type { get; }

    /// <summary>How many values there are.</summary>
    public int Count => _values.Length;

    /// <summary>The value at an index, exact: integers as int64, those above its range as a decimal, floating-point numbers as a double.</summary>
    public Value this[int index] => Bits.ToValue(Type, BitsAt(index));

    /// <summary>A column over an array of int, long, float, double, byte, uint or ulong, which is not copied: the caller does not touch it again.</summary>
    public static Column Of<T>(string name, T[] values)
        where T : unmanaged
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(values);
        return new Column(name, ColumnTypes.Of(typeof(T)), values);
    }

    /// <summary>The values.</summary>
    /// <exception cref="InvalidOperationException">The column is of another type.</exception>
    public ReadOnlySpan<T> As<T>()
        where T : unmanaged
        => _values is T[] typed ? typed : throw new InvalidOperationException($"The column '{Name}' is {Type}, not {typeof(T).Name}.");

    /// <summary>The value at an index as a double, rounded where a 64-bit integer has no equal.</summary>
    public double ToDouble(int index) => Bits.ToDouble(Type, BitsAt(index));

    /// <summary>A column of values that are given by their <see cref="Bits"/>.</summary>
    internal static Column FromBits(string name, ColumnType type, ReadOnlySpan<ulong> bits)
    {
        Array values = type switch
        {
            ColumnType.Int32 or ColumnType.UInt32 or ColumnType.Float32 => Narrow(type, bits),
            ColumnType.UInt8 => NarrowBytes(bits),
            ColumnType.Int64 => MemoryMarshal.Cast<ulong, long>(bits).ToArray(),
            ColumnType.Float64 => MemoryMarshal.Cast<ulong, double>(bits).ToArray(),
            _ => bits.ToArray(),
        };
        return new Column(name, type, values);
    }

    /// <summary>The <see cref="Bits"/> of all values.</summary>
    internal void CopyBits(Span<ulong> bits)
    {
        switch (_values)
        {
            case int[] values:
                for (var i = 0; i < values.Length; i++) bits[i] = (ulong)values[i];
                break;
            case uint[] values:
                for (var i = 0; i < values.Length; i++) bits[i] = values[i];
                break;
            case float[] values:
                for (var i = 0; i < values.Length; i++) bits[i] = BitConverter.SingleToUInt32Bits(values[i]);
                break;
            case byte[] values:
                for (var i = 0; i < values.Length; i++) bits[i] = values[i];
                break;
            case long[] values:
                MemoryMarshal.Cast<long, ulong>(values).CopyTo(bits);
                break;
            case double[] values:
                MemoryMarshal.Cast<double, ulong>(values).CopyTo(bits);
                break;
            default:
                ((ulong[])_values).CopyTo(bits);
                break;
        }
    }

    internal ulong BitsAt(int index) => _values switch
    {
        int[] values => (ulong)values[index],
        uint[] values => values[index],
        float[] values => BitConverter.SingleToUInt32Bits(values[index]),
        byte[] values => values[index],
        long[] values => (ulong)values[index],
        double[] values => BitConverter.DoubleToUInt64Bits(values[index]),
        _ => ((ulong[])_values)[index],
    };

    private static Array Narrow(ColumnType type, ReadOnlySpan<ulong> bits)
    {
        var words = new uint[bits.Length];
        for (var i = 0; i < words.Length; i++) words[i] = (uint)bits[i];
        return type switch
        {
            ColumnType.UInt32 => words,
            ColumnType.Int32 => MemoryMarshal.Cast<uint, int>(words).ToArray(),
            _ => MemoryMarshal.Cast<uint, float>(words).ToArray(),
        };
    }

    private static byte[] NarrowBytes(ReadOnlySpan<ulong> bits)
    {
        var bytes = new byte[bits.Length];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)bits[i];
        return bytes;
    }
}
