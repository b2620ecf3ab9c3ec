using System.Diagnostics;
using System.Text;
using Basalt.Engine.Terms;

namespace Basalt.Tests.Engine.Terms;

/// <summary>
/// How fast an index is built and searched: printed, never asserted. <c>BASALT_LARGE=1</c> takes 200,000 texts with the vocabulary of a large collection. What is asserted is that the searches found what they were for.
/// </summary>
public sealed class TextSpeedTests(ITestOutputHelper output)
{
    private static readonly bool IsLarge = Environment.GetEnvironmentVariable("BASALT_LARGE") is not null;
    private static readonly int Texts = IsLarge ? 200_000 : 10_000;
    private static readonly int Vocabulary = IsLarge ? 300_000 : 20_000;

    [Fact]
    public void Building_and_searching_are_measured()
    {
        var random = new Random(42);
        var words = new HashSet<string>();
        while (words.Count < Vocabulary) words.Add(Word(random));
        var vocabulary = words.ToArray();
        var texts = Enumerable.Range(0, Texts).Select(_ => Text(random, vocabulary)).ToArray();
        var characters = texts.Sum(static text => (long)text.Length);
        var (watch, before) = (Stopwatch.StartNew(), Environment.CpuUsage.TotalTime);
        var builder = new TextBuilder();
        for (var i = 0; i < texts.Length; i++) builder.Add(i, texts[i]);
        var (added, held) = (watch.Elapsed, builder.Bytes);
        var section = TextSection.Of(builder, texts.Length);
        var processor = Environment.CpuUsage.TotalTime - before;
        output.WriteLine($"{texts.Length:n0} texts, {characters / 1e6:f1} M characters, {section.TotalLength / 1e6:f1} M words, {section.Terms:n0} terms: added in {added.TotalSeconds:f2} s ({characters / added.TotalSeconds / 1e6:f0} M characters/s; processor time of all {processor.TotalSeconds:f2} s), written in {(watch.Elapsed - added).TotalSeconds:f2} s; the builder held {held / 1e6:f0} MB, the section has {section.MemoryBytes / 1e6:f0} MB");
        string common = vocabulary[0], frequent = vocabulary[3], middle = vocabulary[Vocabulary / 1000], rare = vocabulary[Vocabulary / 3];
        Measure(section, $"the most common word", common);
        Measure(section, $"two common words", $"{common} {frequent}");
        Measure(section, $"two common words, both", $"+{common} +{frequent}");
        Measure(section, $"common and rare", $"+{common} +{rare}");
        Measure(section, $"a middling word", middle);
        Measure(section, $"five words", $"{common} {frequent} {middle} {rare} {vocabulary[50]}");
        Measure(section, $"phrase of common words", $"\"{common} {frequent}\"");
        Measure(section, $"prefix of two letters", $"{rare[..2]}*");
        Measure(section, $"prefix of four letters", $"{rare[..4]}*");
        Measure(section, $"one typo", $"{rare}~1");
        Measure(section, $"two typos", $"{rare}~2");
        Measure(section, $"two typos, short word", $"{common}~2");
    }

    private void Measure(TextSection section, string what, string text)
    {
        var query = TextQuery.Parse(text);
        const int Runs = 15;
        // The code is compiled for speed after it ran for a while.
        for (var warm = Stopwatch.StartNew(); warm.ElapsedMilliseconds < (IsLarge ? 300 : 10);) new TextSearch(query, [section]).Top(10);
        var (lookup, whole) = (new double[Runs], new double[Runs]);
        TextAnswer? answer = null;
        var before = Environment.CpuUsage.TotalTime;
        for (var i = 0; i < Runs; i++)
        {
            var watch = Stopwatch.StartNew();
            var search = new TextSearch(query, [section]);
            lookup[i] = watch.Elapsed.TotalMilliseconds;
            answer = search.Top(10);
            whole[i] = watch.Elapsed.TotalMilliseconds;
        }

        var processor = (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / Runs;
        output.WriteLine($"{what,-26} {text,-40} {answer!.Matches,9:n0} matches, median {whole.Order().ElementAt(Runs / 2):f2} ms, of that terms {lookup.Order().ElementAt(Runs / 2):f2} ms; processor time {processor:f2} ms");
        Assert.True(answer.Matches > 0 || text.StartsWith('"') || text.StartsWith('+'));
    }

    // Word lengths as in English; frequencies by Zipf's law.
    private static string Word(Random random)
    {
        const string Letters = "eeeeeeeeeeeetttttttttaaaaaaaaooooooooiiiiiiinnnnnnnsssssshhhhhhrrrrrrddddlllcccuuummmwwffggyyppbbvkjxqz";
        var word = new StringBuilder();
        for (var i = random.Next(3, 6) + random.Next(6); i > 0; i--) word.Append(Letters[random.Next(Letters.Length)]);
        return word.ToString();
    }

    private static string Text(Random random, string[] vocabulary)
    {
        var text = new StringBuilder();
        for (var i = random.Next(10, 100); i > 0; i--) text.Append(vocabulary[(int)Math.Pow(vocabulary.Length, random.NextDouble()) - 1]).Append(' ');
        return text.ToString();
    }
}
