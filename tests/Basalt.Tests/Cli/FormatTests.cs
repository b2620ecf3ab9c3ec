namespace Basalt.Tests.Cli;

public sealed class FormatTests : IDisposable
{
    private readonly Tool _tool = new();

    public void Dispose() => _tool.Dispose();

    private async Task<Said> QueryAsync(params string[] options)
    {
        await _tool.PutAsync(
            """{"$id": "alien", "title": "Alien", "year": 1979, "rating": 8.5, "tags": ["space", "horror"], "cast": {"lead": "Weaver"}}""",
            """{"$id": "brazil", "title": "Brazil, \"1984½\"", "year": 1985, "rating": null, "note": "two\nlines"}""",
            """{"$id": "c3", "title": "", "year": 7, "seen": true}""");
        return await _tool.RunAsync(["query", "memory:#films", .. options]);
    }

    [Fact]
    public async Task Table_aligns_columns_with_numbers_to_the_right()
    {
        var said = await QueryAsync();
        Assert.Equal("""
            $id     title            year  rating  tags                cast               note        seen
            ------  ---------------  ----  ------  ------------------  -----------------  ----------  ----
            alien   Alien            1979     8.5  ["space","horror"]  {"lead":"Weaver"}
            brazil  Brazil, "1984½"  1985                                                 two\nlines
            c3                          7                                                             true

            """, said.Done());
        Assert.Equal("3 rows\n", said.Error);
    }

    [Fact]
    public async Task Table_cuts_long_cells_and_says_so()
    {
        await _tool.PutAsync($$"""{"$id": "a", "text": "{{new string('x', 100)}}", "wide": "{{string.Concat(Enumerable.Repeat("漢", 40))}}"}""");
        var lines = (await _tool.RunAsync("query", "memory:#films")).Done().Split('\n');
        Assert.Contains(new string('x', 47) + "…", lines[2], StringComparison.Ordinal);
        Assert.Contains(string.Concat(Enumerable.Repeat("漢", 23)) + "…", lines[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Table_shows_controls_of_the_data_and_does_not_obey_them()
    {
        await _tool.PutAsync("""{"$id": "a", "\u001b[31mname": "\u001b]0;title\u0007\u202Eevil\r"}""");
        var output = (await _tool.RunAsync("query", "memory:#films")).Done();
        Assert.DoesNotContain('\u001b', output);
        Assert.DoesNotContain('\u202E', output);
        Assert.Contains("""\u001b]0;title\u0007\u202eevil\r""", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_is_one_array_of_plain_objects_with_the_id_first() => Assert.Equal("""
        [
        {"$id":"alien","title":"Alien","year":1979,"rating":8.5,"tags":["space","horror"],"cast":{"lead":"Weaver"}},
        {"$id":"brazil","title":"Brazil, \"1984½\"","year":1985,"rating":null,"note":"two\nlines"},
        {"$id":"c3","title":"","year":7,"seen":true}
        ]

        """, (await QueryAsync("--format", "json")).Done());

    [Fact]
    public async Task Json_lines_are_one_object_each() => Assert.Equal("""
        {"$id":"alien","year":1979}
        {"$id":"brazil","year":1985}
        {"$id":"c3","year":7}

        """, (await QueryAsync("--format", "jsonl", "--select", "year")).Done());

    [Fact]
    public async Task Csv_follows_rfc_4180_and_tells_null_from_empty_text() => Assert.Equal(
        string.Join("\r\n",
        [
            "$id,title,year,rating,tags,cast,note,seen",
            "alien,Alien,1979,8.5,\"[\"\"space\"\",\"\"horror\"\"]\",\"{\"\"lead\"\":\"\"Weaver\"\"}\",,",
            "brazil,\"Brazil, \"\"1984½\"\"\",1985,,,,\"two\nlines\",",
            "c3,\"\",7,,,,,true",
            "",
        ]), (await QueryAsync("--format", "csv")).Done());

    [Theory]
    [InlineData("json", "[]\n")]
    [InlineData("jsonl", "")]
    [InlineData("csv", "$id\r\n")]
    [InlineData("table", "")]
    public async Task An_empty_result_is_empty_in_every_format(string format, string expected) =>
        Assert.Equal(expected, (await QueryAsync("--where", "year > 3000", "--format", format)).Done());

    [Fact]
    public async Task Selected_paths_become_columns_and_the_stores_properties_come_along_when_named()
    {
        var said = await QueryAsync("--select", "cast.lead,$version", "--where", "$id = 'alien'", "--format", "csv");
        var row = said.Done().Split("\r\n")[1].Split(',');
        Assert.StartsWith("$id,cast.lead,$version\r\n", said.Output, StringComparison.Ordinal);
        Assert.Equal(["alien", "Weaver"], row[..2]);
        Assert.True(long.Parse(row[2]) > 0);
        var json = (await _tool.RunAsync("query", "memory:#films", "--select", "$version", "--format", "jsonl", "--limit", "1")).Done();
        Assert.Equal($"{{\"$id\":\"alien\",\"$version\":{row[2]}}}\n", json);
    }

    [Fact]
    public async Task Csv_of_many_records_has_every_column_though_the_rows_were_spilled()
    {
        const int Count = 20_500;
        var lines = Enumerable.Range(0, Count).Select(static i => $$"""{"$id":"{{i:D6}}","a":{{i}}{{(i == Count - 1 ? ",\"late\":1.50" : "")}}}""");
        (await _tool.RunAsync("import", _tool.Write("many.jsonl", string.Join('\n', lines)), "memory:#many")).Done();
        var csv = (await _tool.RunAsync("query", "memory:#many", "--format", "csv")).Done().Split("\r\n");
        Assert.Equal("$id,a,late", csv[0]);
        Assert.Equal("000000,0,", csv[1]);
        Assert.Equal("020499,20499,1.5", csv[Count]);
        Assert.Equal(Count + 2, csv.Length);
        Assert.Equal("", csv[^1]);
    }

    [Fact]
    public async Task A_table_longer_than_a_block_prints_every_row()
    {
        var lines = Enumerable.Range(0, 2_345).Select(static i => $$"""{"$id":"{{i:D6}}","a":{{i}}}""");
        (await _tool.RunAsync("import", _tool.Write("many.jsonl", string.Join('\n', lines)), "memory:#many")).Done();
        var said = await _tool.RunAsync("query", "memory:#many");
        Assert.Equal(2_345, said.Done().Split('\n').Count(static line => line.Length > 0 && char.IsAsciiDigit(line[0])));
        Assert.Equal("2,345 rows\n", said.Error);
    }
}
