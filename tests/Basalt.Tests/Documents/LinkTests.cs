using System.Text.RegularExpressions;

namespace Basalt.Tests.Documents;

/// <summary>Documents name only what is there.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Documents => new(Directory.EnumerateFiles(Repository.Path("docs"), "*.md", SearchOption.AllDirectories)
        .Append(Repository.Path("README.md")).Append(Repository.Path("CONTRIBUTING.md")).Select(static file => Path.GetRelativePath(Repository.Root, file)));

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_link_leads_somewhere(string document)
    {
        var folder = Path.GetDirectoryName(Repository.Path(document))!;
        var targets = Link().Matches(Repository.Read(document)).Select(static m => m.Groups[1].Value.Split('#')[0]).Where(static t => t.Length > 0 && !t.Contains("://"));
        Assert.Empty(targets.Where(target => !Path.Exists(Path.Combine(folder, target))));
    }

    [Theory]
    [MemberData(nameof(Documents))]
    public void Every_path_exists(string document)
    {
        var paths = SourcePath().Matches(Repository.Read(document)).Select(static m => m.Groups[1].Value).Where(static p => !p.Contains('<'));
        Assert.Empty(paths.Where(static path => !Path.Exists(Repository.Path(path))));
    }

    [Fact]
    public void The_architecture_has_a_section_for_every_folder_of_the_library()
    {
        var document = Repository.Read("docs", "ARCHITECTURE.md");
        var folders = Directory.EnumerateDirectories(Repository.Path("src")).Concat(Directory.EnumerateDirectories(Repository.Path("src", "Basalt")))
            .Concat(Directory.EnumerateDirectories(Repository.Path("src", "Basalt", "Backends")))
            .Select(static folder => Path.GetRelativePath(Repository.Root, folder)).Where(static folder => Path.GetFileName(folder) is not ("bin" or "obj"));
        Assert.Empty(folders.Where(folder => !document.Contains($"# `{folder}`: ")));
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"`((?:src|tests|bench|docs)/[\w./<>-]+)`")]
    private static partial Regex SourcePath();
}
