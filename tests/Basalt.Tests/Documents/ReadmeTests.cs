using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using Basalt.PointClouds;
using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Reading;
using Basalt.Queries;

namespace Basalt.Tests.Documents;

#pragma warning disable CA1050, CA1852 // The type stands as the README shows it.

/// <summary>The README's C# is this file's C#, run; its commands are run by <see cref="ReadmeCommandTests"/>.</summary>
public sealed partial class ReadmeTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-readme-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Every_snippet_of_the_README_stands_in_these_tests()
    {
        var source = Normalize(Repository.Read("tests", "Basalt.Tests", "Documents", "ReadmeTests.cs"));
        var snippets = Snippet().Matches(Repository.Read("README.md")).Select(static m => m.Groups[1].Value).ToList();
        Assert.True(snippets.Count >= 3);
        foreach (var snippet in snippets) Assert.Contains(Normalize(snippet), source);
    }

    [Fact]
    public async Task The_first_example_finds_its_film()
    {
        var before = Environment.CurrentDirectory;
        var output = new StringWriter();
        await using (var db = await Database.OpenAsync($"file:{_folder}"))
        {
            var films = db.Collection("films");
            await films.CreateAsync(new Record { ["title"] = "Alien", ["year"] = 1979 });
            await foreach (var film in films.StreamAsync(Query.Where("year < 1980 and title like 'A%'")))
                output.WriteLine(film["title"].AsString);
        }

        Assert.Equal(before, Environment.CurrentDirectory);
        Assert.Equal("Alien", output.ToString().TrimEnd());
    }

    public sealed record Film([property: Key] string Id, [property: Required] string Title, [property: Range(1888, 2100)] int Year, string? Director);

    [Fact]
    public async Task The_typed_example_finds_its_film()
    {
        var titles = new List<string>();
        await using var db = await Database.OpenAsync("memory:");
        await db.CreateCollectionAsync<Film>("films");
        var films = db.Collection<Film>("films");
        await films.CreateAsync(new Film("alien", "Alien", 1979, "Ridley Scott"));
        await foreach (var film in films.StreamAsync(f => f.Year < 1990 && f.Director != null))
            titles.Add(film.Title);
        Assert.Equal(["Alien"], titles);
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await films.CreateAsync(new Film("x", "X", 1700, null)));
        Assert.Contains("Year", fault.Message);
    }

    [Fact]
    public async Task The_point_cloud_finds_its_points()
    {
        var output = new StringWriter();
        await using var db = await Database.OpenAsync("memory:");
        var cloud = await PointCloud.OpenOrCreateAsync(db, "neurons", new PointSchema());
        await using (var ingest = await cloud.IngestAsync())
        {
            var points = new PointSet([Column.Of("x", [10, 11, 12]), Column.Of("y", [5, 5, 5]), Column.Of("z", [7, 7, 8])]);
            await ingest.AddAsync("block 17", points.WithLabel(720575940611644529));
            await ingest.CompleteAsync();
        }

        var nearby = await cloud.ReadAsync(PointQuery.In(new Box([0, 0, 0], [11, 9, 9])));
        output.WriteLine($"{nearby.Count} of {await cloud.CountAsync(720575940611644529)}");
        Assert.Equal("2 of 3", output.ToString().TrimEnd());
    }

    // The README prints, opens a folder of its own and has no indentation; everything else is to the letter.
    private static string Normalize(string text) => Space().Replace(text, " ")
        .Replace("output.WriteLine", "Console.WriteLine").Replace("titles.Add(film.Title)", "Console.WriteLine(film.Title)")
        .Replace("Database.OpenAsync($\"file:{_folder}\")) {", "Database.OpenAsync(\"file:./data\");").Replace("await using (var", "await using var");

    [GeneratedRegex(@"```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Snippet();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
