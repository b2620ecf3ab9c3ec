using Basalt.Catalog.Discovery;
using Basalt.Catalog.Metadata;
using Basalt.Catalog.Statistics;
using Basalt.Catalog.Storage;
using Basalt.Objects;

namespace Basalt.Catalog.Indexing;

/// <summary>Reads one file, by its format, and keeps what it holds. A new format is a line in <see cref="CountAsync"/>.</summary>
internal sealed class FileReading(IObjectStore objects, CatalogStore store, IndexingOptions options)
{
    // The id of a record has at most 512 bytes; a series' has its dataset's name and a slash in front.
    private const int LongestId = 512;

    /// <summary>Reads a file and keeps its chunks; the result is not kept yet.</summary>
    /// <exception cref="BasaltException">It cannot be read.</exception>
    public async ValueTask<StoredFile> ReadAsync(DataFile file, IReadOnlyList<ColumnDeclaration> key, CancellationToken cancellationToken)
    {
        var reading = Blank(file, key);
        if (file.Format == DataFormat.Parquet)
            return reading with { Failure = FailureClass.Unsupported, Error = "Parquet files are not read by this version." };
        var content = await objects.OpenAsync(file.Key, ObjectRange.All, file.ETag, cancellationToken).ConfigureAwait(false)
            ?? throw new BasaltException(ErrorCode.NotFound, $"'{file.Key}' was removed after it was listed.") { Operation = "read", Target = file.Key };
        await using var closing = content.ConfigureAwait(false);
        var chunks = 0;
        var summary = await CountAsync(file, key, content.Stream, async chunk =>
        {
            try
            {
                await store.KeepChunkAsync(reading, chunks++, chunk, cancellationToken).ConfigureAwait(false);
            }
            catch (BasaltException e)
            {
                throw new CatalogFault(e);
            }
        }, cancellationToken).ConfigureAwait(false);
        return reading with { Summary = summary, Chunks = chunks, BytesRead = content.Length, Requests = 1 };
    }

    /// <summary>A file that could not be read.</summary>
    public static StoredFile Failed(DataFile file, IReadOnlyList<ColumnDeclaration> key, FailureClass failure, string error) => Blank(file, key) with { Failure = failure, Error = error };

    private async ValueTask<FileSummary> CountAsync(DataFile file, IReadOnlyList<ColumnDeclaration> key, Stream content, Func<byte[], ValueTask> emit, CancellationToken cancellationToken)
    {
        var text = file.Format == DataFormat.GzipCsv ? CsvStatistics.Decompress(content) : content;
        var longest = LongestId - 1 - System.Text.Encoding.UTF8.GetByteCount(file.Dataset);
        using var csv = new CsvStatistics(text, file.Key, key, longest, options.SeriesMemoryBytes);
        return await csv.ReadAsync(emit, cancellationToken).ConfigureAwait(false);
    }

    private static StoredFile Blank(DataFile file, IReadOnlyList<ColumnDeclaration> key) =>
        new() { Dataset = file.Dataset, Name = file.Name, Bytes = file.Length, ETag = file.ETag, Format = file.Format, Key = [.. key.Select(static c => c.Name)] };
}
