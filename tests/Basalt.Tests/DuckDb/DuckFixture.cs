using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Native;
using Basalt.Records;

namespace Basalt.Tests.DuckDb;

/// <summary>A database of DuckDB in memory and a connection to it; the test is skipped where the library is not installed.</summary>
internal sealed class DuckFixture : IDisposable
{
    public DuckFixture(DuckSettings? settings = null)
    {
        Require();
        Database = DuckDatabase.OpenInMemory(settings ?? new DuckSettings { Threads = 2 });
        Connection = Database.Connect();
    }

    public DuckDatabase Database { get; }

    public DuckConnection Connection { get; }

    public static void Require() => Assert.SkipWhen(DuckDbLibrary.Problem is not null, DuckDbLibrary.Problem ?? "");

    /// <summary>Every value of an answer, row by row.</summary>
    public static List<Value[]> All(DuckRows rows)
    {
        var all = new List<Value[]>();
        using (rows)
        {
            while (rows.Next())
                for (var row = 0; row < rows.Count; row++)
                {
                    var values = new Value[rows.Fields.Count];
                    for (var column = 0; column < values.Length; column++) values[column] = ColumnValues.Read(rows[column], row);
                    all.Add(values);
                }
        }

        return all;
    }

    public List<Value[]> All(string sql) => All(Connection.Query(sql));

    /// <summary>The only value of an answer.</summary>
    public Value One(string sql, params Parameter[] parameters)
    {
        using var statement = Connection.Prepare(sql);
        return Assert.Single(Assert.Single(All(statement.Bind(parameters).Stream())));
    }

    public void Dispose()
    {
        Connection.Dispose();
        Database.Dispose();
    }
}
