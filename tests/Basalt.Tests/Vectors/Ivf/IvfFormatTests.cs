using System.Buffers.Binary;
using Basalt.Vectors;
using Basalt.Vectors.Ivf;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Tests.Vectors.Ivf;

/// <summary>An inverted file that was written is searched where it lies, with the same answers. <c>BASALT_REWRITE=1</c> writes the document's example anew.</summary>
public sealed unsafe class IvfFormatTests
{
    private const int Count = 4_000;

    [Theory]
    [MemberData(nameof(IvfPqIndexTests.Kinds), MemberType = typeof(IvfPqIndexTests))]
    public void What_was_written_answers_like_what_was_built(Metric metric, IvfCode code)
    {
        using var sample = new IvfSample(metric, code);
        for (var i = 0; i < Count; i += 7) sample.Remove(i);
        var bytes = sample.Bytes();
        using var opened = new MappedIvf(bytes, sample.Rows);
        Assert.Equal(sample.Index.Count, opened.Index.Count);
        var set = new OrdinalSet(Count);
        for (var i = 0; i < Count; i += 3) set.Add(i);
        foreach (var options in new[] { default, new SearchOptions { Effort = 5, Rescore = 77 }, new SearchOptions { Exact = true }, new SearchOptions { Filter = set } })
        foreach (var query in sample.Queries[..20])
        {
            Assert.Equal(sample.Search(query, 10, options), IvfSample.Search(opened.Index, query, 10, options));
            var (one, other) = (new List<Neighbour>(), new List<Neighbour>());
            sample.Index.SearchWithin(query, sample.Exact(query, 30, default)[^1].Distance, one, options, out _);
            opened.Index.SearchWithin(query, sample.Exact(query, 30, default)[^1].Distance, other, options, out _);
            Assert.Equal(one, other);
        }

        using var again = new MemoryStream();
        opened.Index.Write(again);
        Assert.Equal(bytes, again.ToArray());
        Assert.Throws<InvalidOperationException>(() => opened.Index.Add(sample.Queries[0]));
        Assert.Throws<InvalidOperationException>(() => opened.Index.Add(sample.Rows));
        Assert.True(opened.Index.Remove(1));
        Assert.Equal(sample.Index.Count - 1, opened.Index.Count);
    }

    [Fact]
    public void Codes_of_removed_vectors_are_not_written()
    {
        using var sample = new IvfSample(Metric.L2, IvfCode.Product8);
        var before = sample.Bytes().Length;
        for (var i = 0; i < Count; i++)
            if (i % 10 != 0) sample.Remove(i);
        // A block of 64 rows takes 1,024 bytes; 63 blocks at least become 32 at most, or as many as there are lists.
        Assert.InRange(before - sample.Bytes().Length, 31 * 1_024, 95 * 1_024);
    }

    [Theory]
    [InlineData(RotationKind.None)]
    [InlineData(RotationKind.Spread)]
    [InlineData(RotationKind.Principal)]
    public void Every_rotation_is_written(RotationKind rotation)
    {
        using var sample = new IvfSample(Metric.L2, IvfCode.Product4, rotation: rotation);
        using var opened = new MappedIvf(sample.Bytes(), sample.Rows);
        foreach (var query in sample.Queries) Assert.Equal(sample.Search(query, 10, default), IvfSample.Search(opened.Index, query, 10, default));
    }

    [Fact]
    public void An_index_over_rows_of_somebody_else_writes_the_same_bytes()
    {
        using var sample = new IvfSample(Metric.L2, IvfCode.Product4);
        using var built = IvfPqIndex.Build(sample.Rows, new IvfPqOptions { Lists = 32, Subspaces = 8, Seed = 3 });
        using var stream = new MemoryStream();
        built.Write(stream);
        Assert.Equal(sample.Bytes(), stream.ToArray());
        foreach (var query in sample.Queries) Assert.Equal(sample.Search(query, 10, default), IvfSample.Search(built, query, 10, default));
        Assert.Throws<InvalidOperationException>(() => built.Add(sample.Queries[0]));
    }

    [Fact]
    public void The_example_of_the_document_is_written_and_read()
    {
        float[][] vectors = [.. Enumerable.Range(0, 18).Select(static i => (float[])[3 * (i % 3), 4 * (i % 3)])];
        using var rows = MixtureSamples.BufferOf(vectors);
        using var index = IvfPqIndex.Build(rows.Rows, new IvfPqOptions { Lists = 2, Code = IvfCode.Bit, Seed = 5, Iterations = 0 });
        index.Remove(1);
        using var stream = new MemoryStream();
        index.Write(stream);
        var written = stream.ToArray();
        var lines = written.Chunk(16).Select(static (chunk, i) => $"{i * 16:x4}  {string.Join(' ', chunk.Select(static b => $"{b:x2}"))}");
        var text = Repository.Read("docs", "formats", "ivfpq.md");
        const string Open = "```hex\n";
        var from = text.IndexOf(Open, StringComparison.Ordinal) + Open.Length;
        var to = text.IndexOf("```", from, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("BASALT_REWRITE") == "1")
        {
            text = text[..from] + string.Join('\n', lines) + "\n" + text[to..];
            File.WriteAllText(Repository.Path("docs", "formats", "ivfpq.md"), text);
            to = text.IndexOf("```", from, StringComparison.Ordinal);
        }

        var shown = Convert.FromHexString(string.Concat(text[from..to].Split('\n').Where(static line => line.Length > 6).Select(static line => line[6..].Replace(" ", ""))));
        Assert.Equal(Convert.ToHexString(written), Convert.ToHexString(shown));
        using var opened = new MappedIvf(shown, rows.Rows);
        Assert.Equal([new Neighbour(4, 0), new Neighbour(7, 0)], IvfSample.Search(opened.Index, [3, 4], 2, default));
        Assert.Equal(17, opened.Index.Count);
    }

    [Fact]
    public void Bytes_that_are_no_index_are_refused_by_name()
    {
        using var sample = new IvfSample(Metric.L2, IvfCode.Product4, count: 300);
        var bytes = sample.Bytes();
        foreach (var length in new[] { 0, 1, 127, 128, bytes.Length - 1, bytes.Length - 64 }) Refused(bytes[..length], "");
        Refused([.. bytes, 0], "bytes, its header speaks of");
        for (var i = 0; i < 128 * 8; i++)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[i / 8] ^= (byte)(1 << (i % 8));
            Refused(flipped, "");
        }

        Refused(Changed(bytes, 8, 2), "format version 2");
        Refused(Changed(bytes, 16, (int)Metric.Hamming), "takes L2, cosine or dot");
        Refused(Changed(bytes, 20, 4), "element type");
        Refused(Changed(bytes, 24, 5), "no code");
        Refused(Changed(bytes, 28, 3), "rotation");
        Refused(Changed(bytes, 32, 0), "elements");
        Refused(Changed(bytes, 36, int.MaxValue), "lists");
        Refused(Changed(bytes, 40, 513), "subspaces");
        Refused(Changed(bytes, 44, 0), "probes");
        Refused(Changed(bytes, 48, -1), "0 or more");
        Refused(Changed(bytes, 52, -1), "vectors");
        Refused(Changed(bytes, 124, 1), "zeros belong");
        var nan = (byte[])bytes.Clone();
        BinaryPrimitives.WriteSingleLittleEndian(nan.AsSpan(128), float.NaN);
        Refused(nan, "trained numbers");
        using var other = new VectorBuffer(ElementType.Float32, 5, 1);
        other.Next();
        other.Publish();
        Assert.Contains("are not the", Assert.Throws<ArgumentException>(() => new MappedIvf(bytes, other.Rows)).Message);
        fixed (byte* first = new byte[256])
        {
            var odd = (byte*)((nuint)first / 64 * 64 + 65);
            Assert.Throws<ArgumentException>(() => IvfPqIndex.Open(odd, 1));
        }
    }

    private static byte[] Changed(byte[] bytes, int at, int value)
    {
        var changed = (byte[])bytes.Clone();
        BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(at), value);
        BinaryPrimitives.WriteUInt32LittleEndian(changed.AsSpan(12), IvfFormat.Checksum(changed));
        return changed;
    }

    private static void Refused(byte[] bytes, string because) => Assert.Contains(because, Assert.Throws<InvalidDataException>(() => new MappedIvf(bytes)).Message);
}
