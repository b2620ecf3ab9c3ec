using Basalt.PointClouds;
using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Columns;

namespace Basalt.Tests.PointClouds;

/// <summary>The bytes of docs/formats/points.md. <c>BASALT_REWRITE=1</c> writes the document's example anew.</summary>
public sealed class FormatDocumentTests
{
    [Fact]
    public void The_example_of_the_document_is_written_and_read()
    {
        var schema = new PointSchema { Attributes = [new("id", ColumnType.UInt64)] };
        var rows = new PointRows(3, 1, 3) { Count = 3 };
        long[][] points = [[1, 2, 3], [1, 2, 4], [-1, 2, 3]];
        for (var i = 0; i < 3; i++)
        for (var axis = 0; axis < 3; axis++)
            rows.Cells[axis][i] = schema.Lattice.CellOf((ulong)points[i][axis]);
        (rows.Attributes[0][0], rows.Attributes[0][1], rows.Attributes[0][2], rows.Blocks[2]) = (17, 18, 17, 1);
        var sample = new ChunkSample(schema, rows, [new Segment(7, 0, 2), new Segment(9, 2, 1)], ["a", "b"]);
        var written = new ChunkWriter(schema).Write(sample.Rows, sample.Segments, sample.Blocks)!;
        var lines = written.Chunk(16).Select(static (chunk, i) => $"{i * 16:x4}  {string.Join(' ', chunk.Select(static b => $"{b:x2}"))}");
        var text = Repository.Read("docs", "formats", "points.md");
        const string Open = "```hex\n";
        var from = text.IndexOf(Open, StringComparison.Ordinal) + Open.Length;
        var to = text.IndexOf("```", from, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("BASALT_REWRITE") == "1")
        {
            text = text[..from] + string.Join('\n', lines) + "\n" + text[to..];
            File.WriteAllText(Repository.Path("docs", "formats", "points.md"), text);
            to = text.IndexOf("```", from, StringComparison.Ordinal);
        }

        var shown = Convert.FromHexString(string.Concat(text[from..to].Split('\n').Where(static line => line.Length > 6).Select(static line => line[6..].Replace(" ", ""))));
        Assert.Equal(Convert.ToHexString(written), Convert.ToHexString(shown));
        sample.AssertEqual(Chunk.Open(shown, schema));
    }
}
