using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Connections;
using Basalt.Records;

namespace Basalt.DuckDb.Tables;

/// <summary>Appends records to the table of a layout, and learns what the layout must say of them. Not thread-safe.</summary>
internal sealed class RowWriter(DuckConnection connection, TableLayout layout) : IDisposable
{
    private readonly DuckAppender _appender = new(connection, "main", layout.Table);
    private readonly bool[] _strays = new bool[layout.Columns.Count], _forms = new bool[layout.Columns.Count];
    private bool _hasMetadata, _hasOddTimes;

    /// <summary>Appends a stamped record.</summary>
    public void Append(Record record)
    {
        var rest = new ValueMapBuilder();
        for (var i = 0; i < layout.Columns.Count; i++) WriteField(i, record, rest);
        foreach (var (name, value) in record.Fields)
            if (layout.IndexOf(name) < 0) rest.Set(name, value);

        _appender.Write(0, record.Id);
        _appender.Write(1, record.Version);
        var created = WriteTime(2, record.Created);
        var updated = WriteTime(3, record.Updated);
        _hasMetadata |= record.Metadata.Count > 0;
        var left = new Record(rest.Build()) { Metadata = record.Metadata, Created = created, Updated = updated };
        var isWhole = left.Fields.Count == 0 && left.Metadata.Count == 0 && created == default && updated == default;
        _appender.Write(4, isWhole ? Value.Null : RecordJson.ToText(left));
        _appender.EndRow(RecordSize.Estimate(record));
    }

    /// <summary>Hands the rows over, and gives the layout as it now must be: the same object when it says all that is needed.</summary>
    public TableLayout Complete()
    {
        _appender.Complete();
        var columns = layout.Columns.Select((column, i) => column with { HasStrays = column.HasStrays || _strays[i], HasForms = column.HasForms || _forms[i] }).ToArray();
        bool hasMetadata = layout.HasMetadata || _hasMetadata, hasOddTimes = layout.HasOddTimes || _hasOddTimes;
        return columns.SequenceEqual(layout.Columns) && hasMetadata == layout.HasMetadata && hasOddTimes == layout.HasOddTimes ? layout : layout.WithColumns(columns, hasMetadata, hasOddTimes);
    }

    /// <inheritdoc/>
    public void Dispose() => _appender.Dispose();

    private void WriteField(int index, Record record, ValueMapBuilder rest)
    {
        var field = layout.Columns[index].Field;
        var isThere = record.Fields.TryGetValue(field, out var value);
        var fit = _appender.Write(TableLayout.OwnColumns + index, value);
        if (!isThere || (fit == Fit.Exact && !value.IsNull)) return;
        if (fit == Fit.None) _strays[index] = true;
        else _forms[index] = true;
        rest.Set(field, value);
    }

    /// <summary>Writes a time, and gives it back when its column does not hold it exactly.</summary>
    private DateTimeOffset WriteTime(int column, DateTimeOffset time)
    {
        if (_appender.Write(column, time) == Fit.Exact) return default;
        _hasOddTimes = true;
        return time;
    }
}
