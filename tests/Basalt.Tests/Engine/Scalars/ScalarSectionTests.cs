using Basalt.Conformance;
using Basalt.Engine.Scalars;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Vectors;

namespace Basalt.Tests.Engine.Scalars;

/// <summary>A section against testing every value.</summary>
public sealed class ScalarSectionTests
{
    private static readonly FieldPath Path = FieldPath.Of("f");
    private readonly Generator _generator = new(Generator.SeedOfRun);

    /// <summary>Kinds of fields: of many types, of few values, of as many values as entries, clustered, sparse, and long texts.</summary>
    public enum Field
    {
        Anything,
        Genre,
        Flag,
        Unique,
        Ascending,
        Title,
        Sparse,
        Long,
        Number,
        Empty,
    }

    public static TheoryData<Field, int> Fields
    {
        get
        {
            var data = new TheoryData<Field, int>();
            foreach (var kind in Enum.GetValues<Field>())
            foreach (var count in new[] { 0, 1, 63, 64, 65, 129, 300, 6_000 })
                data.Add(kind, count);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void Every_leaf_finds_what_testing_finds(Field field, int count)
    {
        var values = Draw(field, count);
        using var sample = new ScalarSample(values);
        var section = sample.Section;
        Assert.Equal(values.Count(static value => !value.IsNull), section.NonNull);
        var matched = 0;
        for (var i = 0; i < (count > 1_000 ? 150 : 300); i++)
        {
            var leaf = Leaf(values);
            Assert.Equal(Basalt.Backends.FilterSupport.Exact, ScalarSection.Supports(leaf));
            var expected = Enumerable.Range(0, count).Where(ordinal => leaf.Test(values[ordinal])).ToList();
            var found = new OrdinalSet(count);
            var unsure = section.Find(leaf, found);
            var sure = ScalarSample.Walk(found);
            Assert.Equal(sure.Count, found.Count);
            if (unsure is null)
            {
                Assert.True(expected.SequenceEqual(sure), $"{ScalarSample.Seed}: {leaf} finds {sure.Count}, not {expected.Count} of {field} {count}");
            }
            else
            {
                Assert.True(section.HasCut);
                Assert.True(sure.All(expected.Contains), $"{ScalarSample.Seed}: {leaf} finds what does not match");
                Assert.All(ScalarSample.Walk(unsure), ordinal => Assert.True(KeyOf(values[ordinal]) is [_, ..] key && KeyWriter.IsCut(key) && !found.Accepts(ordinal)));
                Assert.True(expected.All(ordinal => found.Accepts(ordinal) || unsure.Accepts(ordinal)), $"{ScalarSample.Seed}: {leaf} loses matches");
            }

            var (least, most) = section.Estimate(leaf);
            Assert.True(least <= expected.Count && most >= expected.Count && least >= 0 && most <= count, $"{ScalarSample.Seed}: {leaf} is estimated {least} to {most}, and is {expected.Count}");
            if (expected.Count is > 0 && expected.Count < count) matched++;
        }

        Assert.True(matched > 5 || count < 63 || field == Field.Empty, $"{ScalarSample.Seed}: only {matched} leaves matched some of {field}");
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_walk_is_in_the_order_of_values(Field field, int count)
    {
        var values = Draw(field, count);
        using var sample = new ScalarSample(values);
        foreach (var descending in new[] { false, true })
        {
            var walked = Read(sample.Section.Walk(descending), values);
            var keys = values.Select(KeyOf).ToArray();
            var expected = Enumerable.Range(0, count).OrderBy(ordinal => ordinal, Comparer<int>.Create((left, right) =>
            {
                var order = keys[left].AsSpan().SequenceCompareTo(keys[right]);
                // Keys are the values, but for those that were cut.
                if (!KeyWriter.IsCut(keys[left]) || order != 0) Assert.Equal(Math.Sign(order), Math.Sign(values[left].CompareTo(values[right])));
                return order != 0 ? (descending ? -order : order) : left.CompareTo(right);
            })).ToList();
            Assert.True(expected.SequenceEqual(walked), $"{ScalarSample.Seed}: {field} {count}, descending {descending}");
        }
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void A_walk_of_a_leaf_is_the_part_of_the_walk_that_matches(Field field, int count)
    {
        var values = Draw(field, count);
        using var sample = new ScalarSample(values);
        for (var i = 0; i < 50; i++)
        {
            var leaf = Leaf(values);
            foreach (var descending in new[] { false, true })
            {
                if (sample.Section.Walk(leaf, descending) is not { } cursor) continue;
                var expected = Read(sample.Section.Walk(descending), values).Where(ordinal => leaf.Test(values[ordinal]));
                Assert.True(expected.SequenceEqual(Read(cursor, values)), $"{ScalarSample.Seed}: {leaf}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Fields))]
    public void The_ends_of_the_order_are_known(Field field, int count)
    {
        var values = Draw(field, count);
        using var sample = new ScalarSample(values);
        var valued = values.Where(static value => !value.IsNull).Order().ToList();
        if (sample.Section.TryGetMin(out var min)) Assert.True(min.Equals(valued.FirstOrDefault()), $"{ScalarSample.Seed}: {min}");
        else Assert.True(KeyWriter.IsCut(KeyOf(valued[0])));
        if (sample.Section.TryGetMax(out var max)) Assert.True(max.Equals(valued.LastOrDefault()), $"{ScalarSample.Seed}: {max}");
        else Assert.True(KeyWriter.IsCut(KeyOf(valued[^1])));
        Assert.Equal(valued.Select(static value => Convert.ToHexString(KeyOf(value))).Distinct().Count(), sample.Section.Distinct);
    }

    [Fact]
    public void An_entry_that_was_not_added_is_null()
    {
        var builder = new ScalarBuilder();
        builder.Add(1, "a");
        builder.Add(3, Value.Null);
        using var sample = new ScalarSample(ScalarSample.Finish(builder, 5), 5);
        var found = new OrdinalSet(5);
        Assert.Null(sample.Section.Find(new NullFilter(Path), found));
        Assert.Equal([0, 2, 3, 4], ScalarSample.Walk(found));
    }

    [Fact]
    public void Order_and_room_are_asked_for()
    {
        var builder = new ScalarBuilder();
        builder.Add(3, 1L);
        Assert.Throws<ArgumentOutOfRangeException>(() => builder.Add(3, 1L));
        Assert.Throws<ArgumentOutOfRangeException>(() => ScalarSample.Finish(builder, 3));
        using var sample = new ScalarSample([1L, 2L]);
        Assert.Throws<ArgumentException>(() => sample.Section.Find(new NullFilter(Path), new OrdinalSet(1)));
    }

    [Fact]
    public void A_set_keeps_what_it_held()
    {
        using var sample = new ScalarSample([1L, 2L, 3L, 4L, Value.Null]);
        foreach (var text in new[] { "f > 3", "f != 4", "f is null", "f < 9" })
        {
            var into = new OrdinalSet(5);
            into.Add(0);
            Assert.Null(sample.Section.Find((LeafFilter)Filter.Parse(text), into));
            Assert.True(into.Accepts(0), text);
        }
    }

    [Fact]
    public void Few_values_and_many_are_both_short()
    {
        const int Count = 100_000;
        var random = new Random(5);
        using var flags = new ScalarSample([.. Enumerable.Range(0, Count).Select(_ => (Value)(random.Next(2) == 0))]);
        using var genres = new ScalarSample([.. Enumerable.Range(0, Count).Select(_ => (Value)$"genre {random.Next(20)}")]);
        using var ascending = new ScalarSample([.. Enumerable.Range(0, Count).Select(static i => (Value)(1_700_000_000L + i))]);
        using var doubles = new ScalarSample([.. Enumerable.Range(0, Count).Select(_ => (Value)random.NextDouble())]);
        Assert.InRange(flags.Bytes, 1, Count / 4 + 200);
        Assert.InRange(genres.Bytes, 1, Count * 5 / 4);
        Assert.InRange(ascending.Bytes, 1, Count * 7);
        Assert.InRange(doubles.Bytes, 1, Count * 12);
    }

    [Fact]
    public void More_entries_than_a_run_are_merged()
    {
        var random = new Random(Generator.SeedOfRun);
        var numbers = Enumerable.Range(0, 200_000).Select(_ => (long)random.Next(150_000)).ToArray();
        using var sample = new ScalarSample([.. numbers.Select(static number => (Value)number)]);
        Assert.Equal(numbers.Distinct().Count(), sample.Section.Distinct);
        var found = new OrdinalSet(numbers.Length);
        sample.Section.Find(new BetweenFilter(Path, 1_000, 2_500), found);
        Assert.Equal(Enumerable.Range(0, numbers.Length).Where(i => numbers[i] is >= 1_000 and <= 2_500), ScalarSample.Walk(found));
    }

    [Fact]
    public void Building_can_be_cancelled()
    {
        var builder = new ScalarBuilder();
        for (var i = 0; i < 70_000; i++) builder.Add(i, 1L);
        using var file = new Basalt.Lsm.Tables.TableFile(new Basalt.Lsm.IO.MemoryFileSystem().Create("f"));
        Assert.Throws<OperationCanceledException>(() => builder.Finish(new Basalt.Lsm.Tables.SectionWriter(file, null), 70_000, new CancellationToken(canceled: true)));
    }

    private List<Value> Draw(Field field, int count) => [.. Enumerable.Range(0, count).Select(i => field switch
    {
        Field.Anything => _generator.Value(),
        Field.Genre => $"genre {_generator.Next(20)}",
        Field.Flag => _generator.Next(9) == 0 ? Value.Null : (Value)(_generator.Next(3) == 0),
        Field.Unique => (Value)(long)(i * 7_919L % 100_003 * (1L << 40) + i),
        Field.Ascending => (Value)DateTimeOffset.UnixEpoch.AddSeconds(i / 3),
        Field.Title => $"{_generator.Pick(Specimens.Texts)} of {_generator.Next(1 + count / 2)} {_generator.Pick(Specimens.Texts)}",
        Field.Sparse => i % 20 != 7 ? Value.Null : _generator.Next(2) == 0 ? _generator.Pick(Specimens.Numbers) : _generator.Pick(Specimens.Texts),
        Field.Long => _generator.Next(3) == 0 ? _generator.Pick(ScalarSample.LongValues) : _generator.Next(2) == 0 ? _generator.Pick(ScalarSample.LongValues) : _generator.Value(1),
        Field.Number => _generator.Pick(Specimens.Numbers),
        _ => Value.Null,
    })];

    // Most literals are values that are there, or parts of them.
    private LeafFilter Leaf(List<Value> values)
    {
        if (_generator.Next(3) == 0) return (LeafFilter)_generator.Filter(0);
        Value[] some = [.. Enumerable.Range(0, 1 + _generator.Next(6)).Select(_ => Some(values))];
        var text = some[0].Kind == ValueKind.String ? some[0].AsString : "e";
        var half = Half(text);
        switch (_generator.Next(9))
        {
            case 0: return new InFilter(Path, some, _generator.Next(2) == 0);
            case 1 when some.Length > 1 && some[0].IsComparableTo(some[1]): return new BetweenFilter(Path, some[0], some[1], _generator.Next(2) == 0);
            case 2: return new TextFilter(Path, _generator.Pick(Enum.GetValues<TextPosition>()), half);
            case 3: return new LikeFilter(Path, Escape(half) + "%", _generator.Next(3) == 0, _generator.Next(2) == 0);
            case 4: return new LikeFilter(Path, "%" + Escape(half) + _generator.Pick(["", "%", "_%", "%a%"]), _generator.Next(3) == 0, _generator.Next(2) == 0);
            case 5: return new LikeFilter(Path, Escape(text) + _generator.Pick(["", "%", "_", "%%", "%x"]), _generator.Next(3) == 0, _generator.Next(2) == 0);
            case 6: return new HasFilter(Path, some[0].Kind == ValueKind.List && some[0].AsList.Length > 0 && !some[0].AsList.Span[0].IsNull ? [some[0].AsList.Span[0]] : some, _generator.Next(2) == 0);
            default: return new CompareFilter(Path, _generator.Pick(Enum.GetValues<Comparison>()), some[0]);
        }
    }

    private Value Some(List<Value> values)
    {
        var value = values.Count == 0 || _generator.Next(5) == 0 ? _generator.Pick(ScalarSample.LongValues) : _generator.Pick(values);
        return value.IsNull ? 5L : value;
    }

    private string Half(string text)
    {
        var at = _generator.Next(text.Length + 1);
        if (at > 0 && char.IsHighSurrogate(text[at - 1])) at--;
        return text[..at];
    }

    private static string Escape(string text) => text.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_");

    private static byte[] KeyOf(Value value) => value.IsNull ? [] : new KeyWriter().Write(value).ToArray();

    private static List<int> Read(ScalarCursor cursor, List<Value> values)
    {
        var ordinals = new List<int>();
        while (cursor.Read())
        {
            ordinals.Add(cursor.Ordinal);
            Assert.Equal(values[cursor.Ordinal].IsNull, cursor.IsNull);
            Assert.Equal(Convert.ToHexString(KeyOf(values[cursor.Ordinal])), Convert.ToHexString(cursor.Key));
            if (!cursor.IsCut) Assert.True(cursor.Value.Equals(values[cursor.Ordinal]));
        }

        Assert.False(cursor.Read());
        return ordinals;
    }
}
