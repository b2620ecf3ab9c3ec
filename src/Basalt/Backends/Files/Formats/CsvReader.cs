using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace Basalt.Backends.Files.Formats;

/// <summary>
/// Reads rows of delimited text (RFC 4180): quoted cells with doubled quotes and line feeds inside, a byte order mark, CRLF or LF, a last
/// line without an end. Cells are UTF-8 and valid until the next row. Faults are <see cref="MalformedException"/>. Not thread-safe.
/// </summary>
/// <remarks>
/// Refused: a quote that is not closed, text after a closing quote, a carriage return without line feed outside of quotes, invalid UTF-8.
/// A quote inside of a cell that does not start with one is text. Empty lines are rows of one empty cell.
/// </remarks>
internal sealed class CsvReader : IDisposable
{
    private readonly ByteWindow _window;
    private readonly byte _delimiter;
    private readonly SearchValues<byte> _ends;
    private Cell[] _cells = new Cell[16];
    private byte[] _unescaped = [];
    private int _rowLength;
    private long _nextLine;

    private readonly record struct Cell(int Start, int Length, bool IsQuoted, bool HasEscapes);

    public CsvReader(Stream stream, byte delimiter, long offset = 0, long line = 1, int capacity = ByteWindow.DefaultCapacity)
    {
        _window = new ByteWindow(stream, offset, capacity);
        _delimiter = delimiter;
        _ends = SearchValues.Create([delimiter, (byte)'\n', (byte)'\r']);
        _nextLine = line;
        if (offset > 0) return;
        while (_window.Span.Length < 3 && _window.Fill())
        {
        }

        if (_window.Span.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF])) _window.Skip(3);
    }

    /// <summary>How many cells the row has.</summary>
    public int Count { get; private set; }

    /// <summary>Where the row starts, in the uncompressed text.</summary>
    public long Offset => _window.Position;

    /// <summary>The line on which the row starts, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Whether the row ended with a line feed, and not with the file.</summary>
    public bool EndsWithNewLine { get; private set; } = true;

    /// <summary>Whether the row is an empty line.</summary>
    public bool IsBlank => Count == 1 && _cells[0] is { Length: 0, IsQuoted: false };

    /// <summary>Goes to the next row; false at the end.</summary>
    public bool ReadRow()
    {
        _window.Skip(_rowLength);
        _rowLength = 0;
        Line = _nextLine;
        while (true)
        {
            var span = _window.Span;
            if (span.Length > 0 && TryParse(span, isFinal: false)) break;
            if (Fill()) continue;
            span = _window.Span;
            if (span.Length == 0) return false;
            TryParse(span, isFinal: true);
            break;
        }

        var row = _window.Span[.._rowLength];
        if (!Utf8.IsValid(row)) throw InvalidUtf8(row);
        _nextLine = Line + row.Count((byte)'\n');
        EndsWithNewLine = row[^1] == '\n';
        return true;
    }

    /// <summary>Whether a cell was quoted: then an empty one is empty text, else there is no value.</summary>
    public bool IsQuoted(int cell) => _cells[cell].IsQuoted;

    /// <summary>A cell without its quotes; valid until the next call or row.</summary>
    public ReadOnlySpan<byte> this[int cell]
    {
        get
        {
            var (start, length, _, hasEscapes) = _cells[cell];
            var raw = _window.Span.Slice(start, length);
            return hasEscapes ? Unescape(raw) : raw;
        }
    }

    public string Text(int cell) => Encoding.UTF8.GetString(this[cell]);

    /// <summary>A fault in a cell; beyond the last cell it points at the end of the row.</summary>
    public MalformedException Fault(int cell, string problem)
    {
        var row = _window.Span[.._rowLength].TrimEnd("\r\n"u8);
        var at = cell < Count ? _cells[cell].Start - (_cells[cell].IsQuoted ? 1 : 0) : row.Length;
        return MalformedException.In(row, at, Line, 1, Offset, problem);
    }

    public void Dispose() => _window.Dispose();

    /// <summary>Splits the row at the start of the span; false when its end is not in the span.</summary>
    private bool TryParse(ReadOnlySpan<byte> span, bool isFinal)
    {
        Count = 0;
        var at = 0;
        while (true)
        {
            int end;
            if (at < span.Length && span[at] == '"')
            {
                if (!TryFindClosingQuote(span, at, isFinal, out var close, out var hasEscapes)) return false;
                Add(new Cell(at + 1, close - at - 1, true, hasEscapes));
                end = close + 1;
                if (end < span.Length && span[end] != _delimiter && span[end] is not ((byte)'\n' or (byte)'\r'))
                    throw MalformedException.In(span, end, Line, 1, Offset, "there is text after the closing quote of a cell");
            }
            else
            {
                var length = span[at..].IndexOfAny(_ends);
                if (length < 0 && !isFinal) return false;
                end = length < 0 ? span.Length : at + length;
                Add(new Cell(at, end - at, false, false));
            }

            if (end == span.Length)
            {
                if (!isFinal) return false;
                _rowLength = end;
                return true;
            }

            if (span[end] == _delimiter)
            {
                at = end + 1;
                continue;
            }

            if (span[end] == '\n')
            {
                _rowLength = end + 1;
                return true;
            }

            if (end + 1 == span.Length && !isFinal) return false;
            if (end + 1 == span.Length || span[end + 1] != '\n')
                throw MalformedException.In(span, end, Line, 1, Offset, "a carriage return without line feed; inside of a cell it must be quoted");
            _rowLength = end + 2;
            return true;
        }
    }

    private bool TryFindClosingQuote(ReadOnlySpan<byte> span, int open, bool isFinal, out int close, out bool hasEscapes)
    {
        hasEscapes = false;
        close = open + 1;
        while (true)
        {
            var next = span[close..].IndexOf((byte)'"');
            if (next < 0)
            {
                if (!isFinal) return false;
                throw MalformedException.In(span, open, Line, 1, Offset, "the quote is not closed");
            }

            close += next;
            // Whether the quote closes or is the first of two shows only in the byte behind it.
            if (close + 1 == span.Length) return isFinal;
            if (span[close + 1] != '"') return true;
            hasEscapes = true;
            close += 2;
        }
    }

    private void Add(Cell cell)
    {
        if (Count == _cells.Length) Array.Resize(ref _cells, Count * 2);
        _cells[Count++] = cell;
    }

    private ReadOnlySpan<byte> Unescape(ReadOnlySpan<byte> raw)
    {
        if (_unescaped.Length < raw.Length) _unescaped = new byte[Math.Max(256, raw.Length * 2)];
        var length = 0;
        while (raw.Length > 0)
        {
            var quote = raw.IndexOf((byte)'"');
            var count = quote < 0 ? raw.Length : quote + 1;
            raw[..count].CopyTo(_unescaped.AsSpan(length));
            length += count;
            raw = raw[(quote < 0 ? count : count + 1)..];
        }

        return _unescaped.AsSpan(0, length);
    }

    private bool Fill()
    {
        try
        {
            return _window.Fill();
        }
        catch (MalformedException e) when (e.Line == 0)
        {
            throw new MalformedException(e.Problem, Line, 1, e.Offset, e);
        }
    }

    private MalformedException InvalidUtf8(ReadOnlySpan<byte> row)
    {
        var at = 0;
        while (at < row.Length && Rune.DecodeFromUtf8(row[at..], out _, out var length) == OperationStatus.Done) at += length;
        return MalformedException.In(row, at, Line, 1, Offset, "not valid UTF-8");
    }
}
