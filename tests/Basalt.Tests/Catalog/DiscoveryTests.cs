using Basalt.Catalog.Discovery;
using Basalt.Objects;
using Basalt.Objects.Memory;

namespace Basalt.Tests.Catalog;

public sealed class DiscoveryTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Datasets_are_folders_with_files_of_rows_and_metadata_whatever_the_case()
    {
        await using var store = new MemoryObjectStore();
        foreach (var key in new[]
        {
            "lotsa/ALPHA/chunk_0000.parquet", "lotsa/ALPHA/deep/er/chunk_0001.CSV", "lotsa/ALPHA/_SUCCESS", "lotsa/beta/x.csv.gz", "lotsa/notes/readme.txt", "lotsa/single.csv",
            "elsewhere/gamma/x.csv", "meta/alpha_metadata.yaml", "meta/sub/Beta_Metadata.YML", "meta/delta_metadata.yaml", "meta/readme.yaml", "meta/_metadata.yaml",
        }) await store.PutAsync(key, new byte[key.Length], cancellationToken: Token);
        var found = await DatasetDiscovery.FindAsync(new DatasetRoot(store, "lotsa/") { MetadataPrefix = "meta/" }, Token);
        Assert.Equal(
            [
                ("ALPHA", "chunk_0000.parquet Parquet, deep/er/chunk_0001.CSV Csv", "meta/alpha_metadata.yaml", 1),
                ("beta", "x.csv.gz GzipCsv", "meta/sub/Beta_Metadata.YML", 0),
                ("delta", "", "meta/delta_metadata.yaml", 0),
                ("single", "single.csv Csv", null, 0),
            ],
            found.Select(static d => (d.Name, string.Join(", ", d.Files.Select(static f => $"{f.Name} {f.Format}")), d.MetadataKey, d.OtherFiles)));
        Assert.Equal(("lotsa/beta/x.csv.gz", 19L), (found[1].Files[0].Key, found[1].Bytes));
    }

    [Fact]
    public async Task Without_a_place_of_their_own_metadata_files_lie_anywhere_below_the_root()
    {
        await using var store = new MemoryObjectStore();
        foreach (var key in new[] { "a/x.csv", "a/A_metadata.yaml", "b/x.csv", "metadata/b_metadata.yaml", "c/x.csv", "B/y.csv" }) await store.PutAsync(key, new byte[1], cancellationToken: Token);
        var found = await DatasetDiscovery.FindAsync(new DatasetRoot(store, ""), Token);
        // Two folders whose names differ by case alone are two datasets; the metadata file of one describes the other, too.
        Assert.Equal([("B", "metadata/b_metadata.yaml"), ("a", "a/A_metadata.yaml"), ("b", "metadata/b_metadata.yaml"), ("c", null)], found.Select(static d => (d.Name, d.MetadataKey)));
    }

    [Fact]
    public async Task A_root_without_anything_has_no_datasets()
    {
        await using var store = new MemoryObjectStore();
        Assert.Empty(await DatasetDiscovery.FindAsync(new DatasetRoot(store, "x/"), Token));
    }
}
