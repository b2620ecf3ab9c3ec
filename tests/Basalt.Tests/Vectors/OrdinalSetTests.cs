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

    [Fact]
    public void Sets_and_runs_at_a_time_do_what_a_sorted_set_does()
    {
        var random = new Random(17);
        foreach (var capacity in new[] { 0, 1, 63, 64, 65, 127, 128, 130, 1_000 })
        {
            var (set, model) = (new OrdinalSet(capacity), new SortedSet<int>());
            for (var i = 0; i < 500; i++)
            {
                var (other, theirs) = Draw(random, random.Next(4) == 0 ? random.Next(capacity + 1) : capacity);
                var (from, to) = (random.Next(capacity + 1), random.Next(capacity + 1));
                if (from > to) (from, to) = (to, from);
                switch (random.Next(10))
                {
                    case 0:
                        set.UnionWith(other);
                        model.UnionWith(theirs);
                        break;
                    case 1:
                        set.IntersectWith(other);
                        model.IntersectWith(theirs);
                        break;
                    case 2:
                        set.ExceptWith(other);
                        model.ExceptWith(theirs);
                        break;
                    case 3:
                        set.Complement();
                        model = [.. Enumerable.Range(0, capacity).Except(model)];
                        break;
                    case 4:
                        set.AddRange(from, to);
                        model.UnionWith(Enumerable.Range(from, to - from));
                        break;
                    case 5:
                        int[] drawn = [.. theirs.Concat(theirs).OrderBy(_ => random.Next())];
                        set.Add(drawn);
                        model.UnionWith(drawn);
                        break;
                    case 6:
                        set.Remove([.. theirs, capacity, -1, .. theirs]);
                        model.ExceptWith(theirs);
                        break;
                    case 7:
                        var bits = Bits(other, ref from);
                        set.AddBits(from, bits);
                        model.UnionWith(theirs.Where(ordinal => ordinal >= from));
                        break;
                    case 8:
                        var others = Bits(other, ref from);
                        set.RemoveBits(from, others);
                        model.ExceptWith(theirs.Where(ordinal => ordinal >= from));
                        break;
                    default:
                        if (random.Next(4) == 0) set.Fill();
                        else set.Clear();
                        model = set.Count == 0 ? [] : [.. Enumerable.Range(0, capacity)];
                        break;
                }

                Assert.Equal(model, Walk(set));
                Assert.Equal(model.Count, set.Count);
                var copy = new OrdinalSet(set);
                set.Complement();
                Assert.Equal(model, Walk(copy));
                Assert.Equal(model.Count, copy.Count);
                set = copy;
            }
        }
    }

    [Fact]
    public void Runs_that_it_cannot_hold_are_refused()
    {
        var set = new OrdinalSet(70);
        Assert.Throws<ArgumentOutOfRangeException>(() => set.AddRange(-1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.AddRange(0, 71));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.AddRange(4, 3));
        Assert.Throws<ArgumentException>(() => set.AddBits(1, new byte[8]));
        Assert.Throws<ArgumentException>(() => set.AddBits(-64, new byte[8]));
        Assert.Throws<ArgumentException>(() => set.AddBits(0, new byte[7]));
        Assert.Throws<ArgumentException>(() => set.AddBits(64, new byte[16]));
        Assert.Throws<ArgumentException>(() => set.AddBits(64, new byte[] { 64, 0, 0, 0, 0, 0, 0, 0 }));
        Assert.Throws<ArgumentException>(() => set.UnionWith(new OrdinalSet(71)));
        Assert.Throws<ArgumentOutOfRangeException>(() => set.Add([1, 70, 2]));
        Assert.Equal([1], Walk(set));
        Assert.Equal(1, set.Count);
    }

    private static (OrdinalSet Set, SortedSet<int> Model) Draw(Random random, int capacity)
    {
        var (set, model) = (new OrdinalSet(capacity), new SortedSet<int>());
        for (var count = capacity == 0 ? 0 : random.Next(2 * capacity); count > 0; count--) model.Add(random.Next(capacity));
        foreach (var ordinal in model) set.Add(ordinal);
        return (set, model);
    }

    private static byte[] Bits(OrdinalSet set, ref int from)
    {
        from = Math.Min(from, set.Capacity) / 64 * 64;
        var bits = new byte[(set.Capacity - from + 63) / 64 * 8];
        for (var at = set.Next(from); at >= 0; at = set.Next(at + 1)) bits[(at - from) / 8] |= (byte)(1 << at % 8);
        return bits;
    }

    private static List<int> Walk(OrdinalSet set)
    {
        var walked = new List<int>();
        for (var at = set.Next(0); at >= 0; at = set.Next(at + 1)) walked.Add(at);
        return walked;
    }

    [Fact]
    public void Ordinals_are_listed_part_by_part()
    {
        var random = new Random(13);
        foreach (var share in new[] { 0.01, 0.1, 0.5, 1 })
        foreach (var capacity in new[] { 0, 1, 63, 64, 65, 1_000 })
        foreach (var room in new[] { 1, 3, 64, 70, 256 })
        {
            var set = new OrdinalSet(capacity);
            for (var i = 0; i < capacity; i++)
                if (random.NextDouble() < share) set.Add(i);
            foreach (var end in new[] { 0, capacity / 2, capacity, capacity + 100 })
            {
                var (from, listed, part) = (0, new List<int>(), new uint[room]);
                int count;
                while ((count = set.CopyTo(ref from, end, part)) > 0) listed.AddRange(part[..count].Select(static ordinal => (int)ordinal));
                Assert.Equal(Enumerable.Range(0, Math.Min(end, capacity)).Where(set.Accepts), listed);
            }
        }
    }
}
