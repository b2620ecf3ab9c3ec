using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Connections;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.DuckDb.Tables;

/// <summary>Makes records of rows: what the columns hold, and over it what the rest says. Not thread-safe.</summary>
internal sealed class RowReader
{
    private readonly RecordJsonReader _json = new();
    private readonly TableColumn[] _columns;
    private readonly ValueMapBuilder _fields = new();

    /// <param name="layout">How the records lie.</param>
    /// <param name="wanted">The fields that somebody will look at, or null for all.</param>
    public RowReader(TableLayout layout, IReadOnlyList<FieldPath>? wanted)
    {
        Layout = layout;
        var names = wanted?.Where(static path => path.Part == RecordPart.Fields).Select(static path => path.Segments[0]).ToHashSet();
        _columns = [.. layout.Columns.Where(column => names is null || names.Contains(column.Field))];
        // All of it may be in the columns.
        var needsRest = names is null || layout.HasMetadata || layout.HasOddTimes || names.Any(name => layout.IndexOf(name) is var at && (at < 0 || layout.Columns[at].HasStrays || layout.Columns[at].HasForms));
        Selected = string.Join(", ", [TableSql.Id, TableSql.Version, TableSql.Created, TableSql.Updated, needsRest ? TableSql.Rest : "NULL::VARCHAR", .. _columns.Select(static column => SqlText.Name(column.Field))]);
    }

    /// <summary>How the records lie.</summary>
    public TableLayout Layout { get; }

    /// <summary>The columns that a statement must select.</summary>
    public string Selected { get; }

    /// <summary>The record of a row of the chunk at hand.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Corrupt"/>: the rest is not what was written.</exception>
    public Record Read(DuckRows rows, int row)
    {
        var id = rows[0].Text(row);
        for (var i = 0; i < _columns.Length; i++)
        {
            var column = rows[TableLayout.OwnColumns + i];
            if (column.IsNull(row)) continue;
            _fields.Set(_columns[i].Field, _columns[i].Type == FieldType.Vector ? ColumnValues.ReadVector(column, row) : ColumnValues.Read(column, row));
        }

        var rest = ReadRest(rows[4], row, id);
        if (rest is not null)
            foreach (var (name, value) in rest.Fields) _fields.Set(name, value);
        return new Record
        {
            Id = id,
            Version = rows[1].Values<long>()[row],
            Created = TimeOf(rows[2], row, rest?.Created ?? default),
            Updated = TimeOf(rows[3], row, rest?.Updated ?? default),
            Fields = _fields.Build(),
            Metadata = rest?.Metadata ?? ValueMap.Empty,
        };
    }

    /// <summary>What decides a write to the record of a row of <see cref="TableSql.Heads"/>.</summary>
    public Record ReadHead(DuckRows rows, int row)
    {
        var id = rows[0].Text(row);
        var rest = ReadRest(rows[3], row, id);
        return new Record { Id = id, Version = rows[1].Values<long>()[row], Created = TimeOf(rows[2], row, rest?.Created ?? default) };
    }

    private static DateTimeOffset TimeOf(in Column column, int row, DateTimeOffset exact) => exact != default || column.IsNull(row)
        ? exact
        : new DateTimeOffset(column.Values<long>()[row] / Scalars.NanosPerTick + Scalars.EpochTicks, TimeSpan.Zero);

    private Record? ReadRest(in Column column, int row, string id)
    {
        if (column.IsNull(row)) return null;
        try
        {
            return _json.ReadRecord(column.Bytes(row));
        }
        catch (FormatException e)
        {
            throw DuckDbFaults.Corrupt(Layout.Collection, $"the rest of the record '{id}' in {TableSql.Name(Layout)} is not what was written: {e.Message}", e);
        }
    }
}
