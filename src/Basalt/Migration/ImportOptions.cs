using Basalt.Schemas;

namespace Basalt.Migration;

/// <summary>How a file is imported. Names of fields are those after the transform.</summary>
public sealed record ImportOptions
{
    /// <summary>The largest batch.</summary>
    public const int MaxBatchSize = 100_000;

    /// <summary>
    /// The field whose value becomes the id; it stays among the fields. Every record must have one: text, an integer or a guid. Without it the id
    /// is the file's <c>$id</c>, else the schema's id field, else minted: the same again when the import is resumed.
    /// </summary>
    public string? IdField { get; init; }

    /// <summary>The field whose list of numbers, or text of numbers with commas or blanks between them, becomes a vector.</summary>
    public string? VectorField { get; init; }

    /// <summary>
    /// What happens to a record whose id exists, in the collection or earlier in the file. Fail stops there. Skip keeps the first. Upsert keeps
    /// the last, and of several rows of one file writes only the last when <see cref="ValidateFirst"/> is on. Merge sets the fields of each row in what is there, so that
    /// files of different fields become one collection by their ids; each row must fit the schema by itself.
    /// </summary>
    public ConflictPolicy OnConflict { get; init; }

    /// <summary>The schema to create the collection with; a collection that exists must have this very schema. Null for whatever it has.</summary>
    public Schema? Schema { get; init; }

    /// <summary>What to change on the way, or null.</summary>
    public TransformSpec? Transform { get; init; }

    /// <summary>How many records are written at once, 1 to <see cref="MaxBatchSize"/>; fewer where they would take more than 8 MiB.</summary>
    public int BatchSize { get; init; } = 1000;

    /// <summary>
    /// Whether the whole file is read and checked (syntax, transform, ids, schema, repeated ids, under <see cref="ConflictPolicy.Fail"/> also ids that exist) before anything is written, so that bad input
    /// writes nothing. Without it a bad record stops the import after the batches before it.
    /// </summary>
    public bool ValidateFirst { get; init; } = true;

    /// <summary>Whether what was written is read back at the end and compared by count and content. Nobody else may write meanwhile.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>Whether records that carry timestamps (exact JSON) keep them.</summary>
    public bool KeepsTimestamps { get; init; }

    /// <summary>How long the records live that do not say themselves when they expire, from the first start of the import on; null for as long as the collection's schema says.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Where to keep the checkpoint that an interrupted import can be resumed from; null for none.</summary>
    public MoveCheckpoint? Checkpoint { get; init; }

    /// <summary>Called after each batch, when it is durable; in order, never twice at once.</summary>
    public Action<BatchAcknowledgement>? OnBatch { get; init; }

    internal void Validate()
    {
        if (IdField is { Length: 0 }) throw new BasaltException(ErrorCode.InvalidOptions, "The id field has no name.");
        if (VectorField is { Length: 0 }) throw new BasaltException(ErrorCode.InvalidOptions, "The vector field has no name.");
        if (IdField is not null && IdField == VectorField) throw new BasaltException(ErrorCode.InvalidOptions, $"The field '{IdField}' cannot be the id and the vector.");
        if (!Enum.IsDefined(OnConflict)) throw new BasaltException(ErrorCode.InvalidOptions, $"There is no conflict policy {OnConflict}.");
        if (BatchSize is < 1 or > MaxBatchSize) throw new BasaltException(ErrorCode.InvalidOptions, $"A batch has 1 to {MaxBatchSize} records, not {BatchSize}.");
        if (OnConflict == ConflictPolicy.Upsert && Verify && !ValidateFirst)
            throw new BasaltException(ErrorCode.InvalidOptions, "An upsert that is verified needs ValidateFirst: only that finds the rows that later rows replace.");
        if (TimeToLive is { } lifetime && lifetime < TimeSpan.FromMilliseconds(1)) throw new BasaltException(ErrorCode.InvalidOptions, $"A time to live is 1 ms at least, not {lifetime}.");
        Checkpoint?.Validate();
    }
}
