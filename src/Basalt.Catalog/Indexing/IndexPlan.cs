using Basalt.Catalog.Discovery;
using Basalt.Catalog.Metadata;
using Basalt.Catalog.Storage;

namespace Basalt.Catalog.Indexing;

/// <summary>What a run has to do for a dataset.</summary>
/// <param name="Dataset">The dataset as it was found.</param>
/// <param name="ToRead">The files to be read: new ones, changed ones, and ones that failed for a while.</param>
/// <param name="Unchanged">The files that are known already.</param>
/// <param name="Removed">The files that are known and not there any more.</param>
public sealed record DatasetPlan(FoundDataset Dataset, IReadOnlyList<DataFile> ToRead, IReadOnlyList<StoredFile> Unchanged, IReadOnlyList<StoredFile> Removed)
{
    /// <summary>How many bytes are to be read. A CSV file is read whole; Parquet files, which this version does not read, cost nothing.</summary>
    public long Bytes => ToRead.Where(static f => f.Format != DataFormat.Parquet).Sum(static f => f.Length);

    /// <summary>How many requests for rows there will be.</summary>
    public int Requests => ToRead.Count(static f => f.Format != DataFormat.Parquet);

    internal DatasetMetadata? Metadata { get; init; }

    /// <summary>Why the metadata file cannot be used; null when it can.</summary>
    public string? MetadataFault { get; init; }

    internal StoredDataset? Stored { get; init; }

    internal ILookup<string, StoredFile> Known { get; init; } = Array.Empty<StoredFile>().ToLookup(static f => f.Id);

    /// <summary>Whether nothing has changed since the dataset was indexed.</summary>
    internal bool IsCurrent => ToRead.Count == 0 && Removed.Count == 0 && MetadataFault is null && Stored is { State: DatasetState.Complete or DatasetState.Partial or DatasetState.Empty or DatasetState.Failed } stored
        && stored.MetadataETag == Dataset.MetadataETag;
}

/// <summary>What a run has to do.</summary>
/// <param name="Datasets">The datasets, those with the fewest bytes to read first, so that a very large one delays none.</param>
/// <param name="Gone">The datasets of this root that are there no more.</param>
public sealed record IndexPlan(IReadOnlyList<DatasetPlan> Datasets, IReadOnlyList<string> Gone);
