using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Cli.Output;

/// <summary>What an answer says of a record: <c>$score</c>.</summary>
internal readonly record struct Mark(string Name, Value Value);

/// <summary>Prints records one by one. Only <see cref="Complete"/> ends the output well: what failed midway must not look whole.</summary>
internal abstract class RecordWriter : IDisposable
{
    /// <summary>A writer of rows; those that are no stored records have no id to show.</summary>
    public static RecordWriter Create(RowFormat format, TextWriter output, IReadOnlyList<FieldPath>? fields, bool withId = true) => format switch
    {
        RowFormat.Table => new TableWriter(output, fields, withId),
        RowFormat.Json => new JsonWriter(output, fields, asArray: true),
        RowFormat.Jsonl => new JsonWriter(output, fields, asArray: false),
        RowFormat.Csv => new CsvWriter(output, fields, withId),
        _ => throw new ArgumentOutOfRangeException(nameof(format)),
    };

    public void Write(Record record) => Write(record, []);

    /// <summary>A record, and what an answer says of it beside its fields: names that begin with <c>$</c>, as the score of a search. They stand behind the id.</summary>
    public abstract void Write(Record record, IReadOnlyList<Mark> marks);

    public abstract void Complete();

    public virtual void Dispose()
    {
    }
}
