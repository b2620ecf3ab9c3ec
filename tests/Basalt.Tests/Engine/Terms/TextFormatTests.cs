using System.Runtime.InteropServices;
using Basalt.Engine.Terms;

namespace Basalt.Tests.Engine.Terms;

/// <summary>A section is what the document says, and bytes that are none are refused. <c>BASALT_REWRITE=1</c> writes the document's example anew.</summary>
public sealed class TextFormatTests
{
    [Fact]
    public void The_example_of_the_document_is_written_and_read()
    {
        var builder = new TextBuilder();
        builder.Add(0, "Old fox");
        builder.Add(2, "The fox: trot, fox!");
        builder.Add(3, "Über");
        builder.Add(3, "old");
        var written = Written(builder, 4);
        var lines = written.Chunk(16).Select(static (chunk, i) => $"{i * 16:x4}  {string.Join(' ', chunk.Select(static b => $"{b:x2}"))}");
        var text = Repository.Read("docs", "formats", "terms.md");
        const string Open = "```hex\n";
        var from = text.IndexOf(Open, StringComparison.Ordinal) + Open.Length;
        var to = text.IndexOf("```", from, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("BASALT_REWRITE") == "1")
        {
            text = text[..from] + string.Join('\n', lines) + "\n" + text[to..];
            File.WriteAllText(Repository.Path("docs", "formats", "terms.md"), text);
            to = text.IndexOf("```", from, StringComparison.Ordinal);
        }

        var shown = Convert.FromHexString(string.Concat(text[from..to].Split('\n').Where(static line => line.Length > 6).Select(static line => line[6..].Replace(" ", ""))));
        Assert.Equal(Convert.ToHexString(written), Convert.ToHexString(shown));
        Opened(shown, static section =>
        {
            Assert.Equal((4, 3, 5, 8L), (section.Entries, section.Documents, section.Terms, section.TotalLength));
            Assert.Equal([2, 0], new TextSearch(TextQuery.Parse("fox"), [section]).Top(9).Hits.Select(static hit => hit.Ordinal));
            Assert.Equal([3, 0], new TextSearch(TextQuery.Parse("\"old fox\" uber"), [section]).Top(9).Hits.Select(static hit => hit.Ordinal).OrderDescending());
            Assert.Empty(new TextSearch(TextQuery.Parse("\"uber old\""), [section]).Top(9).Hits);
        });
    }

    [Fact]
    public void Bytes_that_are_no_section_are_refused_by_name()
    {
        var bytes = Sample();
        foreach (var length in new[] { 0, 7, 55, bytes.Length - 1 }) Refused(bytes[..length], "full-text index");
        Refused([.. "XXXX"u8, .. bytes[4..]], "BSTX");
        Refused(With(bytes, 4, 2), "format version 2");
        Refused(With(bytes, 6, 9), "version 9 of the analysis");
        Refused([.. bytes[..^48], 0, .. bytes[^48..]], "lengths");
        for (var at = bytes.Length - 48; at < bytes.Length - 8; at += 4) Refused(With(bytes, at + 3, 0x80), "full-text index");
    }

    [Fact]
    public void Damage_is_found_when_it_is_met_and_leads_nowhere()
    {
        var seed = Seeds.Next();
        var random = new Random(seed);
        var bytes = Sample();
        var refused = 0;
        for (var run = 0; run < 3_000; run++)
        {
            var damaged = (byte[])bytes.Clone();
            for (var i = random.Next(1, 4); i > 0; i--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                Opened(damaged, static section =>
                {
                    foreach (var text in new[] { "a", "\"a b\"", "b* -c", "abc~2", "+ab +b3" }) new TextSearch(TextQuery.Parse(text), [section]).Top(10);
                });
            }
            catch (InvalidDataException)
            {
                refused++;
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, run {run}: {e}");
            }
        }

        Assert.InRange(refused, 1, 2_999);
    }

    [Fact]
    public void Ordinals_ascend_and_the_table_has_them_all()
    {
        var builder = new TextBuilder();
        builder.Add(5, "a");
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Add(4, "a"));
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Finish(static _ => { }, 5));
        Assert.Equal(1, TextSection.Of(builder, 6).Documents);
    }

    [Fact]
    public void What_a_builder_holds_is_near_what_it_says()
    {
        var random = new Random(3);
        var builder = new TextBuilder();
        var occurrences = 0L;
        for (var i = 0; i < 20_000; i++)
        {
            var text = string.Join(' ', Enumerable.Range(0, 30).Select(_ => $"w{(int)Math.Pow(20_000, random.NextDouble())}"));
            builder.Add(i, text);
            occurrences += 30;
        }

        Assert.InRange(builder.Bytes, occurrences * 2, occurrences * 6 + 20_000L * (130 + 30) + 20_000 * 4 + (4 << 20));
    }

    private static byte[] Sample() => Written(Filled(), 400);

    private static TextBuilder Filled()
    {
        var builder = new TextBuilder();
        for (var i = 0; i < 400; i++) builder.Add(i, $"a b b{i % 50} abc{(i % 7 == 0 ? " c a b" : "")}");
        return builder;
    }

    private static byte[] Written(TextBuilder builder, int entries)
    {
        using var stream = new MemoryStream();
        builder.Finish(stream.Write, entries);
        return stream.ToArray();
    }

    private static byte[] With(byte[] bytes, int at, byte value)
    {
        var changed = (byte[])bytes.Clone();
        changed[at] = value;
        return changed;
    }

    private static void Refused(byte[] bytes, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Opened(bytes, static _ => { })).Message, StringComparison.Ordinal);

    // Memory that ends where the bytes end.
    private static unsafe void Opened(byte[] bytes, Action<TextSection> use)
    {
        var memory = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, bytes.Length));
        try
        {
            bytes.CopyTo(new Span<byte>(memory, bytes.Length));
            use(new TextSection(memory, bytes.Length));
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }
}
