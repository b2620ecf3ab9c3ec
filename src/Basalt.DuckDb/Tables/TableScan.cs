using Basalt.Backends;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Filters;
using Basalt.Records;

namespace Basalt.DuckDb.Tables;

/// <summary>
/// The records of a table that satisfy a pushed query, in its transaction. Where the condition lets more pass than the filter, as a write came after the plan was made, each record is tested. Not
/// thread-safe.
/// </summary>
internal sealed class TableScan : IDisposable
{
    private readonly RowReader _reader;
    private readonly DuckStatement _statement;
    private readonly DuckRows _rows;
    private readonly Predicate<Record>? _residual;
    private long _left;
    private int _row;

    public TableScan(DuckConnection connection, TableLayout layout, PushedQuery query, CancellationToken cancellationToken)
    {
        var condition = FilterSql.Translate(layout, query.Filter);
        _residual = condition.IsExact ? null : query.Filter.Compile();
        // What is tested here must be there to be tested.
        _reader = new RowReader(layout, _residual is null ? query.Fields : null);
        _left = query.Limit ?? long.MaxValue;
        var parameters = condition.Parameters.ToList();
        var sql = $"SELECT {_reader.Selected} FROM {TableSql.Name(layout)} WHERE {condition.Sql}";
        if (query.AfterId is { } after)
        {
            parameters.Add(after);
            sql += $" AND {TableSql.Id} > ${parameters.Count}";
        }

        if (!query.AnyOrder) sql += $" ORDER BY {TableSql.Id}";
        if (_residual is null && query.Limit is { } limit) sql += $" LIMIT {limit}";
        _statement = connection.Prepare(sql);
        try
        {
            _rows = _statement.Bind([.. parameters]).Stream(cancellationToken);
        }
        catch
        {
            _statement.Dispose();
            throw;
        }
    }

    /// <summary>The next match, or null at the end.</summary>
    public Record? Next()
    {
        while (_left > 0)
        {
            if (_row == _rows.Count)
            {
                if (!_rows.Next()) return null;
                _row = 0;
            }

            var record = _reader.Read(_rows, _row++);
            if (_residual is not null && !_residual(record)) continue;
            _left--;
            return record;
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows.Dispose();
        _statement.Dispose();
    }
}
