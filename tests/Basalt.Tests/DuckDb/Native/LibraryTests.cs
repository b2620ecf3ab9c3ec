using Basalt.DuckDb.Native;

namespace Basalt.Tests.DuckDb.Native;

public sealed class LibraryTests
{
    [Fact]
    public void The_library_is_looked_for_beside_the_program_then_above_it_then_where_the_environment_says()
    {
        var folder = Path.Combine(Path.GetTempPath(), "tool", "bin");
        var places = DuckDbLibrary.Candidates(folder, "/elsewhere/libduckdb.so").ToList();
        Assert.StartsWith(Path.Combine(folder, "runtimes"), places[0]);
        Assert.StartsWith(Path.Combine(folder, "node_modules", "@duckdb"), places[1]);
        Assert.StartsWith(Path.Combine(Path.GetTempPath(), "tool", "node_modules", "@duckdb"), places[2]);
        Assert.Equal("/elsewhere/libduckdb.so", places[^1]);
        Assert.DoesNotContain("/elsewhere/libduckdb.so", DuckDbLibrary.Candidates(folder, ""));
    }

    [Fact]
    public void The_package_of_every_platform_is_asked_for_in_the_version_that_the_message_names()
    {
        var package = System.Text.Json.JsonDocument.Parse(Repository.Read("package.json"));
        var versions = package.RootElement.GetProperty("optionalDependencies").EnumerateObject().Where(static p => p.Name.StartsWith("@duckdb/", StringComparison.Ordinal)).ToList();
        Assert.Equal(8, versions.Count);
        Assert.All(versions, static version => Assert.Equal(DuckDbLibrary.PackageVersion, version.Value.GetString()));
    }
}
