using Basalt.Backends.Files.Formats;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Backends.Files;

/// <summary>
/// A collection at one moment: the data file up to a length, and over it what the journal says. Immutable; a reader takes it once and needs no
/// lock any more.
/// </summary>
internal sealed record FileState
{
    public required DataFile File { get; init; }

    public required FileFormat Format { get; init; }

    /// <summary>The bytes of the data file that count; of a JSON array up to its closing bracket.</summary>
    public required long Length { get; init; }

    /// <summary>What stands behind them: the end of a JSON array.</summary>
    public ReadOnlyMemory<byte> Tail { get; init; }

    /// <summary>The stamp of the data file when it was read.</summary>
    public required FileStamp Stamp { get; init; }

    /// <summary>Writes that are not in the data file, in the order of ids.</summary>
    public RecordTree Overlay { get; init; } = RecordTree.Empty;

    /// <summary>Whether the overlay is known to replace or remove records of the data file.</summary>
    public bool TouchesFile { get; init; }

    public Sidecar? Sidecar { get; init; }

    public byte[]? SidecarText { get; init; }

    /// <summary>Where the valid frames of the journal end.</summary>
    public long JournalEnd { get; init; }

    /// <summary>The length of the journal file when it was read; more than its end when a torn frame is there.</summary>
    public long JournalLength { get; init; }

    /// <summary>The stamp of the journal when it was read whole.</summary>
    public FileStamp? JournalStamp { get; init; }

    /// <summary>Whether the files are in order, with nothing that a killed process left half-done.</summary>
    public bool IsClean { get; init; }

    /// <summary>The last version given.</summary>
    public long Version { get; init; }

    public Schema Schema => Sidecar?.Schema ?? Schema.Any;

    public long Generation => Sidecar?.Generation ?? 0;

    private DateTimeOffset Adopted => Sidecar?.Adopted ?? new DateTimeOffset(Stamp.ModifiedTicks, TimeSpan.Zero);

    /// <summary>A mark in the overlay for a record that was removed.</summary>
    public static Record Tombstone(string id) => new(id, ValueMap.Empty) { Version = -1 };

    public static bool IsTombstone(Record record) => record.Version < 0;

    /// <summary>
    /// The text of the data file, from a place in the file on. Holds the file open until it is disposed; the state's owner must hold it too.
    /// </summary>
    public Stream OpenText(long from = 0)
    {
        if (!File.TryAcquire()) throw new InvalidOperationException("The state was released already.");
        return Format.IsGzip ? new GzipText(seal => new SnapshotStream(File, from, Length, seal)) : new SnapshotStream(File, from, Length, Tail);
    }

    /// <summary>Reads records from a place on. Of a compressed file <paramref name="compressed"/> is where the text at that place starts in the file.</summary>
    public RecordReader OpenRecords(RecordPlace place, int capacity = ByteWindow.DefaultCapacity, long? compressed = null)
    {
        var text = OpenText(compressed ?? (Format.IsGzip ? 0 : place.Offset));
        return Format.Layout switch
        {
            FileLayout.JsonLines => new JsonLinesReader(text, place, capacity),
            FileLayout.Json => new JsonArrayReader(text, place, capacity),
            _ => new CsvRecordReader(text, Format.Delimiter, File.Columns ?? throw new InvalidOperationException("The columns were not looked for."), place, capacity),
        };
    }

    /// <summary>The record with what its place in the file says: an id when it has none, and the version and times of a record of another program.</summary>
    public Record Identify(Record record, long ordinal)
    {
        var id = record.Id.Length > 0 ? record.Id : DeclaredId(record) ?? RowId(ordinal);
        if (record.Version > 0) return record.Id.Length > 0 ? record : record with { Id = id };
        return record with
        {
            Id = id,
            Version = 1,
            Created = record.Created == default ? Adopted : record.Created,
            Updated = record.Updated == default ? Adopted : record.Updated,
        };
    }

    public string? DeclaredId(Record record) => Schema.IdField is { } field && RecordId.FromValue(record[field]) is { Length: > 0 } id ? id : null;

    /// <summary>The id of a record that has none: padded, so that the order of ids is the order in the file.</summary>
    private static string RowId(long ordinal) => $"row-{ordinal + 1:D12}";
}
