using Basalt.Objects;

namespace Basalt.Catalog.Discovery;

/// <summary>Where datasets lie: below a prefix of a store, a folder each, and their metadata files.</summary>
/// <param name="Store">The store of the files.</param>
/// <param name="Prefix">What keys of files begin with: empty, or ending in a slash.</param>
public sealed record DatasetRoot(IObjectStore Store, string Prefix)
{
    /// <summary>The store of the metadata files; that of the data unless given.</summary>
    public IObjectStore MetadataStore { get; init; } = Store;

    /// <summary>What keys of metadata files begin with: empty, or ending in a slash. Null: they lie anywhere below <see cref="Prefix"/>.</summary>
    public string? MetadataPrefix { get; init; }

    /// <summary>A prefix as a folder: with a slash at its end, unless it is empty.</summary>
    public static string FolderPrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        prefix = prefix.TrimStart('/');
        return prefix.Length == 0 || prefix.EndsWith('/') ? prefix : prefix + "/";
    }
}
