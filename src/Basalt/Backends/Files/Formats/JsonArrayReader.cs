using System.Text;
using System.Text.Json;
using Basalt.Records;

namespace Basalt.Backends.Files.Formats;

/// <summary>Reads one JSON array of objects, an element at a time. A file without content is an empty array.</summary>
internal sealed class JsonArrayReader : RecordReader
{
    private static readonly byte[] Bom = [0xEF, 0xBB, 0xBF];
    private static readonly JsonReaderOptions Options = new() { MaxDepth = RecordJson.MaxDepth };

    private readonly ByteWindow _window;
    private readonly RecordJsonReader _json = new();
    private Stage _stage;
    private long _line;
    private long _column = 1;
    private long _elementColumn;
    private long _ordinal;
    private int _length;

    private enum Stage
    {
        BeforeArray,

        /// <summary>At an element, or behind one: where an append went on.</summary>
        Resumed,
        AfterElement,
        Ended,
    }

    public JsonArrayReader(Stream stream, RecordPlace from, int capacity = ByteWindow.DefaultCapacity)
    {
        _window = new ByteWindow(stream, from.Offset, capacity);
        (_line, _ordinal) = (from.Line, from.Ordinal - 1);
        _stage = from.Offset > 0 ? Stage.Resumed : Stage.BeforeArray;
    }

    public override bool EndsWithNewLine => true;

    public override long Position => _window.Position;

    public override bool MoveNext()
    {
        if (_stage == Stage.BeforeArray)
        {
            SkipBom();
            if (Peek() is not { } first) return End();
            if (first != '[') throw Fault("a JSON array of objects starts with [");
            Skip(1);
            if (Peek() == ']') return Close();
        }
        else if (_stage == Stage.Resumed)
        {
            if (Peek() == ']') return Close();
            if (Peek() == ',') Skip(1);
        }
        else if (_stage == Stage.AfterElement)
        {
            Skip(_length);
            _length = 0;
            switch (Peek())
            {
                case (byte)',': Skip(1); break;
                case (byte)']': return Close();
                case null: throw Fault("the array is not closed with ]");
                default: throw Fault("expected , or ] after an element of the array");
            }
        }
        else if (_stage == Stage.Ended)
        {
            return false;
        }

        Element();
        return true;
    }

    public override Record Read()
    {
        var element = _window.Span[.._length];
        try
        {
            return _json.ReadRecord(element);
        }
        catch (FormatException e)
        {
            throw new MalformedException(e.Message, Place.Line, _elementColumn, Place.Offset, e);
        }
    }

    public override void Dispose() => _window.Dispose();

    private void Element()
    {
        switch (Peek())
        {
            case (byte)'{': break;
            case null: throw Fault("the array is not closed with ]");
            default: throw Fault("an element of the array is not an object");
        }

        Place = new RecordPlace(_window.Position, ++_ordinal, _line);
        _elementColumn = _column;
        while (!TryMeasure())
            if (!Fill()) throw Fault("the object is not closed with }");
        _stage = Stage.AfterElement;
    }

    private bool TryMeasure()
    {
        var reader = new Utf8JsonReader(_window.Span, isFinalBlock: false, new JsonReaderState(Options));
        try
        {
            if (!reader.Read() || !reader.TrySkip()) return false;
        }
        catch (JsonException e)
        {
            throw MalformedException.In(_window.Span, (int)reader.BytesConsumed, _line, _column, _window.Position, "not valid JSON: " + RecordJsonReader.Problem(e), e);
        }

        _length = (int)reader.BytesConsumed;
        return true;
    }

    private bool Close()
    {
        Skip(1);
        return Peek() is null ? End() : throw Fault("there is more after the end of the array");
    }

    private bool End()
    {
        _stage = Stage.Ended;
        return false;
    }

    /// <summary>The next byte that is not white space, or null at the end.</summary>
    private byte? Peek()
    {
        while (true)
        {
            var at = _window.Span.IndexOfAnyExcept(" \t\r\n"u8);
            if (at >= 0)
            {
                Skip(at);
                return _window.Span[0];
            }

            Skip(_window.Span.Length);
            if (!Fill()) return null;
        }
    }

    private void SkipBom()
    {
        while (_window.Span.Length < Bom.Length && Fill())
        {
        }

        if (_window.Span.StartsWith(Bom)) _window.Skip(Bom.Length);
    }

    private void Skip(int count)
    {
        var skipped = _window.Span[..count];
        var lines = skipped.Count((byte)'\n');
        if (lines > 0)
        {
            _line += lines;
            _column = 1;
            skipped = skipped[(skipped.LastIndexOf((byte)'\n') + 1)..];
        }

        _column += Encoding.UTF8.GetCharCount(skipped);
        _window.Skip(count);
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

    private MalformedException Fault(string problem) => new(problem, _line, _column, _window.Position);
}
