using System.Globalization;
using System.Text;

namespace Basalt.Records;

/// <summary>The rules for record ids, and the minting of new ones.</summary>
internal static class RecordId
{
    public static string Require(string? id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (IsTooLong(id)) throw new ArgumentException($"The id is longer than {Record.MaxIdBytes} bytes of UTF-8.", nameof(id));
        Text.RequireWellFormed(id, nameof(id));
        return id;
    }

    // Three bytes of UTF-8 per UTF-16 unit at most: short ids need no count.
    public static bool IsTooLong(string id) => id.Length > Record.MaxIdBytes / 3 && Encoding.UTF8.GetByteCount(id) > Record.MaxIdBytes;

    /// <summary>The id that a value of an id field stands for, or null when the value cannot be one.</summary>
    public static string? FromValue(Value value) => value.Kind switch
    {
        ValueKind.String => value.AsString,
        ValueKind.Int64 => value.AsInt64.ToString(CultureInfo.InvariantCulture),
        ValueKind.Guid => value.AsGuid.ToString("D"),
        ValueKind.Double or ValueKind.Decimal when value.TryGetInt64(out var whole) => whole.ToString(CultureInfo.InvariantCulture),
        _ => null,
    };
}

