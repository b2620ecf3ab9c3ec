using System.Runtime.InteropServices;
using System.Text;
using Basalt.Engine.Terms;
using Basalt.Vectors;

namespace Basalt.Fuzz;

/// <summary>A full-text section is searched in the very bytes that it was given, so no bytes may lead a search out of them.</summary>
public sealed unsafe class TextSectionTarget : FuzzTarget
{
    private static readonly TextQuery[] Queries = [.. new[] { "a", "b* c", "\"a b\"", "+ab~ -c", "abc~2", "\"c d*\"" }.Select(static text => TextQuery.Parse(text))];

    protected override IReadOnlyList<byte[]> Seeds { get; } = [Section(["a b", "b a", "", "abc a a"]), Section([.. Enumerable.Range(0, 150).Select(static i => $"a b{i % 40}")]), Section([])];

    protected override void Decode(byte[] input)
    {
        if (input.Length % 8 != 0) input = Framed(input);
        // Memory that ends with the bytes; the allocator's own checks see what is touched behind.
        var memory = (byte*)NativeMemory.Alloc((nuint)Math.Max(1, input.Length));
        try
        {
            input.CopyTo(new Span<byte>(memory, input.Length));
            var section = new TextSection(memory, input.Length);
            foreach (var query in Queries)
            {
                var search = new TextSearch(query, [section], new TextSearchOptions { MostTermsPerWord = 8 });
                Assert.All(search.Top(4).Hits, hit => Assert.InRange(hit.Ordinal, 0, section.Entries - 1));
                search.Match(0, new OrdinalSet(section.Entries));
            }
        }
        finally
        {
            NativeMemory.Free(memory);
        }
    }

    protected override bool IsRefusal(Exception exception) => exception is InvalidDataException;

    // A change of length breaks the frame, and nothing behind it would ever be looked at. So most inputs get the frame, and the length, of a seed.
    private byte[] Framed(byte[] input)
    {
        var seed = Seeds.MinBy(seed => Math.Abs(seed.Length - input.Length))!;
        var framed = (byte[])seed.Clone();
        var end = Math.Min(seed.Length - 48, input.Length);
        if (end > 8) input.AsSpan(8, end - 8).CopyTo(framed.AsSpan(8));
        return framed;
    }

    private static byte[] Section(string[] texts)
    {
        var builder = new TextBuilder();
        for (var i = 0; i < texts.Length; i++) builder.Add(i, texts[i]);
        using var stream = new MemoryStream();
        builder.Finish(stream.Write, texts.Length);
        return stream.ToArray();
    }
}

public sealed class TextQueryTarget : FuzzTarget
{
    private static readonly TextQueryOptions Forgiving = new() { MostTypos = 2 };

    protected override IReadOnlyList<string> Corpus => ["+one -two \"three four\" fi* si~2", "wi-fi~ 東京 \"new yo*\" - x", "-a b +\"c\""];

    protected override IReadOnlyList<string> Tokens => ["+", "-", "\"", "*", "~", "~2", "~9", " ", "\ud83d\ude00", "é", "東", "'", "."];

    protected override void Decode(byte[] input)
    {
        var text = Encoding.UTF8.GetString(input);
        var query = TextQuery.Parse(text, Forgiving);
        Assert.All(query.Clauses, static clause => Assert.NotEmpty(clause.Words));
        Assert.All(TextHighlight.Of(query, text), span => Assert.InRange(span.Start + span.Length, span.Start + 1, text.Length));
    }

    protected override bool IsRefusal(Exception exception) => exception is BasaltException { Code: ErrorCode.InvalidQuery };
}
