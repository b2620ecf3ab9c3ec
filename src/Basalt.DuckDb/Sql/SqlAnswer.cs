using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Connections;
using Basalt.Records;

namespace Basalt.DuckDb.Sql;

/// <summary>The answer to a statement, row by row, in bounded memory. Not thread-safe.</summary>
internal sealed class SqlAnswer : IDisposable
{
    private readonly DuckRows _rows;
    private readonly SqlSession _session;

    internal SqlAnswer(DuckRows rows, SqlSession session)
    {
        (_rows, _session) = (rows, session);
        var taken = new HashSet<string>();
        var names = new List<string>();
        foreach (var field in rows.Fields)
        {
            // A statement may give two columns one name.
            var name = field.Name;
            for (var i = 1; !taken.Add(name); i++) name = $"{field.Name}_{i}";
            names.Add(name);
        }

        Names = names;
    }

    /// <summary>The names of the columns, each once.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>The rows as maps from names to values.</summary>
    public IEnumerable<ValueMap> Read()
    {
        while (_session.Guarded(_rows.Next))
        {
            for (var row = 0; row < _rows.Count; row++)
            {
                var map = new ValueMapBuilder(Names.Count);
                for (var i = 0; i < Names.Count; i++) map.Set(Names[i], ColumnValues.Read(_rows[i], row));
                yield return map.Build();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _rows.Dispose();
}
