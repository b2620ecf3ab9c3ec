using System.Text;
using Basalt.Engine.Terms;

namespace Basalt.Tests.Engine.Terms;

/// <summary>What text becomes: the rules of docs/formats/terms.md by example, and what must hold of any text.</summary>
public sealed class TextTokensTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData(" \t.,;'-_!", "")]
    [InlineData("The quick-brown fox", "the quick brown fox")]
    [InlineData("Don’t can't 'quoted' rock'n'roll o''clock dogs'", "don't can't quoted rock'n'roll o clock dogs")]
    [InlineData("pi is 3.14, or 1,000.5; 1. 2 v1.2 a.b 1.a 1'000", "pi is 3.14 or 1,000.5 1 2 v1.2 a b 1 a 1'000")]
    [InlineData("snake_case e-mail@example.com", "snake case e mail example com")]
    [InlineData("Crème BRÛLÉE e\u0301\u0323x Ångström", "creme brulee ex angstrom")]
    [InlineData("Straße STRASSE ﬁne Ǆ ſ", "strasse strasse fine dz s")]
    [InlineData("Øre Łódź Æsir Œuvre Đà þorn ısı İstanbul", "ore lodz aesir oeuvre da thorn isi istanbul")]
    [InlineData("ΟΔΥΣΣΕΥΣ ὀδυσσεύς Ёлка МОСКВА", "οδυσσευσ οδυσσευσ елка москва")]
    [InlineData("２０２４ ١٢٣ x² ①", "2024 123 x2 1")]
    [InlineData("½", "1 2")]
    [InlineData("東京タワー", "東 京 タ ワ ー")]
    [InlineData("ｶﾞガ", "カ\u3099 カ\u3099")]
    [InlineData("が\u304b\u3099", "か\u3099 か\u3099")]
    [InlineData("c東d", "c 東 d")]
    [InlineData("한글 \u1112\u1161\u11ab\u1100\u1173\u11af", "\u1112\u1161\u11ab\u1100\u1173\u11af \u1112\u1161\u11ab\u1100\u1173\u11af")]
    [InlineData("שָׁלוֹם עולם", "שלום עולם")]
    [InlineData("مُحَمَّد كتـــاب", "محمد كتاب")]
    [InlineData("हिन्दी", "हिन\u094dदी")]
    [InlineData("ไทย", "ไ ท ย")]
    [InlineData("so\u00adft zero\u200dwidth zero\u200bspace \ufeffbom", "soft zerowidth zero space bom")]
    [InlineData("I ❤️ 👩‍🚀🦄", "i ❤ 👩 🚀 🦄")]
    [InlineData("𝕌𝕟𝕚 𐐀 \ud800x\udc00", "uni 𐐨 x")]
    [InlineData("\u0301a \u0301", "a")]
    public void Words_are_cut_and_folded(string text, string expected)
    {
        var terms = string.Join(' ', TextOracle.Words(text));
        Assert.Equal(string.Join(' ', expected), terms);
        Assert.Equal(TextOracle.Words(text), TextOracle.Words(text.IsNormalized(NormalizationForm.FormC) ? text : text.Normalize()));
    }

    [Fact]
    public void Offsets_and_positions_are_those_of_the_text()
    {
        const string Text = "  Été—don't (x\u0301y) 東京.";
        var tokens = new TextTokens(Text, new byte[TextAnalysis.MostTermBytes]);
        var found = new List<(int, string, string)>();
        while (tokens.MoveNext()) found.Add((tokens.Position, Text[tokens.Start..tokens.End], Encoding.UTF8.GetString(tokens.Term)));
        Assert.Equal([(0, "Été", "ete"), (1, "don't", "don't"), (2, "x\u0301y", "xy"), (3, "東", "東"), (4, "京", "京")], found);
    }

    [Fact]
    public void A_token_longer_than_a_term_is_cut_between_characters()
    {
        Assert.Equal([new string('a', 128)], TextOracle.Words(new string('A', 100_000)));
        Assert.Equal(["x" + new string('ж', 63), "z"], TextOracle.Words("x" + new string('Ж', 5_000) + " z"));
        Assert.Equal([new string('a', 126) + "ж"], TextOracle.Words(new string('a', 126) + "жb𐐨"));
    }

    [Fact]
    public void Any_text_becomes_terms_that_are_terms()
    {
        var seed = Seeds.Next();
        var random = new Random(seed);
        var inventory = "aZé'.,_- 0٣ß東カ゛한힣ᄒ\u0301\u0323\u200d\u00ad\ufb01½㍿ﷺ\ud83d\ude00\ud800\udc00ÅŒ\u094d\u0e33";
        for (var run = 0; run < 3_000; run++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => random.Next(4) == 0 ? (char)random.Next(0x10000) : inventory[random.Next(inventory.Length)]));
            var tokens = new TextTokens(text, new byte[TextAnalysis.MostTermBytes]);
            var (last, position) = (0, 0);
            while (tokens.MoveNext())
            {
                var term = Encoding.UTF8.GetString(tokens.Term);
                Assert.True(TextOracle.Words(term) is [var again] && again == term, $"seed {seed}: {Escaped(text)} has the term {Escaped(term)}, which is {Escaped(string.Join('|', TextOracle.Words(term)))}");
                Assert.True(tokens.Start >= 0 && tokens.Start < tokens.End && tokens.End <= text.Length && tokens.Start >= last - 1 && tokens.Position == position++, $"seed {seed}: {Escaped(text)}");
                Assert.Contains(term, TextOracle.Words(text[tokens.Start..tokens.End]));
                last = tokens.End;
            }
        }
    }

    private static string Escaped(string text) => string.Concat(text.Select(static c => c is >= ' ' and < '\x7f' ? c.ToString() : $"\\u{(int)c:x4}"));
}
