using Basalt.Conformance;
using Basalt.Records;

namespace Basalt.Tests.Records;

public sealed class RecordIdMinterTests
{
    [Fact]
    public void Ids_ascend_while_the_clock_stands_runs_and_steps_back()
    {
        var clock = new ManualClock();
        var random = new Random(Generator.SeedOfRun);
        var minter = new RecordIdMinter(clock);
        var last = "";
        for (var i = 0; i < 300_000; i++)
        {
            if (i % 1000 == 999) clock.Advance(TimeSpan.FromMilliseconds(random.Next(-5000, 5000)));
            var id = minter.Mint();
            Assert.True(string.CompareOrdinal(last, id) < 0, $"{last} and then {id}");
            last = id;
        }
    }

    [Fact]
    public void Ids_are_version_7_and_carry_the_time()
    {
        var clock = new ManualClock();
        var id = Guid.Parse(new RecordIdMinter(clock).Mint());
        Assert.Equal(7, id.Version);
        Assert.InRange(id.Variant, 8, 11);
        Assert.Equal(clock.Now.ToUnixTimeMilliseconds(), Convert.ToInt64(id.ToString("N")[..12], 16));
    }

    [Fact]
    public void Counter_runs_over_into_the_next_millisecond()
    {
        // Both fields of the counter change hands without losing the order.
        string[] ids = [RecordIdMinter.Compose(5, (1L << 18) - 1, 0), RecordIdMinter.Compose(5, 1L << 18, 0), RecordIdMinter.Compose(5, (1L << 30) - 1, 0), RecordIdMinter.Compose(6, 0, 0)];
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.All(ids, static id => Assert.Equal(7, Guid.Parse(id).Version));
    }

    [Fact]
    public void Ids_of_many_threads_and_minters_are_all_different()
    {
        var clock = new ManualClock();
        RecordIdMinter[] minters = [new(clock), new(clock)];
        var ids = new string[40_000];
        Parallel.For(0, ids.Length, i => ids[i] = minters[i % 2].Mint());
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }
}
