using Basalt.Backends;
using Basalt.Conformance;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Tests.DuckDb.Filters;

/// <summary>Leaves over columns of each type against the definition, with literals of every kind.</summary>
public sealed class PushdownTests
{
    private static readonly Value[] Literals = [.. Specimens.Values.Where(static value => !value.IsNull && value.Kind is not (ValueKind.Vector or ValueKind.List or ValueKind.Map)), 1e-12, -1e-12, 0.00000000005m, 12345678901234567890.12345m, 1e28, -1e28, 9999999999999999999999999999m];

    public static TheoryData<FieldType> Types => [FieldType.Bool, FieldType.Int64, FieldType.Double, FieldType.Decimal, FieldType.String, FieldType.DateTime, FieldType.Guid, FieldType.Bytes];

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_leaf_over_a_typed_column_is_answered_exactly_by_sql(FieldType type)
    {
        await using var fixture = new BackendFixture();
        var stored = await SeedAsync(fixture, type);
        foreach (var leaf in Leaves(FieldPath.Of("v")))
        {
            // What folds case, and vectors, lists and maps are for the door.
            if (leaf is LikeFilter { IgnoreCase: true } && type == FieldType.String)
            {
                Assert.Equal(FilterSupport.None, fixture.Backend.Supports("things", leaf));
                continue;
            }

            Assert.True(fixture.Backend.Supports("things", leaf) == FilterSupport.Exact, leaf.ToString());
            await CountsAsDefinedAsync(fixture, stored, leaf);
            await CountsAsDefinedAsync(fixture, stored, !leaf);
        }
    }

    [Theory]
    [MemberData(nameof(Types))]
    public async Task A_value_that_the_column_cannot_hold_makes_leaves_inexact_and_no_answer_wrong(FieldType type)
    {
        await using var fixture = new BackendFixture();
        await SeedAsync(fixture, type, "open");
        await fixture.Database.Collection("open").CreateManyAsync([.. Specimens.Values.Select(static (value, i) => new Record { Id = $"stray {i}", ["v"] = value })]);
        var stored = new List<Record>();
        await foreach (var record in fixture.Database.Collection("open").StreamAsync(Basalt.Queries.Query.All)) stored.Add(record);
        var random = new Generator(Generator.SeedOfRun);
        Assert.Equal(FilterSupport.Inexact, fixture.Backend.Supports("open", new NullFilter("v")));
        foreach (var leaf in Leaves("v").Where(_ => random.Next(8) == 0))
        {
            Assert.NotEqual(FilterSupport.Exact, fixture.Backend.Supports("open", leaf));
            await CountsAsDefinedAsync(fixture, stored, leaf, "open");
            await CountsAsDefinedAsync(fixture, stored, !leaf & !new NullFilter("v"), "open");
        }
    }

    [Fact]
    public async Task The_stores_own_properties_are_answered_by_sql()
    {
        await using var fixture = new BackendFixture();
        var stored = await SeedAsync(fixture, FieldType.Int64);
        var some = stored[5];
        foreach (var path in new[] { FieldPath.Id, FieldPath.Version, FieldPath.Created, FieldPath.Updated })
        foreach (var comparison in Enum.GetValues<Comparison>())
        foreach (var literal in new[] { path.Resolve(some), Literals[3], "x", DateTimeOffset.MinValue, DateTimeOffset.MaxValue })
        {
            var leaf = new CompareFilter(path, comparison, literal);
            Assert.Equal(FilterSupport.Exact, fixture.Backend.Supports("things", leaf));
            await CountsAsDefinedAsync(fixture, stored, leaf);
        }
    }

    [Fact]
    public async Task A_leaf_becomes_inexact_between_plan_and_scan_and_the_scan_is_still_right()
    {
        await using var fixture = new BackendFixture();
        var things = fixture.Database.Collection("things");
        await things.CreateManyAsync([.. Enumerable.Range(0, 50).Select(static i => new Record { Id = $"{i:00}", ["n"] = i })]);
        var filter = Filter.Parse("n > 30");
        Assert.Equal(FilterSupport.Exact, fixture.Backend.Supports("things", (LeafFilter)filter));
        await things.CreateManyAsync([new Record { Id = "00 stray", ["n"] = "text" }, new Record { Id = "00 half", ["n"] = 40.5 }]);
        var found = new List<string>();
        await foreach (var record in fixture.Backend.ScanAsync("things", new PushedQuery { Filter = filter, Limit = 3 }, TestContext.Current.CancellationToken)) found.Add(record.Id);
        Assert.Equal(["00 half", "31", "32"], found);
        Assert.Equal(20, await fixture.Backend.CountAsync("things", filter, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_like_pattern_means_in_sql_what_it_means_here()
    {
        await using var fixture = new BackendFixture();
        var stored = await SeedAsync(fixture, FieldType.String);
        var random = new Generator(Generator.SeedOfRun);
        for (var i = 0; i < 400; i++)
        {
            var pattern = string.Concat(Enumerable.Range(0, random.Next(5)).Select(_ => random.Pick(new[] { "%", "_", "\\%", "\\\\", "\\_", "a", "A", "日", "😀", "'", "\n", "t", "\\a" })));
            await CountsAsDefinedAsync(fixture, stored, new LikeFilter("v", pattern), about: $"{Generator.SeedVariable}={random.Seed}: ");
        }
    }

    private static async Task<List<Record>> SeedAsync(BackendFixture fixture, FieldType type, string collection = "things")
    {
        // Strays come in only where the schema lets them.
        await fixture.Database.CreateCollectionAsync(collection, collection == "open" ? null : new Schema([new Field("v", type)]));
        var values = Literals.Where(value => collection == "things" && type.IsNumber() ? value.IsNumber : FieldTypes.Of(value.Kind) == type).Where(value => Holds(type, value)).Append(Value.Null).ToList();
        await fixture.Database.Collection(collection).CreateManyAsync([.. values.Select(static (value, i) => new Record { Id = $"{i:000}", ["v"] = value }), new Record { Id = "none" }]);
        var stored = new List<Record>();
        await foreach (var record in fixture.Database.Collection(collection).StreamAsync(Basalt.Queries.Query.All)) stored.Add(record);
        Assert.Equal(values.Count + 1, stored.Count);
        return stored;
    }

    private static bool Holds(FieldType type, Value value) => type switch
    {
        FieldType.Int64 => value.Kind == ValueKind.Int64,
        FieldType.Double => value.TryGetDouble(out _),
        FieldType.Decimal => value.TryGetDecimal(out var number) && decimal.Round(number, 10) == number && Math.Abs(number) < 9_999_999_999_999_999_999_999_999_999m,
        FieldType.DateTime => value.AsDateTime.UtcTicks % 10 == 0,
        _ => true,
    };

    private static IEnumerable<LeafFilter> Leaves(FieldPath path)
    {
        foreach (var literal in Literals)
        foreach (var comparison in Enum.GetValues<Comparison>()) yield return new CompareFilter(path, comparison, literal);
        for (var i = 0; i + 3 < Literals.Length; i++)
        {
            yield return new InFilter(path, Literals[i..(i + 3)], i % 2 == 0);
            if (Literals[i].IsComparableTo(Literals[i + 1])) yield return new BetweenFilter(path, Literals[i], Literals[i + 1], i % 3 == 0);
            if (Literals[i].IsComparableTo(Literals[i + 1])) yield return new BetweenFilter(path, Literals[i + 1], Literals[i], i % 3 == 0);
        }

        yield return new InFilter(path, []);
        yield return new InFilter(path, [], negated: true);
        yield return new NullFilter(path);
        yield return new NullFilter(path, negated: true);
        yield return new HasFilter(path, [1L], all: true);
        foreach (var text in new[] { "", "a", "日", "'", "%", "\u0001" })
        {
            foreach (var position in Enum.GetValues<TextPosition>()) yield return new TextFilter(path, position, text);
            yield return new LikeFilter(path, $"%{text}", ignoreCase: false, negated: text.Length == 0);
            yield return new LikeFilter(path, $"{text}%", ignoreCase: true);
        }
    }

    private static async Task CountsAsDefinedAsync(BackendFixture fixture, List<Record> stored, Filter filter, string collection = "things", string about = "")
    {
        var count = await fixture.Backend.CountAsync(collection, filter, TestContext.Current.CancellationToken);
        Assert.True(stored.LongCount(filter.Matches) == count, $"{about}{filter}: {count}, not {stored.LongCount(filter.Matches)}; it matches {string.Join(' ', stored.Where(filter.Matches).Select(static r => r["v"].ToString()))}");
    }
}
