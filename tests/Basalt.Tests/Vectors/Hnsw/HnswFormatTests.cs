using System.Buffers.Binary;
using Basalt.Vectors;
using Basalt.Vectors.Hnsw;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Vectors.Hnsw;

/// <summary>An index that was written is searched where it lies, with the same answers, whatever its bytes are. <c>BASALT_REWRITE=1</c> writes the document's example anew.</summary>
public sealed class HnswFormatTests
{
    [Theory]
    [InlineData(Metric.L2, ElementType.Float32, HnswCodes.None, 33)]
    [InlineData(Metric.L2, ElementType.Float32, HnswCodes.None, 70)]
    [InlineData(Metric.Dot, ElementType.Float32, HnswCodes.Int8, 130)]
    [InlineData(Metric.Cosine, ElementType.Float32, HnswCodes.Int8, 33)]
    [InlineData(Metric.L2, ElementType.Float16, HnswCodes.None, 33)]
    [InlineData(Metric.Hamming, ElementType.Bit, HnswCodes.None, 33)]
    public void What_was_written_answers_like_what_was_built(Metric metric, ElementType type, HnswCodes codes, int dimension)
    {
        using var data = new Clusters(1_500, dimension, metric, type);
        using var index = HnswIndex.Build(data.Rows, metric, new HnswOptions { Codes = codes, RepairAt = 1 });
        for (var i = 0; i < 1_500; i += 10) index.Remove(i);
        var bytes = Clusters.Written(index);
        using var opened = new MappedIndex(bytes, data.Rows);
        opened.Index.Verify();
        Assert.Equal((1_350, 150, 1_500), (opened.Index.Count, opened.Index.Removed, opened.Index.OrdinalCount));
        var set = new OrdinalSet(1_500);
        for (var i = 0; i < 1_500; i += 3) set.Add(i);
        foreach (var options in new[] { default, new SearchOptions { Exact = true }, new SearchOptions { Filter = set } })
        foreach (var query in data.Queries)
            Assert.Equal(HnswSearchTests.Found(index, query, 10, options), HnswSearchTests.Found(opened.Index, query, 10, options));
        Assert.Equal(bytes, Clusters.Written(opened.Index));
        Assert.False(opened.Index.CanChange);
        Assert.Throws<InvalidOperationException>(() => opened.Index.Add(data.Vectors[0]));
        Assert.Throws<InvalidOperationException>(() => opened.Index.Remove(1));
        Assert.Throws<InvalidOperationException>(opened.Index.Repair);
    }

    [Fact]
    public void The_example_of_the_document_is_written_and_read()
    {
        using var rows = new VectorBuffer(ElementType.Float32, 2);
        foreach (var (x, y) in new[] { (0f, 0f), (3f, 4f), (6f, 8f) }) HnswBuildTests.AddRow(rows, [x, y]);
        using var index = HnswIndex.Build(rows.Rows, Metric.L2, new HnswOptions { M = 2, EfConstruction = 10, Ef = 10, Codes = HnswCodes.Int8, Seed = 5 });
        var written = Clusters.Written(index);
        var lines = written.Chunk(16).Select(static (chunk, i) => $"{i * 16:x4}  {string.Join(' ', chunk.Select(static b => $"{b:x2}"))}");
        var text = Repository.Read("docs", "formats", "hnsw.md");
        const string Open = "```hex\n";
        var from = text.IndexOf(Open, StringComparison.Ordinal) + Open.Length;
        var to = text.IndexOf("```", from, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("BASALT_REWRITE") == "1")
        {
            text = text[..from] + string.Join('\n', lines) + "\n" + text[to..];
            File.WriteAllText(Repository.Path("docs", "formats", "hnsw.md"), text);
            to = text.IndexOf("```", from, StringComparison.Ordinal);
        }

        var shown = Convert.FromHexString(string.Concat(text[from..to].Split('\n').Where(static line => line.Length > 6).Select(static line => line[6..].Replace(" ", ""))));
        Assert.Equal(Convert.ToHexString(written), Convert.ToHexString(shown));
        using var opened = new MappedIndex(shown, rows.Rows);
        Assert.Equal([new Neighbour(1, 0), new Neighbour(0, 5), new Neighbour(2, 5)], HnswSearchTests.Found(opened.Index, [3, 4], 3, default));
    }

    [Fact]
    public void An_index_of_version_1_is_read()
    {
        var bytes = File.ReadAllBytes(Repository.Path("tests", "Basalt.Tests", "Vectors", "Hnsw", "Fixtures", "version-1.hnsw"));
        Assert.Equal(1, BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(8)));
        using var rows = new VectorBuffer(ElementType.Float32, 2);
        foreach (var (x, y) in new[] { (0f, 0f), (3f, 4f), (6f, 8f) }) HnswBuildTests.AddRow(rows, [x, y]);
        using var opened = new MappedIndex(bytes, rows.Rows);
        opened.Index.Verify();
        Assert.False(opened.Index.Options.Sketches);
        Assert.Equal([new Neighbour(1, 0), new Neighbour(0, 5), new Neighbour(2, 5)], HnswSearchTests.Found(opened.Index, [3, 4], 3, default));
    }

    [Fact]
    public void Bytes_that_are_no_index_are_refused_by_name()
    {
        using var data = new Clusters(100, 5, Metric.L2);
        using var index = HnswIndex.Build(data.Rows, Metric.L2);
        var bytes = Clusters.Written(index);
        foreach (var length in new[] { 0, 1, 127, 128, bytes.Length - 1, bytes.Length - 64 }) Refused(bytes[..length], "");
        Refused([.. bytes, 0], "bytes and should have");
        for (var i = 0; i < 128 * 8; i++)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[i / 8] ^= (byte)(1 << (i % 8));
            Refused(flipped, "");
        }

        var newer = (byte[])bytes.Clone();
        BinaryPrimitives.WriteInt32LittleEndian(newer.AsSpan(8), 3);
        Refused(newer, "format version 3");
        using var coded = HnswIndex.Build(data.Rows, Metric.L2, new HnswOptions { Codes = HnswCodes.Int8 });
        Assert.Throws<ArgumentException>(() => new MappedIndex(Clusters.Written(coded)).Dispose());
    }

    [Fact]
    public void Damage_behind_the_header_is_found_by_looking_for_it()
    {
        using var data = new Clusters(200, 4, Metric.L2);
        using var index = HnswIndex.Build(data.Rows, Metric.L2, new HnswOptions { M = 4 });
        var bytes = Clusters.Written(index);
        var rows = 200 * 64;
        foreach (var (at, value) in new[] { (128 + rows, 0x0012_3456), (128 + rows + 200 * 32, 1 << 20), (128 + rows + 4, -1) })
        {
            var damaged = (byte[])bytes.Clone();
            BinaryPrimitives.WriteInt32LittleEndian(damaged.AsSpan(at), value);
            using var opened = new MappedIndex(damaged);
            var thrown = Xunit.Record.Exception(opened.Index.Verify);
            Assert.True(thrown is InvalidDataException || damaged.AsSpan().SequenceEqual(bytes), $"{at}");
            // A search stays inside in any case.
            Assert.NotNull(HnswSearchTests.Found(opened.Index, data.Queries[0], 10, default));
        }
    }

    private static void Refused(byte[] bytes, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => new MappedIndex(bytes).Dispose()).Message, StringComparison.Ordinal);
}
