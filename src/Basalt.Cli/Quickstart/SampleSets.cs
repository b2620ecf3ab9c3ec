namespace Basalt.Cli.Quickstart;

/// <summary>The public data sets that the quickstart plays with: an npm package that the repository pins.</summary>
internal static class SampleSets
{
    private static readonly string Inside = Path.Combine("node_modules", "vega-datasets", "data");

    /// <summary>The folder of the data sets, above the current folder or above the tool.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.NotFound"/>: it is not installed.</exception>
    public static string Find()
    {
        foreach (var start in new[] { Directory.GetCurrentDirectory(), AppContext.BaseDirectory })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                var data = Path.Combine(folder.FullName, Inside);
                if (Directory.Exists(data)) return data;
            }
        }

        throw new BasaltException(ErrorCode.NotFound, $"The sample data ({Inside}) is not installed; run 'npm ci' in the folder of ./basalt.");
    }
}
