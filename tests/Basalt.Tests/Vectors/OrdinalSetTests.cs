using Basalt.Vectors;

namespace Basalt.Tests.Vectors;

public sealed class OrdinalSetTests
{
    [Fact]
    public void It_holds_what_a_sorted_set_holds()
    {
        var random = new Random(13);
        foreach (var capacity in new[] { 1, 63, 64, 65, 1_000 })
        {
            var set = new OrdinalSet(capacity);
            var model = new SortedSet<int>();
            for (var i = 0; i < 2_000; i++)
            {
                var ordinal = random.Next(capacity);
                if (random.Next(2) == 0) Assert.Equal(model.Add(ordinal), set.Add(ordinal));
                else Assert.Equal(model.Remove(ordinal), set.Remove(ordinal));
                Assert.Equal(model.Count, set.Count);
                Assert.Equal(model.Contains(ordinal), set.Accepts(ordinal));
            }

            var walked = new List<int>();
            for (var at = set.Next(0); at >= 0; at = set.Next(at + 1)) walked.Add(at);
            Assert.Equal(model, walked);
        }
    }

    [Fact]
    public void What_it_cannot_hold_is_refused_when_added_and_absent_when_asked()
    {
        var set = new OrdinalSet(70);
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Add(70));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Add(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OrdinalSet(-1));
        Assert.False(set.Accepts(-1));
        Assert.False(set.Accepts(int.MaxValue));
        Assert.False(set.Remove(70));
        Assert.Equal(-1, set.Next(70));
        Assert.Equal(-1, set.Next(-5));
        Assert.Equal(-1, new OrdinalSet(0).Next(0));
    }
}
