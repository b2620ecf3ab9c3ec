using System.Globalization;
using System.Text;
using Basalt.PointClouds.Columns;

namespace Basalt.PointClouds.Files;

/// <summary>The vertices of a PLY file (Turk, 1994): ascii, or binary of either order of bytes. Other elements are passed over; what stands before the vertices may have no lists.</summary>
internal static class PlyVertices
{
    private const int MostHeaderLines = 10_000;

    private sealed record Property(string Name, string Type, bool IsList);

    private sealed record Element(string Name, int Count, List<Property> Properties);

    /// <summary>The properties of the vertices of a file of so many bytes.</summary>
    /// <exception cref="InvalidDataException">It is no such file.</exception>
    public static Column[] Read(Stream stream, long length)
    {
        if (ReadLine(stream) != "ply") throw new InvalidDataException("its first line is not that of PLY");
        var (format, elements) = ReadHeader(stream);
        foreach (var element in elements)
        {
            if (element.Properties.Exists(static property => property.IsList)) throw new InvalidDataException($"the element '{element.Name}' has a list, and comes before the vertices or is them");
            // A row has a byte for each property at least: what cannot be is refused before anything is made for it.
            if ((Int128)element.Count * Math.Max(1, element.Properties.Count) > length) throw new InvalidDataException($"it has fewer than {element.Count} of '{element.Name}'");
            var values = format == "ascii" ? ReadText(stream, element) : ReadBinary(stream, element, format == "binary_big_endian");
            if (element.Name != "vertex") continue;
            return [.. element.Properties.Select((property, i) => Column.FromBits(property.Name, Kind(property.Type).Type, values[i]))];
        }

        throw new InvalidDataException("it has no vertices");
    }

    private static (string Format, List<Element> Elements) ReadHeader(Stream stream)
    {
        var (format, elements) = ("", new List<Element>());
        for (var lines = 0; lines < MostHeaderLines; lines++)
        {
            var words = ReadLine(stream).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case ["end_header"]:
                    return format is "ascii" or "binary_little_endian" or "binary_big_endian" ? (format, elements) : throw new InvalidDataException($"it is of the format '{format}', which is not known");
                case ["format", var name, "1.0"]:
                    format = name;
                    break;
                case ["element", var name, var count] when int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number):
                    elements.Add(new Element(name, number, []));
                    break;
                case ["property", "list", _, _, var name] when elements.Count > 0:
                    elements[^1].Properties.Add(new Property(name, "list", true));
                    break;
                case ["property", var type, var name] when elements.Count > 0:
                    Kind(type);
                    elements[^1].Properties.Add(new Property(name, type, false));
                    break;
                case ["comment" or "obj_info", ..]:
                    break;
                default:
                    throw new InvalidDataException($"a line of its header is '{string.Join(' ', words)}'");
            }
        }

        throw new InvalidDataException("its header has no end");
    }

    private static ulong[][] ReadBinary(Stream stream, Element element, bool isBig)
    {
        var kinds = element.Properties.ConvertAll(static property => Kind(property.Type));
        var values = kinds.ConvertAll(_ => new ulong[element.Count]).ToArray();
        var row = new byte[kinds.Sum(static kind => kind.Bytes)];
        for (var i = 0; i < element.Count; i++)
        {
            if (stream.ReadAtLeast(row, row.Length, throwOnEndOfStream: false) < row.Length) throw new InvalidDataException($"it has fewer than {element.Count} of '{element.Name}'");
            var at = 0;
            for (var p = 0; p < kinds.Count; p++)
            {
                var bytes = row.AsSpan(at, kinds[p].Bytes);
                var bits = 0UL;
                for (var b = 0; b < bytes.Length; b++) bits |= (ulong)bytes[isBig ? bytes.Length - 1 - b : b] << (8 * b);
                values[p][i] = kinds[p].IsSigned ? (ulong)((long)(bits << (64 - 8 * bytes.Length)) >> (64 - 8 * bytes.Length)) : bits;
                at += bytes.Length;
            }
        }

        return values;
    }

    private static ulong[][] ReadText(Stream stream, Element element)
    {
        var kinds = element.Properties.ConvertAll(static property => Kind(property.Type));
        var values = kinds.ConvertAll(_ => new ulong[element.Count]).ToArray();
        for (var i = 0; i < element.Count; i++)
        {
            var words = ReadLine(stream).Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words.Length != kinds.Count) throw new InvalidDataException($"the row {i} of '{element.Name}' has {words.Length} values, not {kinds.Count}");
            for (var p = 0; p < kinds.Count; p++) values[p][i] = Parse(words[p], kinds[p].Type);
        }

        return values;
    }

    private static ulong Parse(string word, ColumnType type)
    {
        switch (type)
        {
            case ColumnType.Float32 when float.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var single): return BitConverter.SingleToUInt32Bits(single);
            case ColumnType.Float64 when double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var number): return BitConverter.DoubleToUInt64Bits(number);
            case ColumnType.Int32 when int.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var signed): return (ulong)signed;
            case ColumnType.UInt32 when uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var unsigned): return unsigned;
            case ColumnType.UInt8 when byte.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var small): return small;
            default: throw new InvalidDataException($"'{word}' is no {type.Word()}");
        }
    }

    private static (ColumnType Type, int Bytes, bool IsSigned) Kind(string type) => type switch
    {
        "char" or "int8" => (ColumnType.Int32, 1, true),
        "uchar" or "uint8" => (ColumnType.UInt8, 1, false),
        "short" or "int16" => (ColumnType.Int32, 2, true),
        "ushort" or "uint16" => (ColumnType.Int32, 2, false),
        "int" or "int32" => (ColumnType.Int32, 4, true),
        "uint" or "uint32" => (ColumnType.UInt32, 4, false),
        "float" or "float32" => (ColumnType.Float32, 4, false),
        "double" or "float64" => (ColumnType.Float64, 8, false),
        _ => throw new InvalidDataException($"the type '{type}' is not known"),
    };

    private static string ReadLine(Stream stream)
    {
        var line = new StringBuilder();
        for (var b = stream.ReadByte(); b != '\n'; b = stream.ReadByte())
        {
            if (b < 0 && line.Length == 0) throw new InvalidDataException("it is cut short");
            if (b < 0) break;
            if (line.Length > 4096) throw new InvalidDataException("a line of it is too long");
            line.Append((char)b);
        }

        return line.ToString().TrimEnd('\r');
    }
}
