using System.CommandLine;
using Basalt.Catalog.Discovery;
using Basalt.Objects;
using Basalt.Objects.Folders;
using Basalt.S3;

namespace Basalt.Cli.Arguments;

/// <summary>Where datasets lie: a folder, or a prefix in a bucket.</summary>
internal sealed class RootArgument : Argument<string>
{
    public RootArgument()
        : base("ROOT") => Description = "The folder of the datasets, or s3://bucket/prefix[?endpoint=...&region=...]";

    /// <summary>Opens a root, and the place of its metadata files if that is given: below the root's own folder or bucket, or an address of its own.</summary>
    public static OpenRoot Open(string root, string? metadata, TimeProvider timeProvider)
    {
        var (store, prefix) = OpenPlace(root, timeProvider);
        if (metadata is null) return new OpenRoot(new DatasetRoot(store, prefix), null);
        if (!IsAddress(metadata)) return new OpenRoot(new DatasetRoot(store, prefix) { MetadataPrefix = DatasetRoot.FolderPrefix(metadata) }, null);
        var (other, otherPrefix) = OpenPlace(metadata, timeProvider);
        return new OpenRoot(new DatasetRoot(store, prefix) { MetadataStore = other, MetadataPrefix = otherPrefix }, other);
    }

    private static bool IsAddress(string text) => IsBucket(text) || Path.IsPathRooted(text) || text.StartsWith("./", StringComparison.Ordinal) || text.StartsWith("../", StringComparison.Ordinal);

    private static bool IsBucket(string text) => text.StartsWith("s3:", StringComparison.OrdinalIgnoreCase);

    private static (IObjectStore Store, string Prefix) OpenPlace(string text, TimeProvider timeProvider)
    {
        if (IsBucket(text))
        {
            var address = S3Address.Of(StoreUri.Parse(text));
            return (S3ObjectStore.Open(address.Options with { TimeProvider = timeProvider }), DatasetRoot.FolderPrefix(address.Prefix));
        }

        // An empty answer for a mistyped path would look like a root without datasets.
        if (!Directory.Exists(text)) throw new BasaltException(ErrorCode.NotFound, $"There is no folder {text}.") { Target = text };
        return (new FolderObjectStore(text, timeProvider), "");
    }
}

/// <summary>A root and what it keeps open.</summary>
internal sealed record OpenRoot(DatasetRoot Root, IObjectStore? Metadata) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        await Root.Store.DisposeAsync().ConfigureAwait(false);
        if (Metadata is not null) await Metadata.DisposeAsync().ConfigureAwait(false);
    }
}
