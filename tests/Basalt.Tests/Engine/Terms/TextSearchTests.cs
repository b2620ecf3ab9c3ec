using System.Text;
using Basalt.Engine.Terms;
using Basalt.Vectors;

namespace Basalt.Tests.Engine.Terms;

/// <summary>Searches give what reading every text gives, wherever the texts are.</summary>
public sealed class TextSearchTests
{
    private static readonly string[] Queries =
        ["a", "ab", "a b", "+a b", "a -b", "+a +bc -cab", "\"a b\"", "\"a b a\"", "+\"b c\" a", "a -\"a b\"", "a*", "ab* c", "\"a b*\"", "abc~", "abca~2", "+ab~ bc~2", "a-b", "é", "zzz", "zzz a", "+zzz a", "a -zzz", "b~2 -a*", "\"a a\""];

    [Theory]
    [InlineData(40, 3)]
    [InlineData(600, 6)]
    [InlineData(9_000, 9)]
    public void A_search_finds_what_reading_everything_finds(int most, int words)
    {
        var seed = Seeds.Next();
        var random = new Random(seed);
        for (var run = 0; run < Math.Max(1, 2_000 / most); run++)
        {
            var documents = Documents(random, random.Next(most / 2, most), words);
            var oracle = new TextOracle(documents);
            var limit = random.Next(3) switch { 0 => 1, 1 => 5, _ => 64 };
            var (whole, parts) = (Split(documents, 1, random), Split(documents, random.Next(2, 6), random));
            foreach (var text in Queries)
            {
                var query = TextQuery.Parse(text);
                var expected = oracle.Search(query, limit);
                Check($"seed {seed}, {documents.Count} documents, {text}, {limit} terms", query, expected, whole, limit, random);
                Check($"seed {seed}, {documents.Count} documents in parts, {text}, {limit} terms", query, expected, parts, limit, random);
                // Not only nearly: to the last bit, in whatever sections they are.
                var options = new TextSearchOptions { MostTermsPerWord = limit };
                var (one, many) = (new TextSearch(query, Sections(whole), options), new TextSearch(query, Sections(parts), options));
                var (found, again) = (one.Top(50).Hits, many.Top(50).Hits);
                Assert.Equal(found.Select(static hit => (hit.Ordinal, hit.Score)), again.Select(hit => (hit.Ordinal + parts[hit.Section].First, hit.Score)));
                Assert.Equal(found.Select(hit => string.Join(' ', one.TermsOf(hit))), again.Select(hit => string.Join(' ', many.TermsOf(hit))));
                Assert.All(found, hit => Assert.NotEmpty(one.TermsOf(hit)));
            }
        }
    }

    [Fact]
    public void Prose_is_searched_as_by_reading_it()
    {
        var seed = Seeds.Next();
        var random = new Random(seed);
        // The documents of this house are prose enough: a line is a document.
        List<string[]> lines = [.. Directory.EnumerateFiles(Repository.Path("docs"), "*.md", SearchOption.AllDirectories).Order().Append(Repository.Path("README.md")).SelectMany(File.ReadLines).Select(static line => new[] { line })];
        Assert.True(lines.Count > 500);
        var (oracle, parts) = (new TextOracle(lines), Split(lines, 3, random));
        var words = lines.Select(static line => TextOracle.Words(line[0])).Where(static words => words.Count > 3).ToList();
        for (var i = 0; i < 60; i++)
        {
            var line = words[random.Next(words.Count)];
            var (at, other) = (random.Next(line.Count - 2), words[random.Next(words.Count)]);
            var text = (i % 6) switch
            {
                0 => $"{line[at]} {other[0]} {other[^1]}",
                1 => $"\"{line[at]} {line[at + 1]} {line[at + 2]}\"",
                2 => $"+{line[at]} -{other[1]} {line[at + 1]}",
                3 => $"{line[at]}* {other[2]}",
                4 => $"{line[at]}~{random.Next(3)} {other[0]}",
                _ => $"\"{line[at]} {line[at + 1][..1]}*\"",
            };
            // Surrogates are not cut, and a letter may be a mark without what is before it.
            if (text.Any(static c => c > '\x7f')) continue;
            var query = TextQuery.Parse(text);
            Check($"seed {seed}, {text}", query, oracle.Search(query, 64), parts, 64, random);
        }
    }

    [Fact]
    public void A_hit_says_by_which_terms_it_was_found()
    {
        var sections = Sections(Split([["the red fox"], ["a rad box, red and rod"], ["nothing here"]], 1, new Random(1)));
        var search = new TextSearch(TextQuery.Parse("red~ \"fox\" bo* -here"), sections);
        Assert.Equal(["0: red fox", "1: red rad rod box"], search.Top(5).Hits.OrderBy(static hit => hit.Ordinal).Select(hit => $"{hit.Ordinal}: {string.Join(' ', search.TermsOf(hit))}"));
    }

    [Fact]
    public void A_word_that_means_too_many_terms_is_told()
    {
        var sections = Sections(Split([[string.Join(' ', Enumerable.Range(0, 500).Select(static i => $"p{i}")) + " p"], ["p7 p8"], ["p7"]], 2, new Random(1)));
        var search = new TextSearch(TextQuery.Parse("p* q*"), sections, new TextSearchOptions { MostTermsPerWord = 3 });
        Assert.Equal(["p"], search.Cut);
        // The word itself, and the two that most have.
        Assert.Equal("p p7 p8", string.Join(' ', search.Top(3).Hits.SelectMany(hit => search.TermsOf(hit)).Distinct().Order()));
        Assert.Empty(new TextSearch(TextQuery.Parse("p7*"), sections, new TextSearchOptions { MostTermsPerWord = 200 }).Cut);
        Assert.Throws<ArgumentException>(() => new TextSearch(TextQuery.Parse("a"), sections, new TextSearchOptions { MostTermsPerWord = 0 }));
    }

    [Fact]
    public void Texts_of_any_shape_are_indexed()
    {
        var long1 = string.Concat(Enumerable.Repeat("word and ", 120_000));
        string[][] documents = [[""], [], ["..."], [long1], [new string('x', 100_000)], ["שלום עולם"], ["e\u0301"], ["\ud800"], ["a b", "c d", ""], ["東京都"]];
        var sections = Sections(Split([.. documents], 1, new Random(1)));
        foreach (var (query, expected) in new[]
                 {
                     ("word", "3"), ("\"and word\"", "3"), (new string('X', 100_000), "4"), (new string('x', 200) + "y", "4"), ("\"שלום עולם\"", "5"), ("É", "6"), ("\"b c\"", ""), ("\"c d\"", "8"), ("東京", "9"), ("京東", ""), ("", ""), ("...", ""),
                 })
            Assert.Equal(expected, string.Join(' ', new TextSearch(TextQuery.Parse(query), sections).Top(9).Hits.Select(static hit => hit.Ordinal)));
        Assert.Equal((240_000u, 6, 10), (sections[0].LengthOf(3), sections[0].Documents, sections[0].Entries));
    }

    [Fact]
    public void Cancellation_ends_a_search()
    {
        var sections = Sections(Split([.. Enumerable.Repeat(new[] { "a" }, 100)], 1, new Random(1)));
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(() => new TextSearch(TextQuery.Parse("a"), sections).Top(1, cancellationToken: cancelled.Token));
        Assert.Throws<OperationCanceledException>(() => new TextSearch(TextQuery.Parse("a*"), sections, cancellationToken: cancelled.Token));
    }

    internal static List<string[]> Documents(Random random, int count, int words)
    {
        var documents = new List<string[]>();
        for (var i = 0; i < count; i++)
        {
            documents.Add([.. Enumerable.Range(0, random.Next(10) switch { 0 => 0, 1 => 2, _ => 1 })
                .Select(_ => string.Join(random.Next(5) == 0 ? ", " : " ", Enumerable.Range(0, random.Next(words * 2)).Select(_ => Word(random))))]);
        }

        return documents;
    }

    internal static List<(TextSection Section, int First)> Split(List<string[]> documents, int parts, Random random)
    {
        var sections = new List<(TextSection, int)>();
        int[] cuts = [0, .. Enumerable.Range(1, parts - 1).Select(_ => random.Next(documents.Count + 1)).Order(), documents.Count];
        for (var part = 0; part < parts; part++)
        {
            var builder = new TextBuilder();
            for (var i = cuts[part]; i < cuts[part + 1]; i++)
                foreach (var text in documents[i]) builder.Add(i - cuts[part], text);
            sections.Add((TextSection.Of(builder, cuts[part + 1] - cuts[part]), cuts[part]));
        }

        return sections;
    }

    private static void Check(string what, TextQuery query, List<(int Document, double Score)> expected, List<(TextSection Section, int First)> parts, int limit, Random random)
    {
        var search = new TextSearch(query, Sections(parts), new TextSearchOptions { MostTermsPerWord = limit });
        var k = random.Next(4) == 0 ? 10_000 : random.Next(12);
        var answer = search.Top(k);
        Assert.True(expected.Count == answer.Matches, $"{what}: {answer.Matches} matches, and should be {expected.Count}");
        Compare(what, k, expected, answer, parts);

        // Only some are allowed.
        var allowed = parts.ConvertAll(part => random.Next(5) == 0 ? null : Some(random, part.Section.Entries));
        var kept = expected.Where(e => IsAllowed(allowed, parts, e.Document)).ToList();
        answer = search.Top(k, allowed);
        Assert.True(kept.Count == answer.Matches, $"{what}: {answer.Matches} allowed matches, and should be {kept.Count}");
        Compare(what, k, kept, answer, parts);

        var matching = new HashSet<int>();
        for (var i = 0; i < parts.Count; i++)
        {
            var set = new OrdinalSet(parts[i].Section.Entries);
            search.Match(i, set, allowed[i]);
            for (var ordinal = set.Next(0); ordinal >= 0; ordinal = ordinal + 1 < set.Capacity ? set.Next(ordinal + 1) : -1) matching.Add(parts[i].First + ordinal);
        }

        Assert.True(matching.SetEquals(kept.Select(static e => e.Document)), what);
    }

    private static void Compare(string what, int k, List<(int Document, double Score)> expected, TextAnswer answer, List<(TextSection Section, int First)> parts)
    {
        Assert.True(Math.Min(k, expected.Count) == answer.Hits.Count, what);
        var scores = expected.ToDictionary(static e => e.Document, static e => e.Score);
        for (var i = 0; i < answer.Hits.Count; i++)
        {
            var hit = answer.Hits[i];
            var document = parts[hit.Section].First + hit.Ordinal;
            Assert.True(scores.TryGetValue(document, out var score), $"{what}: {document} is no match");
            Assert.True(Math.Abs(score - hit.Score) < 1e-9 && Math.Abs(expected[i].Score - hit.Score) < 1e-9, $"{what}: {document} scores {hit.Score}, and should {score}; the {i}th best {expected[i].Score}");
            if (i > 0) Assert.True(answer.Hits[i - 1].Score > hit.Score || answer.Hits[i - 1].Score == hit.Score && (answer.Hits[i - 1].Section, answer.Hits[i - 1].Ordinal).CompareTo((hit.Section, hit.Ordinal)) < 0, what);
        }
    }

    private static bool IsAllowed(List<OrdinalSet?> allowed, List<(TextSection Section, int First)> parts, int document)
    {
        var part = parts.FindLastIndex(p => p.First <= document && document < p.First + p.Section.Entries);
        return allowed[part]?.Accepts(document - parts[part].First) ?? true;
    }

    private static OrdinalSet Some(Random random, int count)
    {
        var (set, share) = (new OrdinalSet(count), random.NextDouble());
        for (var i = 0; i < count; i++)
            if (random.NextDouble() < share) set.Add(i);
        return set;
    }

    internal static List<TextSection> Sections(List<(TextSection Section, int First)> parts) => parts.ConvertAll(static part => part.Section);

    private static string Word(Random random)
    {
        var word = new StringBuilder();
        for (var i = random.Next(random.Next(4) + 1) + 1; i > 0; i--) word.Append("abcabcabcÉ"[random.Next(10)]);
        return word.ToString();
    }
}
