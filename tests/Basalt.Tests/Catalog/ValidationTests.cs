using System.Text;
using Basalt.Catalog.Discovery;
using Basalt.Catalog.Indexing;
using Basalt.Catalog.Storage;
using Basalt.Catalog.Validation;
using Basalt.Objects.Memory;

namespace Basalt.Tests.Catalog;

public sealed class ValidationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Everything_amiss_is_told_once_and_nothing_else()
    {
        var findings = await CheckAsync(
            ("well/a.csv", "item_id,timestamp,x\na,2020-01-01,1\na,2020-01-02,1\nb,2020-01-01,2\n"),
            ("well/b.csv", "item_id,timestamp,x\na,2020-01-03,1.5\n"),
            ("well_metadata.yaml", "ts_id: [item_id]\ntargets: [{name: x, type: num}]\ntfc_data_store: {future: [day]}"),
            ("times/a.csv", "item_id,timestamp,x\na,2020-01-01,1\na,2020-01-01,NaN\nb,2020-01-02,1\nb,2020-01-01,1\nc,soon,1\n"),
            ("columns/a.csv", "item_id,timestamp,x,y\na,2020-01-01,1,u\n"),
            ("columns/b.csv", "item_id,timestamp,x,y\na,2020-01-02,1,u\n"),
            ("columns/c.csv", "item_id,timestamp,x,z\na,2020-01-03,some,u\n"),
            ("columns/d.csv", "item_id,timestamp,x,y\n"),
            ("columns/e.csv", "item_id,timestamp,y,x\na,2020-01-04,u,1\n"),
            ("columns/f.csv", ""),
            ("columns_metadata.yaml", "ts_id: [item_id]\ntargets: [{name: x, type: num}, {name: w, type: num}]\nstatic: 1"),
            ("described_metadata.yaml", "name: described"),
            ("broken/a.csv", "x\n1\n"),
            ("broken_metadata.yaml", "- x"));
        Assert.Equal(
            [
                "Metadata broken  The metadata file 'broken_metadata.yaml' cannot be used: it is not a map of names, but a Sequence.",
                "UnknownMetadata columns  unknown names in the metadata file: static",
                "Unreadable columns f.csv 'columns/f.csv' is empty: it has not even a header.",
                "EmptyFile columns d.csv it has no rows",
                "OtherKind columns  'x' is declared as number and is text",
                "MissingColumn columns  'w', declared in targets, is missing in 5 of 5 files",
                "SchemaDrift columns c.csv it lacks y; it has z; 'x' is text, elsewhere int64",
                "SchemaDrift columns e.csv its columns stand in another order",
                "NoFiles described  it is described, but has no files",
                "NotFinite times  'x' is NaN or infinite in 1 rows",
                "Untimed times  1 rows have no time that can be read",
                "Unordered times  the times of 1 series do not ascend",
                "Repeated times  1 series have a time twice in a row",
            ],
            findings.Select(static f => $"{f.Kind} {f.Dataset} {f.File} {f.Message}").OrderBy(static f => f.Split(' ')[1], StringComparer.Ordinal));
    }

    private static async Task<IReadOnlyList<Finding>> CheckAsync(params (string Key, string Text)[] files)
    {
        await using var objects = new MemoryObjectStore();
        await using var database = await Database.OpenAsync("memory:", cancellationToken: Token);
        foreach (var (key, text) in files) await objects.PutAsync(key, Encoding.UTF8.GetBytes(text), cancellationToken: Token);
        var store = new CatalogStore(database);
        await new Indexer(new DatasetRoot(objects, ""), store).RunAsync(null, Token);
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<BasaltException>(async () => await DatasetValidation.CheckAsync(store, "none", Token))).Code);
        Assert.Empty(await DatasetValidation.CheckAsync(store, "well", Token));
        return await DatasetValidation.CheckAsync(store, null, Token);
    }
}
