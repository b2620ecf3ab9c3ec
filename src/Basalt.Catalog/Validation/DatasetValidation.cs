using Basalt.Catalog.Statistics;
using Basalt.Catalog.Storage;

namespace Basalt.Catalog.Validation;

/// <summary>Tells what is amiss with the datasets of a catalogue, from what indexing noted: no file is read again.</summary>
public static class DatasetValidation
{
    /// <summary>The findings of one dataset, or of all in the order of their names.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.NotFound"/>: there is no such dataset.</exception>
    public static async ValueTask<IReadOnlyList<Finding>> CheckAsync(CatalogStore store, string? dataset = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        var datasets = await store.DatasetsAsync(cancellationToken).ConfigureAwait(false);
        if (dataset is not null && !datasets.ContainsKey(dataset)) throw new BasaltException(ErrorCode.NotFound, $"There is no dataset '{dataset}' in the catalogue.") { Target = dataset };
        var files = await store.FilesAsync(cancellationToken).ConfigureAwait(false);
        return [.. datasets.Values.Where(d => dataset is null || d.Name == dataset).OrderBy(static d => d.Name, StringComparer.Ordinal).SelectMany(d => Check(d, [.. files[d.Name]]))];
    }

    private static IEnumerable<Finding> Check(StoredDataset dataset, IReadOnlyList<StoredFile> files)
    {
        var record = dataset.Record;
        Finding Of(FindingKind kind, string message, string? file = null) => new(kind, dataset.Name, file, message);

        if (record["metadata_fault"] is { IsNull: false } fault) yield return Of(FindingKind.Metadata, fault.AsString);
        if (record["unknown"] is { IsNull: false, AsList: { Length: > 0 } unknown }) yield return Of(FindingKind.UnknownMetadata, $"unknown names in the metadata file: {string.Join(", ", unknown.ToArray().Select(static name => name.AsString))}");
        if (dataset.State == DatasetState.Empty) yield return Of(FindingKind.NoFiles, "it is described, but has no files");
        foreach (var file in files.Where(static f => f.Summary is null)) yield return Of(FindingKind.Unreadable, file.Error ?? "it could not be read", file.Name);
        var readable = files.Where(static f => f.Summary is not null).ToList();
        foreach (var file in readable.Where(static f => f.Summary!.Rows == 0)) yield return Of(FindingKind.EmptyFile, "it has no rows", file.Name);
        foreach (var finding in Declared(dataset, readable)) yield return finding;
        foreach (var finding in Drift(dataset, readable)) yield return finding;
        foreach (var (name, count) in readable.SelectMany(static f => f.Summary!.Columns).GroupBy(static c => c.Name).Select(static g => (g.Key, g.Sum(static c => c.NotFinite))).Where(static c => c.Item2 > 0))
            yield return Of(FindingKind.NotFinite, $"'{name}' is NaN or infinite in {count} rows");
        if (Count("untimed_records") is > 0 and var untimed) yield return Of(FindingKind.Untimed, $"{untimed} rows have no time that can be read");
        if (Count("unordered_series") is > 0 and var unordered) yield return Of(FindingKind.Unordered, $"the times of {unordered} series do not ascend");
        if (Count("repeated_series") is > 0 and var repeated) yield return Of(FindingKind.Repeated, $"{repeated} series have a time twice in a row");

        long Count(string name) => record[name] is { IsNull: false } count ? count.AsInt64 : 0;
    }

    /// <summary>Columns that are declared, but are not there or something else. The key is not asked about: without it a file is not read. Derived features need not be in files.</summary>
    private static IEnumerable<Finding> Declared(StoredDataset dataset, List<StoredFile> files)
    {
        if (files.Count == 0) yield break;
        foreach (var role in new[] { "targets", "historical", "future", "static" })
        {
            foreach (var declared in dataset.Record[role].AsList.ToArray().Select(static c => c.AsMap))
            {
                var (name, kind) = (declared["name"].AsString, declared["kind"].AsString);
                var found = files.Select(f => (File: f, Column: f.Summary!.Columns.FirstOrDefault(c => c.Name == name))).ToList();
                var missing = found.Count(static f => f.Column is null);
                if (missing > 0) yield return new Finding(FindingKind.MissingColumn, dataset.Name, null, $"'{name}', declared in {role}, is missing in {missing} of {files.Count} files");
                // A column without a single value is of any kind.
                if (found.Where(static f => f.File.Summary!.Rows > f.Column?.Nulls).Select(static f => f.Column).FirstOrDefault(c => Contradicts(kind, c!.Type)) is { } other)
                    yield return new Finding(FindingKind.OtherKind, dataset.Name, null, $"'{name}' is declared as {kind} and is {other.Type}");
            }
        }
    }

    private static bool Contradicts(string kind, string type) => kind switch
    {
        "number" => type is "text" or "time" or "bool",
        "bool" => type is not ("bool" or "int64"),
        "time" => type is not ("time" or "int64"),
        _ => false,
    };

    private static IEnumerable<Finding> Drift(StoredDataset dataset, List<StoredFile> files)
    {
        // A file without rows has columns without types.
        var groups = files.Where(static f => f.Summary!.Rows > 0).GroupBy(static f => string.Join('\n', f.Summary!.Columns.Select(static c => $"{c.Name}\t{Family(c)}"))).OrderByDescending(static g => g.Count()).ThenBy(static g => g.Key, StringComparer.Ordinal).ToList();
        if (groups.Count < 2) yield break;
        var usual = groups[0].First().Summary!.Columns;
        foreach (var group in groups.Skip(1))
        foreach (var file in group)
            yield return new Finding(FindingKind.SchemaDrift, dataset.Name, file.Name, Difference(usual, file.Summary!.Columns));
    }

    // Whole numbers in one file and fractions in another are no drift.
    private static string Family(ColumnSummary column) => column.Type is "int64" or "double" or "decimal" ? "number" : column.Type;

    private static string Difference(IReadOnlyList<ColumnSummary> usual, IReadOnlyList<ColumnSummary> actual)
    {
        var parts = new List<string>();
        var (missing, added) = (usual.Select(static c => c.Name).Except(actual.Select(static c => c.Name)).ToList(), actual.Select(static c => c.Name).Except(usual.Select(static c => c.Name)).ToList());
        if (missing.Count > 0) parts.Add($"it lacks {string.Join(", ", missing)}");
        if (added.Count > 0) parts.Add($"it has {string.Join(", ", added)}");
        parts.AddRange(from u in usual join a in actual on u.Name equals a.Name where Family(u) != Family(a) select $"'{u.Name}' is {a.Type}, elsewhere {u.Type}");
        return parts.Count > 0 ? string.Join("; ", parts) : "its columns stand in another order";
    }
}
