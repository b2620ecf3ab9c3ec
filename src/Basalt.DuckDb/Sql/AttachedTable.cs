using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Feeds;
using Basalt.Filters;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.DuckDb.Sql;

/// <summary>A column of an attached table and the path of its values.</summary>
internal sealed record AttachedColumn(string Name, FieldPath Path, DuckType Type);

/// <summary>
/// A collection as a table of SQL: <c>$id</c>, then a column for each field. Records stream out of the backend while a statement reads them, with only the fields that it looks at and only
/// those that satisfy <see cref="Pushed"/>.
/// </summary>
internal sealed class AttachedTable : TableSource
{
    private readonly string _types;
    private readonly CancellationToken _cancellationToken;

    /// <param name="name">The name in SQL.</param>
    /// <param name="collection">The collection.</param>
    /// <param name="schema">What its fields are: declared or inferred.</param>
    /// <param name="types">Where the types come from, for a message about a value that is of another.</param>
    /// <param name="records">How many records there are about, or null.</param>
    /// <param name="cancellationToken">Ends reading.</param>
    public AttachedTable(string name, Collection collection, Schema schema, string types, long? records, CancellationToken cancellationToken)
    {
        (Name, Collection, Cardinality, _types, _cancellationToken) = (name, collection, records, types, cancellationToken);
        Columns = [new AttachedColumn("$id", FieldPath.Id, DuckType.Varchar), .. ColumnsOf(schema)];
        Fields = [.. Columns.Select(static column => new DuckField(column.Name, column.Type))];
    }

    /// <summary>The name in SQL.</summary>
    public string Name { get; }

    public Collection Collection { get; }

    public IReadOnlyList<AttachedColumn> Columns { get; }

    /// <summary>What records must satisfy; set before a statement runs.</summary>
    public Filter Pushed { get; set; } = Filter.True;

    /// <summary>How many records came out of the backend and passed, in all.</summary>
    public long Records { get; private set; }

    public override IReadOnlyList<DuckField> Fields { get; }

    public override long? Cardinality { get; }

    /// <summary>The column of a name, upper and lower case alike; or null.</summary>
    public AttachedColumn? Find(string name) => Columns.FirstOrDefault(column => string.Equals(column.Name, name, StringComparison.OrdinalIgnoreCase));

    public override RowFeed Open(IReadOnlyList<int> columns) => new Feed(this, [.. columns.Select(column => Columns[column])]);

    /// <summary>What the door does to deliver the records, with every field.</summary>
    public ValueTask<QueryPlan> ExplainAsync(CancellationToken cancellationToken) => Collection.ExplainAsync(Query.Where(Pushed), cancellationToken);

    private static IEnumerable<AttachedColumn> ColumnsOf(Schema schema)
    {
        var taken = new HashSet<string>(["$id"], StringComparer.OrdinalIgnoreCase);
        foreach (var field in schema.Fields)
        {
            // SQL takes no empty name, none with a NUL, and upper and lower case for the same.
            var plain = field.Name.Length == 0 ? "~" : field.Name.Replace("\0", "~", StringComparison.Ordinal);
            var name = plain;
            for (var i = 2; !taken.Add(name); i++) name = $"{plain}~{i}";
            yield return new AttachedColumn(name, FieldPath.Of(field.Name), FieldColumns.TypeOf(field));
        }
    }

    private sealed class Feed : RowFeed
    {
        private readonly AttachedTable _table;
        private readonly AttachedColumn[] _columns;
        private readonly ValueWriter[] _writers;
        private readonly int[] _positions;
        private readonly IAsyncEnumerator<Record> _records;
        private Shape? _shape;

        public Feed(AttachedTable table, AttachedColumn[] columns)
        {
            (_table, _columns, _positions) = (table, columns, new int[columns.Length]);
            _writers = [.. columns.Select(static column => ValueWriter.Of(column.Type))];
            var query = Query.Where(table.Pushed).Select([.. columns.Select(static column => column.Path)]);
            // The library calls for rows and waits for them: there is nothing else for this thread to do.
            _records = Await(table.Collection.ScanAsync(query, table._cancellationToken)).GetAsyncEnumerator(table._cancellationToken);
        }

        public override void Fill(ref FeedChunk chunk)
        {
            chunk.Attach(_writers);
            while (chunk.Count < FeedChunk.Capacity && Await(_records.MoveNextAsync())) Write(chunk.Count++, _records.Current);
            _table.Records += chunk.Count;
        }

        public override void Dispose()
        {
            var ending = _records.DisposeAsync();
            if (!ending.IsCompletedSuccessfully) ending.AsTask().GetAwaiter().GetResult();
        }

        private void Write(int row, Record record)
        {
            if (!ReferenceEquals(_shape, record.Shape)) Locate(record.Shape);
            for (var i = 0; i < _writers.Length; i++)
            {
                var position = _positions[i];
                if (position == Missing)
                {
                    _writers[i].WriteNull(row);
                    continue;
                }

                var fit = position == OfId ? _writers[i].Write(row, Value.OwnText(record.Id)) : _writers[i].Write(row, record.Values[position]);
                if (fit == Fit.None) throw Misfit(i, record);
            }
        }

        private const int Missing = -1, OfId = -2;

        private void Locate(Shape shape)
        {
            _shape = shape;
            for (var i = 0; i < _columns.Length; i++) _positions[i] = _columns[i].Path.Part == RecordPart.Id ? OfId : shape.IndexOf(_columns[i].Path.Segments[0]);
        }

        private BasaltException Misfit(int column, Record record) => new(ErrorCode.InvalidData,
            $"The record '{record.Id}' of {_table.Name} has {Short(_columns[column].Path.Resolve(record))} in '{_columns[column].Path}', which a column of {_columns[column].Type} does not hold. {_table._types}")
        { Target = _table.Name };

        private static string Short(Value value)
        {
            var text = value.ToString();
            return text.Length <= 60 ? text : string.Concat(text.AsSpan(0, 60), "…");
        }

        private static T Await<T>(ValueTask<T> task) => task.IsCompletedSuccessfully ? task.Result : task.AsTask().GetAwaiter().GetResult();
    }
}
