using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Basalt.Records;

namespace Basalt.Backends.Files.Formats;

/// <summary>How the values of a column are written in its cells.</summary>
internal enum CellType
{
    Text,
    Int64,
    Double,
    Decimal,
    Bool,
    DateTime,
    Guid,
    Bytes,

    /// <summary>Exact JSON, which holds any value.</summary>
    Json,
}

internal static class CellTypes
{
    /// <summary>The value of a cell that is not missing, or null when the cell is not of that type.</summary>
    public static Value? Parse(CellType type, ReadOnlySpan<byte> cell)
    {
        Value? none = null;
        switch (type)
        {
            case CellType.Text: return Value.OwnText(Encoding.UTF8.GetString(cell));
            case CellType.Int64: return long.TryParse(cell, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? Value.From(whole) : none;
            case CellType.Double: return double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Value.From(number) : none;
            case CellType.Decimal: return decimal.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact) ? Value.From(exact) : none;
            case CellType.Bool: return cell.SequenceEqual("true"u8) ? Value.From(true) : cell.SequenceEqual("false"u8) ? Value.From(false) : none;
            case CellType.DateTime: return TryTime(cell, out var time) ? Value.From(time) : none;
            case CellType.Guid: return Guid.TryParseExact(Encoding.UTF8.GetString(cell), "D", out var guid) ? Value.From(guid) : none;
            case CellType.Bytes: return TryBytes(cell, out var bytes) ? Value.OwnBytes(bytes) : none;
            default:
                try
                {
                    return RecordJsonReader.ReadValue(cell);
                }
                catch (FormatException)
                {
                    return null;
                }
        }
    }

    /// <summary>The text of a value in a column of that type; call only where <see cref="Holds"/>.</summary>
    public static string Print(CellType type, Value value) => type switch
    {
        CellType.Text => value.AsString,
        CellType.Int64 => value.AsInt64.ToString(CultureInfo.InvariantCulture),
        CellType.Double => double.IsFinite(value.AsDouble) ? RecordJson.FormatDouble(value.AsDouble) : value.AsDouble.ToString(CultureInfo.InvariantCulture),
        CellType.Decimal => value.AsDecimal.ToString(CultureInfo.InvariantCulture),
        CellType.Bool => value.AsBool ? "true" : "false",
        CellType.DateTime => RecordJson.FormatTime(value.AsDateTime),
        CellType.Guid => value.AsGuid.ToString("D"),
        CellType.Bytes => Convert.ToBase64String(value.AsBytes.Span),
        _ => RecordJson.ToText(value),
    };

    public static bool Holds(CellType type, Value value) => value.IsNull || type == CellType.Json || type == Of(value);

    public static CellType Of(Value value) => value.Kind switch
    {
        ValueKind.String => CellType.Text,
        ValueKind.Int64 => CellType.Int64,
        ValueKind.Double => CellType.Double,
        ValueKind.Decimal => CellType.Decimal,
        ValueKind.Bool => CellType.Bool,
        ValueKind.DateTime => CellType.DateTime,
        ValueKind.Guid => CellType.Guid,
        ValueKind.Bytes => CellType.Bytes,
        _ => CellType.Json,
    };

    public static string Name(CellType type) => type switch
    {
        CellType.DateTime => "date-time",
        _ => type.ToString().ToLowerInvariant(),
    };

    public static CellType? FromName(string name)
    {
        foreach (var type in Enum.GetValues<CellType>())
            if (Name(type) == name) return type;
        return null;
    }

    public static bool TryTime(ReadOnlySpan<byte> cell, out DateTimeOffset time)
    {
        time = default;
        // The longest form: 0000-00-00T00:00:00.0000000+00:00.
        if (cell.Length is < 20 or > 33) return false;
        Span<char> text = stackalloc char[33];
        return Encoding.UTF8.TryGetChars(cell, text, out var length) && TimeText.TryParse(text[..length], out time);
    }

    private static bool TryBytes(ReadOnlySpan<byte> cell, out byte[] bytes)
    {
        bytes = new byte[Base64.GetMaxDecodedFromUtf8Length(cell.Length)];
        if (Base64.DecodeFromUtf8(cell, bytes, out var read, out var written) != System.Buffers.OperationStatus.Done || read != cell.Length) return false;
        Array.Resize(ref bytes, written);
        return true;
    }
}
