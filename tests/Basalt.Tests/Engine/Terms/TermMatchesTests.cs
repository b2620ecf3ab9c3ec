using System.Text;
using Basalt.Engine.Terms;

namespace Basalt.Tests.Engine.Terms;

/// <summary>The terms that a word means are those that comparing with every term finds.</summary>
public sealed class TermMatchesTests
{
    [Fact]
    public void Typos_and_prefixes_are_found_as_by_comparing_with_every_term()
    {
        var seed = Seeds.Next();
        var random = new Random(seed);
        for (var run = 0; run < 30; run++)
        {
            var alphabet = run % 2 == 0 ? "ab" : "abcжд\U00010428";
            var terms = Enumerable.Range(0, random.Next(1, 1_500)).Select(_ => Term(random, alphabet, 12)).Distinct().ToArray();
            var section = SectionOf(terms);
            for (var i = 0; i < 40; i++)
            {
                var word = random.Next(3) == 0 ? terms[random.Next(terms.Length)] : Term(random, alphabet, 14);
                foreach (var edits in new[] { 0, 1, 2 })
                {
                    var expected = terms.Select(term => (Term: term, Edits: TextOracle.Distance(word, term))).Where(m => m.Edits <= edits).OrderBy(static m => Encoding.UTF8.GetBytes(m.Term), Bytes);
                    Assert.True(expected.SequenceEqual(Found(section, new TextWord(Encoding.UTF8.GetBytes(word), 0, false, edits))), $"seed {seed}: {word}~{edits} among {terms.Length}");
                }

                var prefix = word[..random.Next(word.Length)];
                if (prefix.Length == 0 || char.IsHighSurrogate(prefix[^1])) continue;
                var begun = terms.Where(term => term.StartsWith(prefix, StringComparison.Ordinal)).OrderBy(static term => Encoding.UTF8.GetBytes(term), Bytes).Select(static term => (term, 0));
                Assert.True(begun.SequenceEqual(Found(section, new TextWord(Encoding.UTF8.GetBytes(prefix), 0, true, 0))), $"seed {seed}: {prefix}* among {terms.Length}");
            }
        }
    }

    [Fact]
    public void Every_term_is_found_where_it_is()
    {
        var seed = Seeds.Next();
        var random = new Random(seed);
        var terms = Enumerable.Range(0, 5_000).Select(_ => Term(random, "abcde", 20)).Distinct().Order(StringComparer.Ordinal).ToArray();
        var section = SectionOf(terms);
        Assert.Equal(terms.Length, section.Terms);
        var cursor = new TermCursor(section);
        foreach (var term in terms) Assert.True(cursor.Next() && Encoding.UTF8.GetString(cursor.Term) == term, $"seed {seed}: {term}");
        Assert.False(cursor.Next());
        foreach (var term in terms)
        {
            Assert.True(cursor.Find(Encoding.UTF8.GetBytes(term)), $"seed {seed}: {term}");
            var postings = new PostingsCursor(section, cursor.Place);
            Assert.Equal(Array.IndexOf(terms, term), postings.Ordinal);
            Assert.Equal(PostingsCursor.End, postings.Next());
            Assert.False(cursor.Find(Encoding.UTF8.GetBytes(term + "\u0001")));
        }

        Assert.False(cursor.Seek("z"u8));
        Assert.True(cursor.Seek("\0"u8) && Encoding.UTF8.GetString(cursor.Term) == terms[0]);
    }

    internal static TextSection SectionOf(IReadOnlyList<string> terms)
    {
        var builder = new TextBuilder();
        for (var i = 0; i < terms.Count; i++) builder.Add(i, terms[i]);
        return TextSection.Of(builder, terms.Count);
    }

    private static readonly Comparer<byte[]> Bytes = Comparer<byte[]>.Create(static (a, b) => a.AsSpan().SequenceCompareTo(b));

    private static List<(string Term, int Edits)> Found(TextSection section, TextWord word)
    {
        var cursor = new TermCursor(section);
        return [.. TermMatches.Of(word, cursor).Select(edits => (Encoding.UTF8.GetString(cursor.Term), edits))];
    }

    private static string Term(Random random, string alphabet, int most)
    {
        var runes = alphabet.EnumerateRunes().ToArray();
        return string.Concat(Enumerable.Range(0, random.Next(1, most)).Select(_ => runes[random.Next(runes.Length)].ToString()));
    }
}
