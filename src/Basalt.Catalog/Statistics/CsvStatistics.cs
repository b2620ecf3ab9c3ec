using System.Buffers;
using System.Globalization;
using System.Text;
using Basalt.Backends.Files;
using Basalt.Backends.Files.Formats;
using Basalt.Catalog.Metadata;
using Basalt.Records;

namespace Basalt.Catalog.Statistics;

/// <summary>Counts a CSV file exactly, in one pass and in bounded memory: every row, every series, every column.</summary>
internal sealed class CsvStatistics : IDisposable
{
    // What a series may take of the id of its record, beside the dataset's name.
    private readonly int _longestName;
    private readonly string _file;
    private readonly Stream _text;
    private readonly SeriesTable _series;
    private readonly ArrayBufferWriter<byte> _name = new(256);
    private readonly IReadOnlyList<ColumnDeclaration> _key;
    private CsvReader? _reader;

    public CsvStatistics(Stream text, string file, IReadOnlyList<ColumnDeclaration> key, int longestName, long memoryBytes)
    {
        (_file, _key, _longestName) = (file, key, longestName);
        _text = text;
        _series = new SeriesTable(memoryBytes);
    }

    /// <summary>The text of a gzip file, whose end is proved to be one.</summary>
    public static Stream Decompress(Stream gzip) => new GzipText(seal => new ContinuedStream(gzip, seal));

    /// <summary>Reads everything, and hands the series out as chunks.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidData"/>: the file is no such file; the message says where.</exception>
    public async ValueTask<FileSummary> ReadAsync(Func<byte[], ValueTask> emit, CancellationToken cancellationToken)
    {
        var summary = ReadRows(cancellationToken);
        return summary with { Series = await _series.WriteAsync(emit, cancellationToken).ConfigureAwait(false) };
    }

    public void Dispose()
    {
        _reader?.Dispose();
        _text.Dispose();
        _series.Dispose();
    }

    private FileSummary ReadRows(CancellationToken cancellationToken)
    {
        try
        {
            // It looks for a byte order mark, so the first fault may come from here.
            _reader = new CsvReader(_text, (byte)',');
            return CountRows(_reader, cancellationToken);
        }
        catch (MalformedException e)
        {
            var place = e.Line > 0 ? $" at line {e.Line}, column {e.Column} (byte {e.Offset})" : $" (byte {e.Offset})";
            throw new BasaltException(ErrorCode.InvalidData, $"'{_file}' cannot be read: {e.Problem}{place}.", e) { Operation = "read", Target = _file };
        }
    }

    private FileSummary CountRows(CsvReader csv, CancellationToken cancellationToken)
    {
        if (!csv.ReadRow()) throw new BasaltException(ErrorCode.InvalidData, $"'{_file}' is empty: it has not even a header.") { Operation = "read", Target = _file };
        var headers = Headers(csv);
        var roles = ColumnRoles.Of(headers, _key, _file);
        var columns = new Column[headers.Length];
        long rows = 0, untimed = 0;
        while (csv.ReadRow())
        {
            if (csv.IsBlank && headers.Length > 1) continue;
            if (csv.Count != headers.Length) throw csv.Fault(Math.Min(csv.Count, headers.Length), $"the row has {csv.Count} cells, and the header {headers.Length}");
            if ((rows++ & 0xFFF) == 0) cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < columns.Length; i++) columns[i].See(csv[i], csv.IsQuoted(i));
            ref var tally = ref _series.Of(NameOfRow(csv, roles.Key));
            if (roles.Time is not { } time)
            {
                tally.See();
            }
            else if (TryTicks(csv[time], out var ticks))
            {
                tally.See(ticks);
            }
            else
            {
                tally.See();
                untimed++;
            }
        }

        return new FileSummary(rows, 0, [.. headers.Select((name, i) => columns[i].Summary(name))], roles.Time is { } place ? headers[place] : null, untimed);
    }

    private static string[] Headers(CsvReader csv)
    {
        var headers = new string[csv.Count];
        for (var i = 0; i < headers.Length; i++)
        {
            headers[i] = csv.Text(i);
            if (headers[i].Length == 0 && headers.Length == 1) throw csv.Fault(i, "the header is empty");
            // The first column of a written-out table often is its row number and has no name.
            if (headers[i].Length == 0) headers[i] = string.Create(CultureInfo.InvariantCulture, $"column{i + 1}");
            if (Array.IndexOf(headers, headers[i], 0, i) >= 0) throw csv.Fault(i, $"the header names '{headers[i]}' twice");
        }

        return headers;
    }

    private ReadOnlySpan<byte> NameOfRow(CsvReader csv, int[] key)
    {
        _name.ResetWrittenCount();
        for (var i = 0; i < key.Length; i++)
        {
            var cell = csv[key[i]];
            SeriesKey.Append(_name, i, cell, isMissing: cell.Length == 0 && !csv.IsQuoted(key[i]));
        }

        if (_name.WrittenCount > _longestName) throw csv.Fault(key[0], $"the key of a series has {_name.WrittenCount} bytes; {_longestName} are possible");
        return _name.WrittenSpan;
    }

    /// <summary>The ticks of a time: a date, or a date and time, with an offset or else in UTC.</summary>
    internal static bool TryTicks(ReadOnlySpan<byte> cell, out long ticks)
    {
        ticks = 0;
        // By far the most usual forms; everything else goes the long way.
        if (cell.Length is 19 or 10 && TryPlain(cell, out ticks)) return true;
        if (cell.Length is < 10 or > 33) return false;
        Span<char> text = stackalloc char[33];
        if (!Encoding.UTF8.TryGetChars(cell, text, out var length)) return false;
        // Databases and data frames write a space where RFC 3339 has a T.
        if (length > 10 && text[10] == ' ') text[10] = 'T';
        if (!TimeText.TryParseAssumingUtc(text[..length], out var time)) return false;
        ticks = time.UtcTicks;
        return true;
    }

    // 2014-01-31, or with a T or space, 2014-01-31T12:59:59
    private static bool TryPlain(ReadOnlySpan<byte> cell, out long ticks)
    {
        ticks = 0;
        if (cell[4] != '-' || cell[7] != '-' || !TryNumber(cell[..4], out var year) || !TryNumber(cell.Slice(5, 2), out var month) || !TryNumber(cell.Slice(8, 2), out var day)) return false;
        int hour = 0, minute = 0, second = 0;
        if (cell.Length == 19 && (cell[10] is not ((byte)'T' or (byte)' ') || cell[13] != ':' || cell[16] != ':'
            || !TryNumber(cell.Slice(11, 2), out hour) || !TryNumber(cell.Slice(14, 2), out minute) || !TryNumber(cell.Slice(17, 2), out second))) return false;
        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 59) return false;
        ticks = new DateTime(year, month, day, hour, minute, second, DateTimeKind.Utc).Ticks;
        return true;
    }

    private static bool TryNumber(ReadOnlySpan<byte> digits, out int number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit)) return false;
            number = (number * 10) + digit - '0';
        }

        return true;
    }

    private struct Column
    {
        private enum Kind
        {
            None,
            Time,
            Other,

            /// <summary>A time first, then something else: text.</summary>
            Mixed,
        }

        private CellTypeInference _type;
        private Kind _kind;
        private long _nulls;
        private long _notFinite;

        public void See(ReadOnlySpan<byte> cell, bool isQuoted)
        {
            if (cell.Length == 0 && !isQuoted)
            {
                _nulls++;
                return;
            }

            if (!isQuoted && IsNotFinite(cell))
            {
                _notFinite++;
                return;
            }

            if (_kind is Kind.None or Kind.Time) _kind = TryTicks(cell, out _) ? Kind.Time : _kind == Kind.Time ? Kind.Mixed : Kind.Other;
            if (_kind == Kind.Other) _type.See(cell);
        }

        public readonly ColumnSummary Summary(string name) => new(name, (_kind, _type.Type) switch
        {
            (Kind.Time, _) => "time",
            (Kind.None, _) when _notFinite > 0 => "double",
            (Kind.Other, CellType.Int64) => _notFinite > 0 ? "double" : "int64",
            (Kind.Other, CellType.Double) => "double",
            (Kind.Other, CellType.Decimal) => "decimal",
            (Kind.Other, CellType.Bool) => "bool",
            _ => "text",
        }, _nulls, _notFinite);

        private static bool IsNotFinite(ReadOnlySpan<byte> cell)
        {
            if (cell[0] is (byte)'-' or (byte)'+') cell = cell[1..];
            return Ascii.EqualsIgnoreCase(cell, "nan"u8) || Ascii.EqualsIgnoreCase(cell, "inf"u8) || Ascii.EqualsIgnoreCase(cell, "infinity"u8);
        }
    }
}
