using Basalt.Catalog.Discovery;
using Basalt.Catalog.Metadata;
using Basalt.Catalog.Storage;
using Basalt.Objects;

namespace Basalt.Catalog.Indexing;

/// <summary>Compares what is found with what is known.</summary>
internal sealed class Planning(DatasetRoot root, CatalogStore store, IndexingOptions options)
{
    /// <summary>The root as it stands in the records of its datasets.</summary>
    public string RootName => root.Prefix.Length == 0 ? root.Store.Address : $"{root.Store.Address}/{root.Prefix}";

    public async ValueTask<IndexPlan> PlanAsync(CancellationToken cancellationToken)
    {
        var found = await DatasetDiscovery.FindAsync(root, cancellationToken).ConfigureAwait(false);
        var exists = await store.ExistsAsync(cancellationToken).ConfigureAwait(false);
        var stored = exists ? await store.DatasetsAsync(cancellationToken).ConfigureAwait(false) : [];
        var files = exists ? await store.FilesAsync(cancellationToken).ConfigureAwait(false) : Array.Empty<StoredFile>().ToLookup(static f => f.Dataset);
        var plans = new List<DatasetPlan>();
        foreach (var dataset in found)
        {
            var known = stored.GetValueOrDefault(dataset.Name);
            if (known is not null && known.Root != RootName)
                throw new BasaltException(ErrorCode.AlreadyExists, $"The dataset '{dataset.Name}' is in the catalogue from {known.Root}; two roots with a dataset of one name need two catalogues.") { Target = dataset.Name };
            plans.Add(await PlanAsync(dataset, known, files[dataset.Name], cancellationToken).ConfigureAwait(false));
        }

        var names = found.Select(static d => d.Name).ToHashSet();
        return new IndexPlan([.. plans.OrderBy(static p => p.Bytes)], [.. stored.Values.Where(d => d.Root == RootName && !names.Contains(d.Name)).Select(static d => d.Name)]);
    }

    private async ValueTask<DatasetPlan> PlanAsync(FoundDataset dataset, StoredDataset? stored, IEnumerable<StoredFile> files, CancellationToken cancellationToken)
    {
        var known = files.ToLookup(static f => f.Name);
        var (metadata, fault) = await MetadataAsync(dataset, cancellationToken).ConfigureAwait(false);
        var names = dataset.Files.Select(static f => f.Name).ToHashSet();
        var plan = new DatasetPlan(dataset, [], [], [.. known.SelectMany(static f => f).Where(f => !names.Contains(f.Name))]) { Metadata = metadata, MetadataFault = fault, Stored = stored, Known = known };
        // Without its key a dataset cannot be counted. What is known of its files stays, for when the metadata file is mended.
        if (fault is not null) return plan;
        var key = metadata?.Key.Select(static c => c.Name).ToArray() ?? [];
        var (toRead, unchanged) = (new List<DataFile>(), new List<StoredFile>());
        foreach (var file in dataset.Files)
        {
            if (known[file.Name].FirstOrDefault() is { } have && have.ETag == file.ETag && have.Bytes == file.Length && have.Key.SequenceEqual(key) && !IsToBeTried(have)) unchanged.Add(have);
            else toRead.Add(file);
        }

        return plan with { ToRead = toRead, Unchanged = unchanged };
    }

    private bool IsToBeTried(StoredFile file) => file.Failure is { } failure && (failure == FailureClass.Transient || options.ReadsFailedAgain);

    private async ValueTask<(DatasetMetadata? Metadata, string? Fault)> MetadataAsync(FoundDataset dataset, CancellationToken cancellationToken)
    {
        if (dataset.MetadataKey is not { } key) return (null, null);
        var objects = root.MetadataPrefix is null ? root.Store : root.MetadataStore;
        try
        {
            return await objects.ReadAllAsync(key, MetadataReader.MaxBytes, cancellationToken: cancellationToken).ConfigureAwait(false) is var (_, bytes)
                ? (MetadataReader.Read(bytes, key), null)
                : (null, $"'{key}' was removed while it was looked for");
        }
        catch (BasaltException e) when (e.Code == ErrorCode.InvalidData)
        {
            return (null, e.Message);
        }
    }
}
