using System.Buffers.Binary;
using Basalt.Conformance;
using Basalt.Engine.Scalars;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Vectors;

namespace Basalt.Tests.Engine.Scalars;

/// <summary>The bytes of a section. <c>BASALT_REWRITE=1</c> writes the document's example anew.</summary>
public sealed class ScalarFormatTests
{
    private static readonly Value[] Example = [.. Enumerable.Range(0, 12).Select(static i => i % 4 == 3 ? Value.Null : i % 4 == 2 ? (Value)(i * 0.5) : i < 6 ? "Drama" : "Dramedy"), 9007199254740993L, true];

    [Fact]
    public void The_example_of_the_document_is_written_and_read()
    {
        var written = ScalarSample.Write(Example);
        var lines = written.Chunk(16).Select(static (chunk, i) => $"{i * 16:x4}  {string.Join(' ', chunk.Select(static b => $"{b:x2}"))}");
        var text = Repository.Read("docs", "formats", "scalar.md");
        const string Open = "```hex\n";
        var from = text.IndexOf(Open, StringComparison.Ordinal) + Open.Length;
        var to = text.IndexOf("```", from, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("BASALT_REWRITE") == "1")
        {
            text = text[..from] + string.Join('\n', lines) + "\n" + text[to..];
            File.WriteAllText(Repository.Path("docs", "formats", "scalar.md"), text);
            to = text.IndexOf("```", from, StringComparison.Ordinal);
        }

        var shown = Convert.FromHexString(string.Concat(text[from..to].Split('\n').Where(static line => line.Length > 6).Select(static line => line[6..].Replace(" ", ""))));
        Assert.Equal(Convert.ToHexString(written), Convert.ToHexString(shown));
        using var sample = new ScalarSample(shown, Example.Length);
        var found = new OrdinalSet(Example.Length);
        Assert.Null(sample.Section.Find(new CompareFilter("f", Comparison.Equal, "Drama"), found));
        Assert.Equal([0, 1, 4, 5], ScalarSample.Walk(found));
        Assert.Equal((Example.Length, 11, 7), (sample.Section.Entries, sample.Section.NonNull, sample.Section.Distinct));
    }

    [Fact]
    public void Bytes_that_are_no_section_are_refused_by_name()
    {
        var bytes = ScalarSample.Write(Example);
        var footer = bytes.Length - ScalarFormat.FooterBytes;
        foreach (var length in new[] { 0, 1, 8, 39, 40, bytes.Length - 1 }) Refused(bytes[..length], "");
        Refused([.. bytes, 0], "");
        Refused(Changed(bytes, 0, 7), "first bytes");
        Refused(Changed(bytes, 4, 2), "format version 2");
        Refused(Changed(bytes, 4, 0), "header");
        Refused(Changed(bytes, footer, bytes.Length), "do not fit");
        Refused(Changed(bytes, footer + 8, 8), "do not fit");
        Refused(Changed(bytes, footer + 16, -1), "cannot be");
        Refused(Changed(bytes, footer + 20, Example.Length + 1), "cannot be");
        Refused(Changed(bytes, footer + 24, 12), "cannot be");
        Refused(Changed(bytes, footer + 28, 8), "cannot be");
        Assert.Contains("its table of 3", Assert.Throws<InvalidDataException>(() => new ScalarSample(bytes, 3)).Message);
    }

    [Fact]
    public void Any_damage_is_refused_or_answered_but_never_worse()
    {
        var random = new Random(Generator.SeedOfRun);
        Value[] values = [.. Enumerable.Range(0, 300).Select(i => i % 7 == 0 ? Value.Null : i % 3 == 0 ? (Value)$"text {i % 50}" : i % 5 == 0 ? (Value)(i % 2 == 0) : random.Next(40)), .. ScalarSample.LongValues];
        var bytes = ScalarSample.Write(values);
        var refused = 0;
        for (var i = 0; i < 4_000; i++)
        {
            var damaged = (byte[])bytes.Clone();
            // The ends matter most, and are the smallest part.
            var at = random.Next(3) == 0 ? bytes.Length - 1 - random.Next(200) : random.Next(bytes.Length);
            damaged[at] ^= (byte)(1 << random.Next(8));
            try
            {
                using var sample = new ScalarSample(damaged, values.Length);
                Use(sample.Section);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 3_999);
    }

    private static void Use(ScalarSection section)
    {
        section.TryGetMin(out _);
        section.TryGetMax(out _);
        foreach (var text in new[] { "f is null", "f is not null", "f > 3", "f != 'text 5'", "f like '%5'", "f in (1, 2, 'text 9', true)", "f between 2 and 30", "f has 1", "f ilike 'TEXT%'" })
        {
            var leaf = (LeafFilter)Filter.Parse(text);
            section.Find(leaf, new OrdinalSet(section.Entries));
            section.Estimate(leaf);
        }

        foreach (var descending in new[] { false, true })
        {
            var cursor = section.Walk(descending);
            while (cursor.Read())
                if (!cursor.IsCut) _ = cursor.Value;
        }
    }

    private static byte[] Changed(byte[] bytes, int at, int value)
    {
        var changed = (byte[])bytes.Clone();
        BinaryPrimitives.WriteInt32LittleEndian(changed.AsSpan(at), value);
        return changed;
    }

    private static void Refused(byte[] bytes, string because) => Assert.Contains(because, Assert.Throws<InvalidDataException>(() => new ScalarSample(bytes, Example.Length)).Message);
}
