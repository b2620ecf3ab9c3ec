using Basalt.Catalog.Metadata;
using Basalt.Records;

namespace Basalt.Catalog.Storage;

/// <summary>A dataset as the catalogue has it: its record, and what the program asks of it.</summary>
/// <param name="Record">The record, whose id is the dataset's name.</param>
public sealed record StoredDataset(Record Record)
{
    /// <summary>The name.</summary>
    public string Name => Record.Id;

    /// <summary>How far it is.</summary>
    public DatasetState State => Enum.Parse<DatasetState>(Record["state"].AsString, ignoreCase: true);

    /// <summary>Where it was found.</summary>
    public string Root => Record["root"].AsString;

    /// <summary>The ETag of the metadata file that it was described by; null without one.</summary>
    public string? MetadataETag => Record["metadata_etag"] is { IsNull: false } tag ? tag.AsString : null;

    /// <summary>The declared columns of the key.</summary>
    internal IReadOnlyList<string> Key => [.. Record["key"].AsList.ToArray().Select(static k => k.AsString)];

    /// <summary>The fields of a dataset that come from its metadata file.</summary>
    internal static IEnumerable<KeyValuePair<string, Value>> Described(DatasetMetadata? metadata) =>
    [
        new("metadata", metadata is null ? "inferred" : "yaml"),
        new("name", metadata?.Name), new("type", metadata?.Type), new("source", metadata?.Source), new("description", metadata?.Description), new("storage_location", metadata?.StorageLocation),
        new("key", Names(metadata?.Key)), new("targets", Columns(metadata?.Targets)), new("historical", Columns(metadata?.Historical)), new("future", Columns(metadata?.Future)),
        new("static", Columns(metadata?.Static)), new("derived", Columns(metadata?.Derived)), new("unknown", Value.FromList((metadata?.Unknown ?? []).Select(static name => (Value)name))),
    ];

    private static Value Names(IReadOnlyList<ColumnDeclaration>? columns) => Value.FromList((columns ?? []).Select(static c => (Value)c.Name));

    private static Value Columns(IReadOnlyList<ColumnDeclaration>? columns) => Value.FromList((columns ?? []).Select(static c =>
        (Value)ValueMap.From([new("name", c.Name), new("kind", c.Kind.ToString().ToLowerInvariant()), new("subtype", c.Subtype)])));
}
