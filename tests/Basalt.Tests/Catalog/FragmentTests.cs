using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Basalt.Catalog.Statistics;

namespace Basalt.Tests.Catalog;

public sealed partial class FragmentTests
{
    [Fact]
    public void Series_are_read_as_they_were_written()
    {
        for (var seed = 1; seed <= 50; seed++)
        {
            var random = new Random(seed);
            var series = Enumerable.Range(0, random.Next(1, 200)).Select(_ => Encoding.UTF8.GetBytes(new string('a', random.Next(20)) + random.Next(100))).DistinctBy(Convert.ToHexString)
                .OrderBy(Convert.ToHexString, StringComparer.Ordinal).Select(name => (name, Tally: Tally(random))).ToList();
            var writer = new FragmentWriter();
            foreach (var (name, tally) in series) writer.Add(name, tally);
            Assert.Equal(series.Select(static s => Text(s.name, s.Tally)), Read(writer.Take()));
        }
    }

    [Fact]
    public void The_example_of_the_document_is_what_is_written()
    {
        var document = Repository.Read("docs", "formats", "fragment.md");
        var example = Convert.FromHexString(Space().Replace(Hex().Match(document).Groups[1].Value, ""));
        var writer = new FragmentWriter();
        var first = new SeriesTally();
        var start = new DateTime(2014, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
        for (var i = 0; i < 3; i++) first.See(start + (i * TimeSpan.TicksPerHour));
        writer.Add("a/1"u8, first);
        var second = new SeriesTally();
        second.See();
        second.See();
        writer.Add("a/2"u8, second);
        Assert.Equal(Convert.ToHexString(example), Convert.ToHexString(writer.Take()));
    }

    [Fact]
    public void Any_damage_is_refused_or_read()
    {
        var writer = new FragmentWriter();
        var random = new Random(1);
        for (var i = 0; i < 50; i++) writer.Add(Encoding.UTF8.GetBytes($"name {i:d3}"), Tally(random));
        var whole = writer.Take();
        for (var seed = 1; seed <= 3000; seed++)
        {
            random = new Random(seed);
            var damaged = whole[..random.Next(1, whole.Length + 1)];
            for (var i = 0; i < random.Next(5); i++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                Assert.True(Read(damaged).Count <= whole.Length, $"seed {seed}");
            }
            catch (InvalidDataException)
            {
                // Refused.
            }
        }

        Assert.Throws<InvalidDataException>(() => new FragmentReader(Array.Empty<byte>()));
        Assert.Throws<InvalidDataException>(() => new FragmentReader(new byte[] { 2 }));
    }

    [Fact]
    public void Tallies_of_parts_are_the_tally_of_the_whole()
    {
        for (var seed = 1; seed <= 300; seed++)
        {
            var random = new Random(seed);
            long at = 1000;
            var times = Enumerable.Range(0, random.Next(1, 12)).Select(_ => (long?)(at += random.Next(8) == 0 ? random.Next(-20, 30) : 10)).Select(t => random.Next(10) == 0 ? null : t).ToList();
            var whole = new SeriesTally();
            var parts = new List<SeriesTally> { new() };
            foreach (var time in times)
            {
                if (random.Next(3) == 0) parts.Add(new SeriesTally());
                var part = parts[^1];
                See(ref whole, time);
                See(ref part, time);
                parts[^1] = part;
            }

            var merged = new SeriesTally();
            foreach (var part in parts) merged.Append(part);
            Assert.Equal((seed, whole.Rows, whole.Timed, whole.First, whole.Last), (seed, merged.Rows, merged.Timed, merged.First, merged.Last));
            var seen = times.OfType<long>().ToList();
            var steps = seen.Zip(seen.Skip(1), static (a, b) => b - a).ToList();
            // Parts that ascend within and to each other are the whole; the definition is that of the times themselves.
            if (steps.TrueForAll(static s => s > 0))
            {
                Assert.Equal((seed, steps.Count == 0 ? 0 : steps.Distinct().Count() == 1 ? steps[0] : SeriesTally.Irregular, SeriesFlaws.None), (seed, whole.Step, whole.Flaws));
                Assert.Equal((whole.Step, whole.Flaws), (merged.Step, merged.Flaws));
            }
            else
            {
                Assert.True(whole.Step == SeriesTally.Irregular && whole.Flaws != SeriesFlaws.None && merged.Flaws != SeriesFlaws.None, $"seed {seed}");
            }
        }

        static void See(ref SeriesTally tally, long? time)
        {
            if (time is { } t) tally.See(t);
            else tally.See();
        }
    }

    [Theory]
    [InlineData("a", "a")]
    [InlineData("a%2Fb/c", "a/b", "c")]
    [InlineData("%-/%25-", null, "%-")]
    [InlineData("/", "", "")]
    [InlineData("a%252Fb", "a%2Fb")]
    public void Names_of_keys_are_read_back(string name, params string?[] parts)
    {
        Assert.Equal(name, SeriesKey.NameOf(parts));
        Assert.Equal(parts, SeriesKey.PartsOf(name));
    }

    private static SeriesTally Tally(Random random)
    {
        var tally = new SeriesTally();
        var at = new DateTime(2000 + random.Next(20), 1, 1).Ticks;
        for (var i = random.Next(1, 10); i > 0; i--)
        {
            if (random.Next(4) == 0) tally.See();
            else tally.See(at += random.Next(-2, 1000));
        }

        return tally;
    }

    private static List<string> Read(ReadOnlyMemory<byte> chunk)
    {
        var reader = new FragmentReader(chunk);
        var read = new List<string>();
        while (reader.Read()) read.Add(Text(reader.Name, reader.Tally));
        return read;
    }

    private static string Text(ReadOnlySpan<byte> name, SeriesTally tally) => tally.Timed == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexString(name)} {tally.Rows}")
        : string.Create(CultureInfo.InvariantCulture, $"{Convert.ToHexString(name)} {tally.Rows} {tally.Timed} {tally.First} {tally.Last} {tally.Step} {tally.Flaws}");

    [GeneratedRegex("```hex\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Hex();

    [GeneratedRegex(@"#[^\n]*|\s+")]
    private static partial Regex Space();
}
