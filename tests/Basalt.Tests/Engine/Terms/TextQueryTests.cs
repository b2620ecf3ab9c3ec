using System.Text;
using Basalt.Engine.Terms;

namespace Basalt.Tests.Engine.Terms;

/// <summary>The language of text queries.</summary>
public sealed class TextQueryTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("Some Words", "some words")]
    [InlineData("+one -two three", "+one -two three")]
    [InlineData("\"a Phrase\" +\"b c\" -\"d\"", "[a phrase] +[b c] -d")]
    [InlineData("pre* +ab* \"new yo*\"", "pre* +ab* [new yo*]")]
    [InlineData("word~ word~0 word~1 word~2 -word~", "word~1 word word~1 word~2 -word~1")]
    [InlineData("wi-fi C++ foo~bar a.b*", "[wi fi] c [foo bar] [a b*]")]
    [InlineData("wi-fi~", "[wi~1 fi~1]")]
    [InlineData("rock - roll & - ~ \"...\"", "rock roll")]
    [InlineData("a\"b\"", "a b")]
    [InlineData("東京", "[東 京]")]
    public void Queries_are_understood(string text, string expected) => Assert.Equal(expected, Shown(TextQuery.Parse(text)));

    [Theory]
    [InlineData("some \"words", "column 6", "closing quote")]
    [InlineData("a b*c", "column 4", "a star can only end")]
    [InlineData("a *", "column 3", "a star needs a letter")]
    [InlineData("abc~3", "column 5", "at most 2 typos")]
    [InlineData("abc~10", "column 5", "at most 2 typos")]
    [InlineData("a +...", "column 3", "no word to require")]
    [InlineData("-a -b", "column 1", "everything is excluded")]
    public void What_cannot_be_understood_is_said_with_its_column(string text, string column, string problem)
    {
        var error = Assert.Throws<BasaltException>(() => TextQuery.Parse(text));
        Assert.Equal(ErrorCode.InvalidQuery, error.Code);
        Assert.Contains(column, error.Message);
        Assert.Contains(problem, error.Message);
    }

    [Fact]
    public void Too_many_words_are_refused()
    {
        var text = string.Join(' ', Enumerable.Repeat("a", TextQuery.MostWords));
        Assert.Equal(TextQuery.MostWords, TextQuery.Parse(text).Clauses.Count);
        Assert.Contains("column 513", Assert.Throws<BasaltException>(() => TextQuery.Parse(text + " a")).Message);
    }

    [Fact]
    public void Typos_are_forgiven_by_length_when_asked_for()
    {
        Assert.Equal("cat word~1 letters~1 sentence~2 +letter~1 exact* [a phrase] abcdefg1 zero", Shown(TextQuery.Parse("cat word letters sentence +letter exact* \"a phrase\" abcdefg1 zero~0", new TextQueryOptions { MostTypos = 2 })));
        Assert.Equal("word~1 sentence~1 cat", Shown(TextQuery.Parse("word sentence cat", new TextQueryOptions { MostTypos = 1 })));
    }

    [Fact]
    public void What_matches_is_shown_in_the_text()
    {
        const string Text = "The Quick brown fox, the quíck red-brown foxes; brwon QUICKLY.";
        Assert.Equal("Quick,quíck", Marked("quick", Text));
        Assert.Equal("Quick,brown,fox", Marked("\"quick brown fox\"", Text));
        Assert.Equal("Quick,quíck,QUICKLY", Marked("quick*", Text));
        Assert.Equal("brown,brown,brwon", Marked("+brown~", Text));
        Assert.Equal("red,brown,foxes", Marked("\"red brown fox*\" -the", Text));
        Assert.Equal("", Marked("missing", Text));
    }

    private static string Marked(string query, string text) => string.Join(',', TextHighlight.Of(TextQuery.Parse(query), text).Select(span => text.Substring(span.Start, span.Length)));

    internal static string Shown(TextQuery query) => string.Join(' ', query.Clauses.Select(static clause =>
    {
        var sign = clause.Demand switch { TextDemand.Required => "+", TextDemand.Excluded => "-", _ => "" };
        var words = string.Join(' ', clause.Words.Select(static word => Encoding.UTF8.GetString(word.Term) + (word.IsPrefix ? "*" : "") + (word.Edits > 0 ? $"~{word.Edits}" : "")));
        return clause.Words.Count == 1 ? sign + words : $"{sign}[{words}]";
    }));
}
