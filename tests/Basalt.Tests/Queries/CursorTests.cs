using Basalt.Conformance;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Tests.Queries;

public sealed class CursorTests
{
    [Fact]
    public void Cursor_keeps_every_key_to_the_last_bit()
    {
        var query = Query.All.OrderBy("v").OrderByDescending("$id");
        foreach (var value in Specimens.Values)
        {
            foreach (var id in new[] { "a", "", "\U0001F600'\"\n" })
            {
                var token = Cursor.Write(query, new Record { Id = id, ["v"] = value });
                var cursor = Cursor.Read(query.After(token));
                Assert.True(Oracle.AreSame(value, cursor.Keys[0]));
                Assert.Equal(id, cursor.Id);
                Assert.DoesNotContain(token, static c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'));
            }
        }
    }

    [Fact]
    public void Cursor_fits_its_own_query_with_any_page_and_projection_only()
    {
        var query = Query.Where("n > 1").OrderBy("v");
        var token = Cursor.Write(query, new Record { Id = "a" });
        Assert.Equal("a", Cursor.Read((query.Take(5).Skip(1).Select("x") with { Filter = Basalt.Filters.Filter.Parse("n > 1") }).After(token)).Id);
        foreach (var other in new[] { Query.All.OrderBy("v"), Query.Where("n > 1.0").OrderBy("v"), query with { Sort = [] }, query.OrderBy("w"), Query.Where("n > 1").OrderByDescending("v") })
            Assert.Equal(ErrorCode.InvalidQuery, Assert.Throws<BasaltException>(() => Cursor.Read(other.After(token))).Code);
    }
}
