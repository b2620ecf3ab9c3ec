using System.Text.RegularExpressions;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Tests.Documents;

/// <summary>docs/semantics.md, run line by line.</summary>
public sealed partial class SemanticsTests
{
    private static readonly string Document = Repository.Read("docs", "semantics.md");

    public static TheoryData<string, string, string> Rows
    {
        get
        {
            var rows = new TheoryData<string, string, string>();
            foreach (Match row in Row().Matches(Document)) rows.Add(row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value);
            return rows;
        }
    }

    [Fact]
    public void The_document_has_its_rows() => Assert.True(Rows.Count > 70, $"only {Rows.Count} rows were found");

    [Theory]
    [MemberData(nameof(Rows))]
    public async Task A_row_is_true(string json, string text, string expected)
    {
        if (expected == "error")
        {
            Assert.Equal(ErrorCode.InvalidQuery, Assert.Throws<BasaltException>(() => Filter.Parse(text)).Code);
            return;
        }

        var record = RecordJson.Parse(json) is { Id: "" } anonymous ? anonymous with { Id = "1" } : RecordJson.Parse(json);
        var filter = Filter.Parse(text);
        Assert.Equal(expected == "yes", filter.Matches(record));
        Assert.Equal(expected == "yes", filter.Compile()(record));
        Assert.Equal(expected != "yes", (!filter).Matches(record));

        await using var db = await Database.OpenAsync("memory:");
        await db.Collection("c").CreateAsync(record);
        Assert.Equal(expected == "yes" ? 1 : 0, await db.Collection("c").CountAsync(filter));
    }

    [Fact]
    public void The_order_is_as_listed()
    {
        var lines = OrderBlock().Match(Document).Groups[1].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.Length > 25);
        var levels = lines.Select(static line => line.Split(" | ").Select(RecordJson.ParseValue).ToArray()).ToArray();
        for (var i = 0; i < levels.Length; i++)
        for (var j = 0; j < levels.Length; j++)
        foreach (var left in levels[i])
        foreach (var right in levels[j])
        {
            Assert.True(Math.Sign(left.CompareTo(right)) == Math.Sign(i.CompareTo(j)), $"{lines[i]} against {lines[j]}");
            Assert.Equal(i == j, left.Equals(right));
            if (i == j) Assert.Equal(left.GetHashCode(), right.GetHashCode());
        }
    }

    [GeneratedRegex(@"^\| `(\{.*?\})` \| `(.*?)` \| (yes|no|error) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"```order\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex OrderBlock();
}
