using System.Buffers;
using System.Text;
using Basalt.Backends.Files.Formats;
using Basalt.Records;

namespace Basalt.Migration;

/// <summary>
/// Writes records as rows of plain text: the id as <c>$id</c>, then a column per field. Missing and null are empty cells, empty text is a quoted
/// empty cell, lists, maps and vectors are plain JSON. What it loses: the types (a reader infers them), null against missing, metadata,
/// version and timestamps.
/// </summary>
internal sealed class CsvRecords
{
    private const int ChunkBytes = 1 << 16;
    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create(",\t\"\r\n");
    private readonly ArrayBufferWriter<byte> _buffer = new(ChunkBytes);
    private readonly Stream _output;
    private readonly byte _delimiter;
    private readonly string[] _fields;

    public CsvRecords(Stream output, byte delimiter, IEnumerable<string> fields)
    {
        _output = output;
        _delimiter = delimiter;
        _fields = [.. fields];
        Put(RecordJson.IdName);
        foreach (var field in _fields)
        {
            Put(_delimiter);
            Put(new CsvColumn(ColumnRole.Field, field, CellType.Text).Header);
        }

        Put((byte)'\n');
    }

    public async ValueTask WriteAsync(Record record, CancellationToken cancellationToken)
    {
        Put(record.Id);
        foreach (var field in _fields)
        {
            Put(_delimiter);
            var value = record.Fields[field];
            if (!value.IsNull) Put(Cell(value));
        }

        Put((byte)'\n');
        if (_buffer.WrittenCount >= ChunkBytes) await DrainAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        await DrainAsync(cancellationToken).ConfigureAwait(false);
        await _output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private static string Cell(Value value) => value.Kind is ValueKind.List or ValueKind.Map or ValueKind.Vector
        ? RecordJson.ToText(value, JsonForm.Plain)
        : CellTypes.Print(CellTypes.Of(value), value);

    private void Put(string text)
    {
        if (text.Length > 0 && !text.AsSpan().ContainsAny(NeedQuotes))
        {
            Encoding.UTF8.GetBytes(text, _buffer);
            return;
        }

        Put((byte)'"');
        Encoding.UTF8.GetBytes(text.Replace("\"", "\"\""), _buffer);
        Put((byte)'"');
    }

    private void Put(byte symbol)
    {
        _buffer.GetSpan(1)[0] = symbol;
        _buffer.Advance(1);
    }

    private async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        await _output.WriteAsync(_buffer.WrittenMemory, cancellationToken).ConfigureAwait(false);
        _buffer.ResetWrittenCount();
    }
}
