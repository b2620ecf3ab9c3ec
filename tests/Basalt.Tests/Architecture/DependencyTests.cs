using System.Xml.Linq;

namespace Basalt.Tests.Architecture;

/// <summary>The table of docs/ARCHITECTURE.md as data: who may reference whom.</summary>
public sealed class DependencyTests
{
    private sealed record Rule(string[] Projects, string[] Packages);

    private static readonly Dictionary<string, Rule> Allowed = new()
    {
        ["Basalt"] = new([], ["Microsoft.Extensions.Configuration.Abstractions", "Microsoft.Extensions.DependencyInjection.Abstractions", "Microsoft.Extensions.Diagnostics.HealthChecks.Abstractions", "Microsoft.Extensions.Logging.Abstractions", "Microsoft.Extensions.Options"]),
        ["Basalt.Conformance"] = new(["Basalt"], ["xunit.v3.assert", "xunit.v3.core", "xunit.v3.extensibility.core"]),
        ["Basalt.Lsm"] = new([], []),
        ["Basalt.Vectors"] = new([], []),
        ["Basalt.DuckDb"] = new(["Basalt"], []),
        ["Basalt.Engine"] = new(["Basalt", "Basalt.Lsm", "Basalt.Vectors"], []),
        ["Basalt.PointClouds"] = new(["Basalt"], []),
        ["Basalt.Cli"] = new(["Basalt", "Basalt.Catalog", "Basalt.DuckDb", "Basalt.Engine", "Basalt.Lsm", "Basalt.PointClouds", "Basalt.S3", "Basalt.Vectors"], ["Microsoft.Data.Sqlite.Core", "SQLitePCLRaw.provider.e_sqlite3", "Spectre.Console", "System.CommandLine"]),
        ["Basalt.S3"] = new(["Basalt"], ["AWSSDK.Core", "AWSSDK.S3"]),
        ["Basalt.Catalog"] = new(["Basalt"], ["YamlDotNet"]),
    };

    public static TheoryData<string> Projects => new(Directory.EnumerateDirectories(Repository.Path("src")).Select(Path.GetFileName)!);

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_references_only_what_the_table_allows(string project)
    {
        Assert.True(Allowed.TryGetValue(project, out var rule), $"{project} is not in the dependency table");
        var file = XDocument.Load(Repository.Path("src", project, project + ".csproj"));
        var projects = file.Descendants("ProjectReference").Select(static r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value));
        var packages = file.Descendants("PackageReference").Select(static r => r.Attribute("Include")!.Value);
        Assert.Empty(projects.Except(rule.Projects));
        Assert.Empty(packages.Except(rule.Packages));
    }

    [Fact]
    public void Every_rule_is_for_a_project_that_exists() =>
        Assert.Empty(Allowed.Keys.Where(static project => !File.Exists(Repository.Path("src", project, project + ".csproj"))));

    [Fact]
    public void Nobody_but_tests_references_the_command_line() => Assert.DoesNotContain(Allowed.Values, static rule => rule.Projects.Contains("Basalt.Cli"));

    [Fact]
    public void Backends_do_not_name_each_other()
    {
        var folders = Directory.EnumerateDirectories(Repository.Path("src", "Basalt", "Backends")).Select(Path.GetFileName).ToList();
        Assert.True(folders.Count >= 2);
        foreach (var folder in folders)
        foreach (var file in Repository.SourceFiles($"src/Basalt/Backends/{folder}"))
        foreach (var other in folders.Where(other => other != folder))
            Assert.False(File.ReadAllText(file).Contains($"Backends.{other}"), $"{file} names Backends.{other}");
    }
}
