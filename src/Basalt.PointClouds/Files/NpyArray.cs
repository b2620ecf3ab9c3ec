using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using Basalt.PointClouds.Columns;

namespace Basalt.PointClouds.Files;

/// <summary>An array of NumPy's file format (.npy, version 1 to 3): of numbers, in one dimension or two, the second of which is its columns.</summary>
internal sealed partial class NpyArray
{
    private const int MostHeaderBytes = 1 << 16;

    private NpyArray(string name, Column[] columns) => (Name, Columns) = (name, columns);

    /// <summary>The name in an archive; empty for a file of its own.</summary>
    public string Name { get; }

    /// <summary>One for an array of one dimension.</summary>
    public Column[] Columns { get; }

    /// <summary>The arrays of an archive (.npz).</summary>
    /// <exception cref="InvalidDataException">It is no archive of arrays of numbers.</exception>
    public static List<NpyArray> ReadArchive(Stream stream)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Read, leaveOpen: true);
        var arrays = new List<NpyArray>();
        foreach (var entry in archive.Entries.Where(static entry => entry.Name.EndsWith(".npy", StringComparison.Ordinal)))
        {
            using var content = entry.Open();
            arrays.Add(Read(content, entry.Name[..^4], entry.Length));
        }

        return arrays;
    }

    /// <summary>One array, of so many bytes with its header: a shape that is larger is refused before anything is made for it.</summary>
    /// <exception cref="InvalidDataException">It is no array of numbers of one or two dimensions.</exception>
    public static NpyArray Read(Stream stream, string name, long length)
    {
        var (descriptor, isByColumn, shape) = ReadHeader(stream);
        var type = TypeOf(descriptor);
        var (rows, columns) = shape switch { [var n] => (n, 1), [var n, var d] => (n, d), _ => throw new InvalidDataException($"an array has {shape.Length} dimensions; one or two are points") };
        var isBig = descriptor[0] == '>';
        var width = descriptor[2] - '0';
        if (columns < 1 || (Int128)rows * columns * width > length) throw new InvalidDataException("an array is shorter than its shape");
        var bits = new ulong[columns][];
        for (var c = 0; c < columns; c++) bits[c] = new ulong[rows];
        var buffer = new byte[Math.Max(1, (1 << 16) / (width * columns)) * width * columns];
        for (long at = 0, all = (long)rows * columns; at < all;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, (all - at) * width));
            if (stream.ReadAtLeast(part, part.Length, throwOnEndOfStream: false) < part.Length) throw new InvalidDataException("an array is shorter than its shape");
            for (var i = 0; i < part.Length; i += width, at++)
            {
                var (row, column) = isByColumn ? (at % rows, at / rows) : (at / columns, at % columns);
                bits[column][row] = BitsOf(part.Slice(i, width), descriptor[1], isBig);
            }
        }

        if (stream.ReadByte() >= 0) throw new InvalidDataException("an array is longer than its shape");
        return new NpyArray(name, [.. bits.Select((column, i) => Column.FromBits(columns == 1 ? name.Length > 0 ? name : "0" : i.ToString(CultureInfo.InvariantCulture), type, column))]);
    }

    /// <summary>Writes what stands before the numbers of an array.</summary>
    public static void WriteHeader(Stream stream, ColumnType type, int columns, long rows)
    {
        var shape = columns == 1 ? $"({rows},)" : $"({rows}, {columns})";
        var header = $"{{'descr': '{DescriptorOf(type)}', 'fortran_order': False, 'shape': {shape}, }}";
        // Magic, version and length are ten bytes; all of it together is a multiple of 64, with a line end at its end.
        header = header.PadRight((header.Length + 11 + 63) / 64 * 64 - 11) + "\n";
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(header));
    }

    /// <summary>Writes columns row by row, each number in as many bytes as its type has.</summary>
    public static void WriteRows(Stream stream, IReadOnlyList<Column> columns, int rows)
    {
        var row = new byte[columns.Sum(static column => column.Type.Bytes()) + sizeof(ulong)];
        for (var i = 0; i < rows; i++)
        {
            var at = 0;
            foreach (var column in columns)
            {
                // The bytes behind a number are those of the next one.
                BinaryPrimitives.WriteUInt64LittleEndian(row.AsSpan(at), column.BitsAt(i));
                at += column.Type.Bytes();
            }

            stream.Write(row.AsSpan(0, at));
        }
    }

    private static (string Descriptor, bool IsByColumn, int[] Shape) ReadHeader(Stream stream)
    {
        Span<byte> head = stackalloc byte[8];
        if (stream.ReadAtLeast(head, 8, throwOnEndOfStream: false) < 8 || head[0] != 0x93 || !head[1..6].SequenceEqual("NUMPY"u8)) throw new InvalidDataException("its first bytes are not those of a NumPy array");
        Span<byte> word = stackalloc byte[4];
        word.Clear();
        var lengthBytes = head[6] switch { 1 => 2, 2 or 3 => 4, var version => throw new InvalidDataException($"the version {version} of a NumPy array is not known") };
        stream.ReadExactly(word[..lengthBytes]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(word);
        if (length > MostHeaderBytes) throw new InvalidDataException("its header is too long");
        var bytes = new byte[length];
        stream.ReadExactly(bytes);
        var match = Header().Match(Encoding.UTF8.GetString(bytes));
        if (!match.Success) throw new InvalidDataException("its header is not one of numbers");
        var shape = match.Groups["shape"].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(static number => int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : throw new InvalidDataException($"a dimension is {number}")).ToArray();
        return (match.Groups["descr"].Value, match.Groups["order"].Value == "True", shape);
    }

    private static ColumnType TypeOf(string descriptor) => descriptor[1..] switch
    {
        "i1" or "i2" or "i4" or "u2" => ColumnType.Int32,
        "i8" => ColumnType.Int64,
        "u1" => ColumnType.UInt8,
        "u4" => ColumnType.UInt32,
        "u8" => ColumnType.UInt64,
        "f4" => ColumnType.Float32,
        "f8" => ColumnType.Float64,
        _ => throw new InvalidDataException($"an array of '{descriptor}' is not one of integers or floating-point numbers of up to 64 bits"),
    };

    private static string DescriptorOf(ColumnType type) => type switch
    {
        ColumnType.Int32 => "<i4",
        ColumnType.Int64 => "<i8",
        ColumnType.UInt8 => "|u1",
        ColumnType.UInt32 => "<u4",
        ColumnType.UInt64 => "<u8",
        ColumnType.Float32 => "<f4",
        _ => "<f8",
    };

    private static ulong BitsOf(ReadOnlySpan<byte> bytes, char kind, bool isBig)
    {
        var bits = 0UL;
        for (var i = 0; i < bytes.Length; i++) bits |= (ulong)bytes[isBig ? bytes.Length - 1 - i : i] << (8 * i);
        // Signed integers are extended.
        return kind == 'i' ? (ulong)((long)(bits << (64 - 8 * bytes.Length)) >> (64 - 8 * bytes.Length)) : bits;
    }

    [GeneratedRegex(@"^\s*\{\s*'descr':\s*'(?<descr>[<>|=][iuf]\d)'\s*,\s*'fortran_order':\s*(?<order>True|False)\s*,\s*'shape':\s*\((?<shape>[\d,\s]*)\)\s*,?\s*\}\s*$", RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Header();
}
