namespace Basalt.Tests;

/// <summary>The checkout that these tests were built from.</summary>
internal static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    public static string Read(params string[] parts) => File.ReadAllText(Path(parts));

    /// <summary>The C# files below a folder that people wrote.</summary>
    public static IEnumerable<string> SourceFiles(params string[] folders) => folders
        .Select(folder => Path(folder))
        .Where(Directory.Exists)
        .SelectMany(static folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
        .Where(static file => !file.Contains("/obj/") && !file.Contains("/bin/"));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Basalt.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("The tests run from a build below the repository.");
    }
}
