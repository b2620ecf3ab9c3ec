using System.Buffers;
using System.Text;
using Basalt.Records;

namespace Basalt.Backends.Files.Formats;

/// <summary>Writes records as rows of cells. The columns must hold them: see <see cref="CsvColumns.Covering"/>.</summary>
internal sealed class CsvRecordWriter : RecordWriter
{
    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create(",\t\"\r\n");

    private readonly CsvColumns _columns;
    private readonly byte _delimiter;

    public CsvRecordWriter(Stream stream, long position, byte delimiter, CsvColumns columns, bool withHeader, bool needsNewLine)
        : base(stream, position)
    {
        _columns = columns;
        _delimiter = delimiter;
        if (needsNewLine) Put("\n"u8);
        if (!withHeader) return;
        for (var i = 0; i < columns.Columns.Length; i++)
        {
            if (i > 0) Put([delimiter]);
            PutText(columns.Columns[i].Header);
        }

        Put("\n"u8);
    }

    /// <summary>The unquoted cell of a null that is present.</summary>
    public static ReadOnlySpan<byte> Null => "\\N"u8;

    protected override long Append(Record record)
    {
        var at = Position;
        var columns = _columns.Columns;
        for (var i = 0; i < columns.Length; i++)
        {
            if (i > 0) Put([_delimiter]);
            PutCell(columns[i], record);
        }

        Put("\n"u8);
        return at;
    }

    private void PutCell(CsvColumn column, Record record)
    {
        switch (column.Role)
        {
            case ColumnRole.Id: PutText(record.Id); break;
            case ColumnRole.Version: PutText(CellTypes.Print(CellType.Int64, record.Version)); break;
            case ColumnRole.Created: PutText(RecordJson.FormatTime(record.Created)); break;
            case ColumnRole.Updated: PutText(RecordJson.FormatTime(record.Updated)); break;
            case ColumnRole.Metadata:
                if (record.Metadata.Count > 0) PutText(RecordJson.ToText(Value.FromMap(record.Metadata)));
                break;
            default:
                if (!record.Fields.TryGetValue(column.Name, out var value)) break;
                if (value.IsNull) Put(Null);
                else PutText(CellTypes.Print(column.Type, value));
                break;
        }
    }

    private void PutText(string text)
    {
        if (text.Length > 0 && text != "\\N" && !text.AsSpan().ContainsAny(NeedQuotes))
        {
            Encoding.UTF8.GetBytes(text, Buffer);
            return;
        }

        Put("\""u8);
        Encoding.UTF8.GetBytes(text.Replace("\"", "\"\"", StringComparison.Ordinal), Buffer);
        Put("\""u8);
    }
}
