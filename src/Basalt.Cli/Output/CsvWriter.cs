using System.Buffers;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Cli.Output;

/// <summary>
/// Prints records as CSV by RFC 4180, with a header and lines that end in CR LF. Null is an empty cell, empty text a quoted one. The header
/// needs every field name first: beyond <see cref="MostHeld"/> records the rows wait in a temporary file rather than in memory.
/// </summary>
internal sealed class CsvWriter(TextWriter output, IReadOnlyList<FieldPath>? fields, bool withId = true) : RecordWriter
{
    private const int MostHeld = 10_000;
    private static readonly SearchValues<char> NeedQuotes = SearchValues.Create(",\"\r\n");
    private readonly Columns _columns = new(fields, withId);
    private readonly List<(Record Record, IReadOnlyList<Mark> Marks)> _held = [];
    private StreamWriter? _spill;

    public override void Write(Record record, IReadOnlyList<Mark> marks)
    {
        ArgumentNullException.ThrowIfNull(record);
        _columns.Observe(record, marks);
        _held.Add((record, marks));
        if (_held.Count == MostHeld) Spill();
    }

    public override void Complete()
    {
        PrintRow([.. _columns.Titles.Select(static title => (Value)title)]);
        if (_spill is not null)
        {
            _spill.Flush();
            _spill.BaseStream.Position = 0;
            using var reader = new StreamReader(_spill.BaseStream, leaveOpen: true);
            while (reader.ReadLine() is { } line) Print(RecordJson.Parse(line), Marks(reader.ReadLine()!));
        }

        foreach (var (record, marks) in _held) Print(record, marks);
    }

    public override void Dispose()
    {
        _spill?.Dispose();
        base.Dispose();
    }

    private void Spill()
    {
        _spill ??= new StreamWriter(new FileStream(Path.GetTempFileName(), FileMode.Open, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.DeleteOnClose));
        foreach (var (record, marks) in _held)
        {
            _spill.WriteLine(RecordJson.ToText(record));
            _spill.WriteLine(marks.Count == 0 ? "" : RecordJson.ToText(new Record(ValueMap.From(marks.Select(static mark => KeyValuePair.Create(mark.Name, mark.Value))))));
        }

        _held.Clear();
    }

    private void Print(Record record, IReadOnlyList<Mark> marks) => PrintRow(_columns.Row(record, marks));

    private static List<Mark> Marks(string line) => line.Length == 0 ? [] : [.. RecordJson.Parse(line).Fields.Select(static field => new Mark(field.Key, field.Value))];

    private void PrintRow(Value[] row)
    {
        for (var i = 0; i < row.Length; i++)
        {
            if (i > 0) output.Write(',');
            PrintCell(CellText.Of(row[i]), isEmptyText: row[i] == "");
        }

        output.Write("\r\n");
    }

    private void PrintCell(string text, bool isEmptyText)
    {
        var needsQuotes = isEmptyText || text.AsSpan().ContainsAny(NeedQuotes) || text.StartsWith(' ') || text.EndsWith(' ');
        output.Write(needsQuotes ? $"\"{text.Replace("\"", "\"\"")}\"" : text);
    }
}
