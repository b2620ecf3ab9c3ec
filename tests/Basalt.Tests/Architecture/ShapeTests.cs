using System.Text.RegularExpressions;

namespace Basalt.Tests.Architecture;

/// <summary>Rules of shape that keep the house habitable.</summary>
public sealed partial class ShapeTests
{
    private const int MostLines = 500;
    private static readonly string[] BannedSuffixes = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Common", "Base", "Impl", "Info", "Data", "Service", "Processor", "Handler"];
    private static readonly string[] BannedFolders = ["Common", "Core", "Utils", "Helpers", "Interfaces", "Models", "Extensions", "Enums"];

    [Fact]
    public void No_source_file_is_longer_than_a_person_reads() =>
        Assert.Empty(Repository.SourceFiles("src").Select(static f => (f, File.ReadLines(f).Count())).Where(static f => f.Item2 > MostLines));

    [Fact]
    public void No_type_has_a_name_that_says_nothing()
    {
        var named = Repository.SourceFiles("src").SelectMany(static f => TypeName().Matches(File.ReadAllText(f)).Select(m => (File: f, Name: m.Groups[1].Value))).ToList();
        Assert.True(named.Count > 50);
        Assert.Empty(named.Where(static t => BannedSuffixes.Any(s => t.Name.EndsWith(s, StringComparison.Ordinal))));
    }

    [Fact]
    public void No_folder_is_a_drawer() =>
        Assert.Empty(Directory.EnumerateDirectories(Repository.Path("src"), "*", SearchOption.AllDirectories).Where(static d => BannedFolders.Contains(Path.GetFileName(d))));

    [Fact]
    public void Namespaces_equal_folders()
    {
        foreach (var file in Repository.SourceFiles("src"))
        {
            var relative = Path.GetRelativePath(Repository.Path("src"), file);
            var expected = Path.GetDirectoryName(relative)!.Replace('/', '.');
            var actual = NamespaceName().Match(File.ReadAllText(file));
            if (actual.Success) Assert.True(actual.Groups[1].Value == expected, $"{relative} is in {actual.Groups[1].Value}, not {expected}");
        }
    }

    [Fact]
    public void The_root_has_few_entries() =>
        Assert.InRange(Directory.EnumerateFileSystemEntries(Repository.Root).Count(static e => Path.GetFileName(e) is not (".git" or "artifacts" or "node_modules" or "quickstart-data" or ".basalt")), 10, 22);

    [GeneratedRegex(@"^\s*(?:public |internal |private |protected |sealed |abstract |static |readonly |partial |file |ref )*(?:class|struct|interface|enum|record|record struct) (\w+)", RegexOptions.Multiline)]
    private static partial Regex TypeName();

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex NamespaceName();
}
