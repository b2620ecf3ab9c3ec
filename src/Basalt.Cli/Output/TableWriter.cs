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
    private readonly List<Record> _block = [];
    private bool _hasPrinted;

    public override void Write(Record record)
    {
        _block.Add(record);
        if (_block.Count == BlockSize) PrintBlock();
    }

    public override void Complete()
    {
        if (_block.Count > 0) PrintBlock();
    }

    private void PrintBlock()
    {
        var columns = new Columns(fields, withId);
        foreach (var record in _block) columns.Observe(record);
        var titles = columns.Titles.Select(Fit).ToArray();
        var cells = _block.ConvertAll(record => columns.Paths.Select(path => Fit(CellText.Of(path.Resolve(record)))).ToArray());
        var widths = titles.Select((title, i) => cells.Max(row => Math.Max(Width(row[i]), Width(title)))).ToArray();
        var isRight = columns.Paths.Select(IsNumeric).ToArray();

        if (_hasPrinted) output.Write('\n');
        _hasPrinted = true;
        PrintRow(titles, widths, isRight);
        PrintRow([.. widths.Select(static width => new string('-', width))], widths, isRight);
        foreach (var row in cells) PrintRow(row, widths, isRight);
        _block.Clear();
    }

    private bool IsNumeric(FieldPath path)
    {
        var hasNumber = false;
        foreach (var record in _block)
        {
            var value = path.Resolve(record);
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
