using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>The codecs of single values.</summary>
internal static class ScalarCodecs
{
    private const string TimeFormat = "HH':'mm':'ss'.'fffffff";

    private delegate bool TryRead<T>(Value value, [MaybeNullWhen(false)] out T result);

    private static readonly FrozenDictionary<Type, Codec> ByType = new Dictionary<Type, Codec>
    {
        [typeof(bool)] = Make<bool>(FieldType.Bool, static b => b, TryBool),
        [typeof(sbyte)] = Integer<sbyte>(static n => n, static n => (sbyte)n, sbyte.MinValue, sbyte.MaxValue),
        [typeof(byte)] = Integer<byte>(static n => n, static n => (byte)n, byte.MinValue, byte.MaxValue),
        [typeof(short)] = Integer<short>(static n => n, static n => (short)n, short.MinValue, short.MaxValue),
        [typeof(ushort)] = Integer<ushort>(static n => n, static n => (ushort)n, ushort.MinValue, ushort.MaxValue),
        [typeof(int)] = Integer<int>(static n => n, static n => (int)n, int.MinValue, int.MaxValue),
        [typeof(uint)] = Integer<uint>(static n => n, static n => (uint)n, uint.MinValue, uint.MaxValue),
        [typeof(long)] = Integer<long>(static n => n, static n => n, long.MinValue, long.MaxValue),
        [typeof(ulong)] = Make<ulong>(FieldType.Decimal, static n => (decimal)n, TryUInt64),
        [typeof(float)] = Make<float>(FieldType.Double, static n => (double)n, TrySingle),
        [typeof(double)] = Make<double>(FieldType.Double, static n => n, static (Value v, out double n) => v.TryGetDouble(out n)),
        [typeof(decimal)] = Make<decimal>(FieldType.Decimal, static n => n, static (Value v, out decimal n) => v.TryGetDecimal(out n)),
        [typeof(char)] = Make<char>(FieldType.String, static c => c.ToString(), TryChar),
        [typeof(string)] = Make<string>(FieldType.String, static s => s, TryText),
        [typeof(Uri)] = Make<Uri>(FieldType.String, static u => u.OriginalString, TryUri),
        [typeof(Guid)] = Make<Guid>(FieldType.Guid, static g => g, TryGuid),
        [typeof(DateTime)] = Make<DateTime>(FieldType.DateTime, static t => Instant(t), TryDateTime),
        [typeof(DateTimeOffset)] = Make<DateTimeOffset>(FieldType.DateTime, static t => t, TryInstant),
        [typeof(DateOnly)] = Make<DateOnly>(FieldType.DateTime, static d => new DateTimeOffset(d, TimeOnly.MinValue, TimeSpan.Zero), TryDate),
        [typeof(TimeOnly)] = Make<TimeOnly>(FieldType.String, static t => t.ToString(TimeFormat, CultureInfo.InvariantCulture), TryTime),
        [typeof(TimeSpan)] = Integer<TimeSpan>(static t => t.Ticks, static n => new TimeSpan(n), long.MinValue, long.MaxValue),
        [typeof(byte[])] = Make<byte[]>(FieldType.Bytes, static b => b, TryByteArray),
        [typeof(ReadOnlyMemory<byte>)] = Make<ReadOnlyMemory<byte>>(FieldType.Bytes, static b => Value.FromBytes(b.Span), TryBytes),
        [typeof(float[])] = Make<float[]>(FieldType.Vector, static x => x, TryComponents),
        [typeof(ReadOnlyMemory<float>)] = Make<ReadOnlyMemory<float>>(FieldType.Vector, static x => Value.FromVector(x.Span), TryVector),
        [typeof(ValueMap)] = Make<ValueMap>(FieldType.Map, static m => m, TryMap),
        // A Value is null by itself, so it is read and written as it is.
        [typeof(Value)] = new Codec
        {
            Shape = new Field(),
            Write = static item => (Value)item,
            Read = static (Value value, ref Violation? _) => value,
            Default = Value.Null,
        },
    }.ToFrozenDictionary();

    public static Codec? For(Type type) => type.IsEnum ? EnumCodec.Make(type) : ByType.GetValueOrDefault(type);

    /// <summary>The instant of a date and time; of unspecified kind it is UTC.</summary>
    private static DateTimeOffset Instant(DateTime time) =>
        time.Kind == DateTimeKind.Local ? new DateTimeOffset(time) : new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc));

    private static Codec Make<T>(FieldType type, Func<T, Value> write, TryRead<T> tryRead) => new()
    {
        Shape = new Field { Type = type },
        Write = item => write((T)item),
        Read = (Value value, ref Violation? fault) => tryRead(value, out var result) ? result : Codec.Unfit(value, Codec.Name(typeof(T)), ref fault),
        AcceptsNull = default(T) is null,
        Default = default(T),
    };

    private static Codec Integer<T>(Func<T, long> write, Func<long, T> read, long min, long max)
        where T : struct => new()
    {
        Shape = new Field { Type = FieldType.Int64 },
        Write = item => write((T)item),
        Read = (Value value, ref Violation? fault) =>
            value.TryGetInt64(out var number) && number >= min && number <= max ? read(number) : Codec.Unfit(value, Codec.Name(typeof(T)), ref fault),
        AcceptsNull = false,
        Default = default(T),
    };

    private static bool TryBool(Value value, out bool result)
    {
        result = value.Kind == ValueKind.Bool && value.AsBool;
        return value.Kind == ValueKind.Bool;
    }

    private static bool TryMap(Value value, [MaybeNullWhen(false)] out ValueMap result)
    {
        result = value.Kind == ValueKind.Map ? value.AsMap : null;
        return result is not null;
    }

    private static bool TryByteArray(Value value, [MaybeNullWhen(false)] out byte[] result)
    {
        result = TryBytes(value, out var bytes) ? bytes.ToArray() : null;
        return result is not null;
    }

    private static bool TryComponents(Value value, [MaybeNullWhen(false)] out float[] result)
    {
        result = TryVector(value, out var components) ? components.ToArray() : null;
        return result is not null;
    }

    private static bool TryUInt64(Value value, out ulong result)
    {
        var fits = value.TryGetDecimal(out var number) && number >= 0 && number <= ulong.MaxValue && number == decimal.Truncate(number);
        result = fits ? (ulong)number : 0;
        return fits;
    }

    private static bool TrySingle(Value value, out float result)
    {
        result = 0;
        if (!value.TryGetDouble(out var number)) return false;
        result = (float)number;
        return float.IsFinite(result) || !double.IsFinite(number);
    }

    private static bool TryText(Value value, [MaybeNullWhen(false)] out string result)
    {
        result = value.Kind == ValueKind.String ? value.AsString : null;
        return result is not null;
    }

    private static bool TryChar(Value value, out char result)
    {
        var fits = TryText(value, out var text) && text.Length == 1;
        result = fits ? text![0] : default;
        return fits;
    }

    private static bool TryUri(Value value, [MaybeNullWhen(false)] out Uri result)
    {
        result = null;
        return TryText(value, out var text) && Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out result);
    }

    private static bool TryGuid(Value value, out Guid result)
    {
        result = value.Kind == ValueKind.Guid ? value.AsGuid : default;
        return value.Kind == ValueKind.Guid;
    }

    private static bool TryInstant(Value value, out DateTimeOffset result)
    {
        result = value.Kind == ValueKind.DateTime ? value.AsDateTime : default;
        return value.Kind == ValueKind.DateTime;
    }

    private static bool TryDateTime(Value value, out DateTime result)
    {
        var fits = TryInstant(value, out var instant);
        result = instant.UtcDateTime;
        return fits;
    }

    private static bool TryDate(Value value, out DateOnly result)
    {
        var fits = TryInstant(value, out var instant) && instant.UtcDateTime.TimeOfDay == TimeSpan.Zero;
        result = fits ? DateOnly.FromDateTime(instant.UtcDateTime) : default;
        return fits;
    }

    private static bool TryTime(Value value, out TimeOnly result)
    {
        result = default;
        return TryText(value, out var text) && TimeOnly.TryParseExact(text, TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out result);
    }

    private static bool TryBytes(Value value, out ReadOnlyMemory<byte> result)
    {
        result = value.Kind == ValueKind.Bytes ? value.AsBytes : default;
        return value.Kind == ValueKind.Bytes;
    }

    private static bool TryVector(Value value, out ReadOnlyMemory<float> result)
    {
        result = value.Kind == ValueKind.Vector ? value.AsVector : default;
        return value.Kind == ValueKind.Vector;
    }
}

/// <summary>The codec of enums: by name; combined flags as names with commas.</summary>
internal static class EnumCodec
{
    public static Codec Make(Type type)
    {
        var isFlags = type.IsDefined(typeof(FlagsAttribute), inherit: false);
        return new Codec
        {
            Shape = new Field { Type = FieldType.String, OneOf = isFlags ? null : [.. Enum.GetNames(type).Select(static name => (Value)name)] },
            Write = static item => item.ToString(),
            Read = (Value value, ref Violation? fault) =>
                value.Kind == ValueKind.String && Enum.TryParse(type, value.AsString, out var result) && (isFlags || IsName(value.AsString))
                    ? result
                    : Codec.Unfit(value, Codec.Name(type), ref fault),
            AcceptsNull = false,
            Default = Enum.ToObject(type, 0),
        };
    }

    // The platform also parses numbers; a name never starts with one. Only flags without a name are written as a number.
    private static bool IsName(string text) => text.Length > 0 && !char.IsAsciiDigit(text[0]) && text[0] is not ('-' or '+' or ' ');
}
