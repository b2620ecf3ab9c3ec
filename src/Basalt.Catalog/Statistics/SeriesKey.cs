using System.Buffers;
using System.Text;

namespace Basalt.Catalog.Statistics;

/// <summary>
/// The name of a series within its dataset: the parts of its key with slashes between. In a part <c>%</c> is written <c>%25</c> and <c>/</c> is written <c>%2F</c>; <c>%-</c> stands for a part that is
/// missing. So different keys have different names, whatever their parts contain. A dataset without a key is one series, whose name is empty.
/// </summary>
public static class SeriesKey
{
    /// <summary>The name of a key, given by its parts; null is a missing one.</summary>
    public static string NameOf(params IReadOnlyList<string?> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        var name = new ArrayBufferWriter<byte>();
        for (var i = 0; i < parts.Count; i++) Append(name, i, Encoding.UTF8.GetBytes(parts[i] ?? ""), parts[i] is null);
        return Encoding.UTF8.GetString(name.WrittenSpan);
    }

    /// <summary>The parts of a key, from its name; null is a missing one.</summary>
    public static IReadOnlyList<string?> PartsOf(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return [.. name.Split('/').Select(static part => part == "%-" ? null : part.Replace("%2F", "/").Replace("%25", "%"))];
    }

    internal static void Append(ArrayBufferWriter<byte> name, int index, ReadOnlySpan<byte> part, bool isMissing)
    {
        if (index > 0) name.Write("/"u8);
        if (isMissing)
        {
            name.Write("%-"u8);
            return;
        }

        while (part.IndexOfAny((byte)'/', (byte)'%') is >= 0 and var at)
        {
            name.Write(part[..at]);
            name.Write(part[at] == '/' ? "%2F"u8 : "%25"u8);
            part = part[(at + 1)..];
        }

        name.Write(part);
    }
}
