using System.Text;
using Basalt.Filters;
using Basalt.Records;
using Spectre.Console.Rendering;

namespace Basalt.Cli.Output;

/// <summary>
/// Prints records as aligned columns, numbers to the right. Records are laid out in blocks, each with its header, so that any number of them
/// prints in bounded memory. Only here are long cells cut, which <c>…</c> shows.
/// </summary>
internal sealed class TableWriter(TextWriter output, IReadOnlyList<FieldPath>? fields, bool withId = true) : RecordWriter
{
    private const int BlockSize = 1_000;
    private const int WidestCell = 48;
    private readonly List<(Record Record, IReadOnlyList<Mark> Marks)> _block = [];
    private bool _hasPrinted;

    public override void Write(Record record, IReadOnlyList<Mark> marks)
    {
        _block.Add((record, marks));
        if (_block.Count == BlockSize) PrintBlock();
    }

    public override void Complete()
    {
        if (_block.Count > 0) PrintBlock();
    }

    private void PrintBlock()
    {
        var columns = new Columns(fields, withId);
        foreach (var (record, marks) in _block) columns.Observe(record, marks);
        var titles = columns.Titles.Select(Fit).ToArray();
        var rows = _block.ConvertAll(row => columns.Row(row.Record, row.Marks));
        var cells = rows.ConvertAll(static row => Array.ConvertAll(row, static value => Fit(CellText.Of(value))));
        var widths = titles.Select((title, i) => cells.Max(row => Math.Max(Width(row[i]), Width(title)))).ToArray();
        var isRight = titles.Select((_, i) => IsNumeric(rows, i)).ToArray();

        if (_hasPrinted) output.Write('\n');
        _hasPrinted = true;
        PrintRow(titles, widths, isRight);
        PrintRow([.. widths.Select(static width => new string('-', width))], widths, isRight);
        foreach (var row in cells) PrintRow(row, widths, isRight);
        _block.Clear();
    }

    private static bool IsNumeric(List<Value[]> rows, int column)
    {
        var hasNumber = false;
        foreach (var row in rows)
        {
            var value = row[column];
            if (value is { IsNull: false, IsNumber: false }) return false;
            hasNumber |= value.IsNumber;
        }

        return hasNumber;
    }

    private void PrintRow(string[] cells, int[] widths, bool[] isRight)
    {
        var line = new StringBuilder();
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0) line.Append("  ");
            var padding = widths[i] - Width(cells[i]);
            if (isRight[i]) line.Append(' ', padding);
            line.Append(cells[i]);
            if (!isRight[i]) line.Append(' ', padding);
        }

        output.Write(line.ToString().TrimEnd());
        output.Write('\n');
    }

    private static string Fit(string text)
    {
        text = Visible.Line(text);
        if (Width(text) <= WidestCell) return text;
        var cut = new StringBuilder();
        var width = 1;
        foreach (var rune in text.EnumerateRunes())
        {
            width += Width(rune.ToString());
            if (width > WidestCell) break;
            cut.Append(rune.ToString());
        }

        return cut.Append('…').ToString();
    }

    // Wide and combining characters take two cells and none.
    private static int Width(string text) => Ascii.IsValid(text) ? text.Length : new Segment(text).CellCount();
}
