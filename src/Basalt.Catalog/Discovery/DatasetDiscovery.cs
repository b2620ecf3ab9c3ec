using Basalt.Objects;

namespace Basalt.Catalog.Discovery;

/// <summary>
/// Finds datasets by listing alone: <c>PREFIX/DATASET/...</c> with files of rows in any depth, a file right below the prefix being a dataset of its own, and
/// <c>NAME_metadata.yaml</c> (or <c>.yml</c>) whose name is that of a dataset, whatever the case of its letters.
/// </summary>
public static class DatasetDiscovery
{
    private static readonly string[] MetadataEndings = ["_metadata.yaml", "_metadata.yml"];

    /// <summary>The datasets below a root, in the order of their names: with files, with a metadata file, or both.</summary>
    public static async ValueTask<IReadOnlyList<FoundDataset>> FindAsync(DatasetRoot root, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(root);
        var folders = new SortedDictionary<string, Folder>(StringComparer.Ordinal);
        var metadata = new List<ObjectEntry>();
        await foreach (var item in root.Store.ListAsync(new ObjectListing { Prefix = root.Prefix }, cancellationToken).ConfigureAwait(false))
        {
            if (root.MetadataPrefix is null && NameOfMetadata(item.Key) is not null) metadata.Add(item.Entry!);
            else Place(root, item.Entry!, folders);
        }

        if (root.MetadataPrefix is { } prefix)
        {
            await foreach (var item in root.MetadataStore.ListAsync(new ObjectListing { Prefix = prefix }, cancellationToken).ConfigureAwait(false))
                if (NameOfMetadata(item.Key) is not null) metadata.Add(item.Entry!);
        }

        return Match(folders, metadata);
    }

    internal static string? NameOfMetadata(string key)
    {
        var name = key[(key.LastIndexOf('/') + 1)..];
        var ending = MetadataEndings.FirstOrDefault(e => name.Length > e.Length && name.EndsWith(e, StringComparison.OrdinalIgnoreCase));
        return ending is null ? null : name[..^ending.Length];
    }

    private static void Place(DatasetRoot root, ObjectEntry entry, SortedDictionary<string, Folder> folders)
    {
        var name = entry.Key[root.Prefix.Length..];
        var slash = name.IndexOf('/');
        // Empty parts name nothing: markers of folders, and keys with two slashes.
        if (name.Length == 0 || slash == 0 || name.EndsWith('/')) return;
        var format = DataFile.FormatOf(name);
        if (slash < 0 && format is null) return;
        var dataset = slash < 0 ? name[..name.IndexOf('.', StringComparison.Ordinal)] : name[..slash];
        if (dataset.Length == 0) return;
        if (!folders.TryGetValue(dataset, out var folder)) folders.Add(dataset, folder = new Folder());
        if (format is { } known) folder.Files.Add(new DataFile(dataset, slash < 0 ? name : name[(slash + 1)..], entry.Key, known, entry.Length, entry.ETag));
        else folder.Others++;
    }

    private static List<FoundDataset> Match(SortedDictionary<string, Folder> folders, List<ObjectEntry> metadata)
    {
        var exact = metadata.GroupBy(static e => NameOfMetadata(e.Key)!, StringComparer.Ordinal).ToDictionary(static g => g.Key, static g => g.First(), StringComparer.Ordinal);
        var loose = metadata.GroupBy(static e => NameOfMetadata(e.Key)!, StringComparer.OrdinalIgnoreCase).ToDictionary(static g => g.Key, static g => g.First(), StringComparer.OrdinalIgnoreCase);
        var found = new List<FoundDataset>();
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, folder) in folders)
        {
            var file = exact.GetValueOrDefault(name) ?? loose.GetValueOrDefault(name);
            if (file is not null) used.Add(file.Key);
            // A folder of other things is a dataset only if somebody says so.
            if (folder.Files.Count > 0 || file is not null) found.Add(new FoundDataset(name, folder.Files, file?.Key, file?.ETag, folder.Others));
        }

        found.AddRange(exact.Where(pair => !used.Contains(pair.Value.Key) && !found.Exists(d => d.Name.Equals(pair.Key, StringComparison.OrdinalIgnoreCase)))
            .Select(static pair => new FoundDataset(pair.Key, [], pair.Value.Key, pair.Value.ETag, 0)));
        found.Sort(static (a, b) => string.CompareOrdinal(a.Name, b.Name));
        return found;
    }

    private sealed class Folder
    {
        public List<DataFile> Files { get; } = [];

        public int Others { get; set; }
    }
}
