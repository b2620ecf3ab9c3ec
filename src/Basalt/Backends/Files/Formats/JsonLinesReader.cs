using Basalt.Records;

namespace Basalt.Backends.Files.Formats;

/// <summary>Reads one JSON object per line. Blank lines are skipped; the last line needs no line feed.</summary>
internal sealed class JsonLinesReader : RecordReader
{
    private static readonly byte[] Bom = [0xEF, 0xBB, 0xBF];

    private readonly ByteWindow _window;
    private readonly RecordJsonReader _json = new();
    private long _line;
    private long _ordinal;
    private int _length;
    private int _lineEnd;
    private bool _endsWithNewLine = true;
    private bool _started;

    public JsonLinesReader(Stream stream, RecordPlace from, int capacity = ByteWindow.DefaultCapacity)
    {
        _window = new ByteWindow(stream, from.Offset, capacity);
        (_line, _ordinal) = (from.Line - 1, from.Ordinal - 1);
        _started = from.Offset > 0;
    }

    public override bool EndsWithNewLine => _endsWithNewLine;

    public override long Position => _window.Position;

    public override bool MoveNext()
    {
        while (NextLine())
        {
            var line = _window.Span[.._length];
            if (line.IndexOfAnyExcept((byte)' ', (byte)'\t', (byte)'\r') < 0) continue;
            Place = new RecordPlace(_window.Position, ++_ordinal, _line);
            return true;
        }

        return false;
    }

    public override Record Read()
    {
        var line = _window.Span[.._length];
        try
        {
            return _json.ReadRecord(line);
        }
        catch (FormatException e)
        {
            throw new MalformedException(e.Message, Place.Line, 1, Place.Offset, e);
        }
    }

    public override void Dispose() => _window.Dispose();

    private bool NextLine()
    {
        _window.Skip(_lineEnd);
        _line++;
        if (!_started) SkipBom();
        var searched = 0;
        while (true)
        {
            var end = _window.Span[searched..].IndexOf((byte)'\n');
            if (end >= 0)
            {
                _length = searched + end;
                _lineEnd = _length + 1;
                _endsWithNewLine = true;
                return true;
            }

            searched = _window.Span.Length;
            if (Fill()) continue;
            _length = _lineEnd = searched;
            if (searched > 0) _endsWithNewLine = false;
            return searched > 0;
        }
    }

    private void SkipBom()
    {
        _started = true;
        while (_window.Span.Length < Bom.Length && Fill())
        {
        }

        if (_window.Span.StartsWith(Bom)) _window.Skip(Bom.Length);
    }

    private bool Fill()
    {
        try
        {
            return _window.Fill();
        }
        catch (MalformedException e) when (e.Line == 0)
        {
            throw new MalformedException(e.Problem, _line, 1, e.Offset, e);
        }
    }
}
