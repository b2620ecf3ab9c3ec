using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Basalt.Records;

/// <summary>
/// One value of a record: null, bool, int64, double, decimal, text, date-time, guid, bytes, vector, list or map.
/// Immutable and safe to share between threads. Arrays handed in are copied unless a member says otherwise.
/// </summary>
/// <remarks>
/// <para>Equality and order are total and are the ones that filters and sorts use on every backend: numbers compare by value
/// across their three kinds, values of different types are never equal, and different types sort in the order of <see cref="ValueKind"/>.</para>
/// <para>A double stands for the shortest decimal text that reads back as it, so <c>0.1</c> as a double equals <c>0.1m</c>;
/// integral doubles stand for themselves exactly.</para>
/// </remarks>
public readonly partial struct Value : IEquatable<Value>, IComparable<Value>
{
    // Text, arrays, maps and the boxed 16-byte kinds live in _object; bool, int64, double and ticks live in _bits. Of text, _bits has the length and
    // the last two characters: most texts that differ are told apart without being fetched from memory.
    private readonly object? _object;
    private readonly long _bits;
    private readonly ValueKind _kind;
    private readonly short _offsetMinutes;

    private Value(ValueKind kind, object? payload, long bits = 0, short offsetMinutes = 0)
    {
        _kind = kind;
        _object = payload;
        _bits = bits;
        _offsetMinutes = offsetMinutes;
    }

    /// <summary>The null value; also <c>default</c>.</summary>
    public static Value Null => default;

    /// <summary>The type of this value.</summary>
    public ValueKind Kind => _kind;

    /// <summary>Whether this is the null value.</summary>
    public bool IsNull => _kind == ValueKind.Null;

    /// <summary>Whether this is an int64, a double or a decimal.</summary>
    public bool IsNumber => _kind is ValueKind.Int64 or ValueKind.Double or ValueKind.Decimal;

    /// <summary>A bool.</summary>
    public static Value From(bool value) => new(ValueKind.Bool, null, value ? 1 : 0);

    /// <summary>A 64-bit integer.</summary>
    public static Value From(long value) => new(ValueKind.Int64, null, value);

    /// <summary>A double. NaN and the infinities are values like any other.</summary>
    public static Value From(double value) => new(ValueKind.Double, null, BitConverter.DoubleToInt64Bits(value));

    /// <summary>A decimal.</summary>
    public static Value From(decimal value) => new(ValueKind.Decimal, value);

    /// <summary>Text, or null for a null reference.</summary>
    /// <exception cref="ArgumentException">The text has an unpaired surrogate, which no backend could store.</exception>
    public static Value From(string? value)
    {
        if (value is null) return default;
        Text.RequireWellFormed(value, nameof(value));
        return OwnText(value);
    }

    /// <summary>An instant with its offset.</summary>
    public static Value From(DateTimeOffset value) => new(ValueKind.DateTime, null, value.Ticks, (short)value.TotalOffsetMinutes);

    /// <summary>A guid.</summary>
    public static Value From(Guid value) => new(ValueKind.Guid, value);

    /// <summary>A copy of the bytes.</summary>
    public static Value FromBytes(ReadOnlySpan<byte> bytes) => new(ValueKind.Bytes, bytes.ToArray());

    /// <summary>A copy of a vector's components. NaN and infinities are refused by the schema of a vector field, not here.</summary>
    public static Value FromVector(ReadOnlySpan<float> components) => new(ValueKind.Vector, components.ToArray());

    /// <summary>A copy of a list.</summary>
    public static Value FromList(ReadOnlySpan<Value> items) => new(ValueKind.List, items.ToArray());

    /// <summary>A list of the given items.</summary>
    public static Value FromList(IEnumerable<Value> items) => new(ValueKind.List, items.ToArray());

    /// <summary>A map.</summary>
    public static Value FromMap(ValueMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new Value(ValueKind.Map, map);
    }

    /// <summary>Takes ownership of an array that the caller built and will not touch again.</summary>
    internal static Value OwnBytes(byte[] bytes) => new(ValueKind.Bytes, bytes);

    /// <inheritdoc cref="OwnBytes"/>
    internal static Value OwnVector(float[] components) => new(ValueKind.Vector, components);

    /// <inheritdoc cref="OwnBytes"/>
    internal static Value OwnList(Value[] items) => new(ValueKind.List, items);

    /// <summary>Text that is known to be well-formed, as a UTF-8 decoder yields it.</summary>
    internal static Value OwnText(string text) => new(ValueKind.String, text, Digest(text));

    private static long Digest(string text) => (long)text.Length << 32 | (text.Length == 0 ? 0L : (long)text[^1] << 16 | text[text.Length > 1 ? ^2 : ^1]);

    /// <summary>The bool.</summary>
    /// <exception cref="InvalidOperationException">This is another kind.</exception>
    public bool AsBool => _kind == ValueKind.Bool ? _bits != 0 : throw Mismatch(ValueKind.Bool);

    /// <summary>The 64-bit integer. Another number kind is not converted: see <see cref="TryGetInt64"/>.</summary>
    /// <exception cref="InvalidOperationException">This is another kind.</exception>
    public long AsInt64 => _kind == ValueKind.Int64 ? _bits : throw Mismatch(ValueKind.Int64);

    /// <summary>The double. Another number kind is not converted: see <see cref="TryGetDouble"/>.</summary>
    /// <exception cref="InvalidOperationException">This is another kind.</exception>
    public double AsDouble => _kind == ValueKind.Double ? BitConverter.Int64BitsToDouble(_bits) : throw Mismatch(ValueKind.Double);

    /// <summary>The decimal. Another number kind is not converted: see <see cref="TryGetDecimal"/>.</summary>
    /// <exception cref="InvalidOperationException">This is another kind.</exception>
    public decimal AsDecimal => _kind == ValueKind.Decimal ? Unsafe.Unbox<decimal>(_object!) : throw Mismatch(ValueKind.Decimal);

    /// <summary>The text.</summary>
    /// <exception cref="InvalidOperationException">This is another kind.</exception>
    public string AsString => _kind == ValueKind.String ? Unsafe.As<string>(_object!) : throw Mismatch(ValueKind.String);

    /// <summary>The instant, with the offset it was written with.</summary>
    /// <exception cref="InvalidOperationException">This is another kind.</exception>
    public DateTimeOffset AsDateTime => _kind == ValueKind.DateTime
        ? new DateTimeOffset(_bits, TimeSpan.FromMinutes(_offsetMinutes))
        : throw Mismatch(ValueKind.DateTime);

    /// <summary>The guid.</summary>
    /// <exception cref="InvalidOperationException">This is another kind.</exception>
    public Guid AsGuid => _kind == ValueKind.Guid ? Unsafe.Unbox<Guid>(_object!) : throw Mismatch(ValueKind.Guid);

    /// <summary>The bytes, not copied.</summary>
    /// <exception cref="InvalidOperationException">This is another kind.</exception>
    public ReadOnlyMemory<byte> AsBytes => _kind == ValueKind.Bytes ? Unsafe.As<byte[]>(_object!) : throw Mismatch(ValueKind.Bytes);

    /// <summary>The components of the vector, not copied.</summary>
    /// <exception cref="InvalidOperationException">This is another kind.</exception>
    public ReadOnlyMemory<float> AsVector => _kind == ValueKind.Vector ? Unsafe.As<float[]>(_object!) : throw Mismatch(ValueKind.Vector);

    /// <summary>The items of the list, not copied.</summary>
    /// <exception cref="InvalidOperationException">This is another kind.</exception>
    public ReadOnlyMemory<Value> AsList => _kind == ValueKind.List ? Unsafe.As<Value[]>(_object!) : throw Mismatch(ValueKind.List);

    /// <summary>The map.</summary>
    /// <exception cref="InvalidOperationException">This is another kind.</exception>
    public ValueMap AsMap => _kind == ValueKind.Map ? Unsafe.As<ValueMap>(_object!) : throw Mismatch(ValueKind.Map);

    /// <summary>The number as an int64 when that loses nothing: an integral double or decimal within range counts.</summary>
    public bool TryGetInt64(out long value) => Number.TryToInt64(this, out value);

    /// <summary>The number as a double when that loses nothing, by the rule of equality.</summary>
    public bool TryGetDouble(out double value) => Number.TryToDouble(this, out value);

    /// <summary>The number as a decimal when that loses nothing, by the rule of equality.</summary>
    public bool TryGetDecimal(out decimal value) => Number.TryToDecimal(this, out value);

    /// <summary>A bool as a value.</summary>
    public static implicit operator Value(bool value) => From(value);

    /// <summary>An integer as a value.</summary>
    public static implicit operator Value(long value) => From(value);

    /// <summary>An integer as a value.</summary>
    public static implicit operator Value(int value) => From((long)value);

    /// <summary>A double as a value.</summary>
    public static implicit operator Value(double value) => From(value);

    /// <summary>A decimal as a value.</summary>
    public static implicit operator Value(decimal value) => From(value);

    /// <summary>Text as a value.</summary>
    public static implicit operator Value(string? value) => From(value);

    /// <summary>An instant as a value.</summary>
    public static implicit operator Value(DateTimeOffset value) => From(value);

    /// <summary>A guid as a value.</summary>
    public static implicit operator Value(Guid value) => From(value);

    /// <summary>Bytes as a value (copied).</summary>
    public static implicit operator Value(byte[] value) => FromBytes(value);

    /// <summary>A vector as a value (copied).</summary>
    public static implicit operator Value(float[] value) => FromVector(value);

    /// <summary>A list as a value (copied).</summary>
    public static implicit operator Value(Value[] value) => FromList(value.AsSpan());

    /// <summary>A map as a value.</summary>
    public static implicit operator Value(ValueMap value) => FromMap(value);

    /// <summary>The value in the syntax of filters, which reads back as this value.</summary>
    public override string ToString() => Filters.FilterText.Print(this);

    [DoesNotReturn]
    private InvalidOperationException Mismatch(ValueKind wanted) =>
        throw new InvalidOperationException($"The value is {_kind}, not {wanted}.");
}
