namespace Basalt.Catalog.Discovery;

/// <summary>How the rows of a file are written.</summary>
public enum DataFormat
{
    /// <summary><c>.csv</c></summary>
    Csv,

    /// <summary><c>.csv.gz</c></summary>
    GzipCsv,

    /// <summary><c>.parquet</c></summary>
    Parquet,
}

/// <summary>A file of a dataset.</summary>
/// <param name="Dataset">The dataset's name.</param>
/// <param name="Name">The key behind the dataset's folder.</param>
/// <param name="Key">The key in the store.</param>
/// <param name="Format">How its rows are written.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="ETag">The name of its content.</param>
public sealed record DataFile(string Dataset, string Name, string Key, DataFormat Format, long Length, string ETag)
{
    internal static DataFormat? FormatOf(string key) =>
        key.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) ? DataFormat.Csv
        : key.EndsWith(".csv.gz", StringComparison.OrdinalIgnoreCase) ? DataFormat.GzipCsv
        : key.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase) ? DataFormat.Parquet
        : null;
}

/// <summary>A dataset that was found.</summary>
/// <param name="Name">The name of its folder; of the metadata file, where there is no folder.</param>
/// <param name="Files">Its files, in the order of their keys.</param>
/// <param name="MetadataKey">The key of its metadata file; null when there is none.</param>
/// <param name="MetadataETag">The name of the metadata file's content.</param>
/// <param name="OtherFiles">How many objects in its folder are no files of rows.</param>
public sealed record FoundDataset(string Name, IReadOnlyList<DataFile> Files, string? MetadataKey, string? MetadataETag, int OtherFiles)
{
    /// <summary>The bytes of its files.</summary>
    public long Bytes => Files.Sum(static f => f.Length);
}
