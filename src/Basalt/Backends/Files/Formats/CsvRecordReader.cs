using Basalt.Records;

namespace Basalt.Backends.Files.Formats;

/// <summary>Reads the rows of a CSV file as records. An empty cell is a missing field. Empty lines are skipped where a row has several cells.</summary>
internal sealed class CsvRecordReader : RecordReader
{
    private readonly CsvReader _csv;
    private readonly CsvColumns _columns;
    private readonly ValueMapBuilder _fields = new();
    private bool _headerRead;
    private long _ordinal;
    private long _position;

    public CsvRecordReader(Stream stream, byte delimiter, CsvColumns columns, RecordPlace from, int capacity = ByteWindow.DefaultCapacity)
    {
        _csv = new CsvReader(stream, delimiter, from.Offset, from.Line, capacity);
        _columns = columns;
        _headerRead = from.Offset > 0;
        _ordinal = from.Ordinal - 1;
    }

    public override bool EndsWithNewLine => _csv.EndsWithNewLine;

    public override long Position => _position;

    public override bool MoveNext()
    {
        if (!_headerRead)
        {
            _headerRead = true;
            if (!_csv.ReadRow()) return End();
        }

        var columns = _columns.Columns;
        do
        {
            if (!_csv.ReadRow()) return End();
        }
        while (_csv.IsBlank && columns.Length > 1);

        CsvColumns.RequireCount(_csv, columns.Length);
        Place = new RecordPlace(_csv.Offset, ++_ordinal, _csv.Line);
        return true;
    }

    public override Record Read()
    {
        string id = "";
        long version = 0;
        DateTimeOffset created = default, updated = default;
        var metadata = ValueMap.Empty;
        var columns = _columns.Columns;
        for (var i = 0; i < columns.Length; i++)
        {
            var cell = _csv[i];
            if (cell.Length == 0 && !_csv.IsQuoted(i)) continue;
            var column = columns[i];
            var isNull = _columns.HasNulls && column.Role == ColumnRole.Field && !_csv.IsQuoted(i) && cell.SequenceEqual(CsvRecordWriter.Null);
            var value = isNull ? default : CellTypes.Parse(column.Type, cell) ?? throw _csv.Fault(i, $"'{Excerpt(i)}' in column '{column.Header}' is not {Describe(column.Type)}");
            switch (column.Role)
            {
                case ColumnRole.Field: _fields.Set(column.Name, value); break;
                case ColumnRole.Id: id = value.AsString; break;
                case ColumnRole.Version: version = value.AsInt64; break;
                case ColumnRole.Created: created = value.AsDateTime; break;
                case ColumnRole.Updated: updated = value.AsDateTime; break;
                default: metadata = value.Kind == ValueKind.Map ? value.AsMap : throw _csv.Fault(i, "$meta must be a JSON object"); break;
            }
        }

        var fields = _fields.Build();
        try
        {
            return new Record(id, fields) { Version = version, Created = created, Updated = updated, Metadata = metadata };
        }
        catch (ArgumentException e)
        {
            throw _csv.Fault(0, e.Message);
        }
    }

    public override void Dispose() => _csv.Dispose();

    private bool End()
    {
        _position = _csv.Offset;
        return false;
    }

    private string Excerpt(int cell)
    {
        var text = _csv.Text(cell);
        return text.Length <= 40 ? text : text[..40] + "...";
    }

    private static string Describe(CellType type) => type == CellType.Json ? "JSON" : "of type " + CellTypes.Name(type);
}
