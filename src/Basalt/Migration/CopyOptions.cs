namespace Basalt.Migration;

/// <summary>How a collection is copied.</summary>
public sealed record CopyOptions
{
    /// <summary>What happens to a record whose id exists in the destination.</summary>
    public ConflictPolicy OnConflict { get; init; }

    /// <summary>What to change on the way, or null.</summary>
    public TransformSpec? Transform { get; init; }

    /// <summary>How many records are written at once, 1 to <see cref="ImportOptions.MaxBatchSize"/>; fewer where they would take more than 8 MiB.</summary>
    public int BatchSize { get; init; } = 1000;

    /// <summary>Whether what was written is read back at the end and compared by count and content. Nobody else may write meanwhile.</summary>
    public bool Verify { get; init; } = true;

    /// <summary>Where to keep the checkpoint that an interrupted copy can be resumed from; null for none.</summary>
    public MoveCheckpoint? Checkpoint { get; init; }

    /// <summary>Called after each batch, when it is durable; in order, never twice at once.</summary>
    public Action<BatchAcknowledgement>? OnBatch { get; init; }

    internal void Validate()
    {
        if (!Enum.IsDefined(OnConflict)) throw new BasaltException(ErrorCode.InvalidOptions, $"There is no conflict policy {OnConflict}.");
        if (BatchSize is < 1 or > ImportOptions.MaxBatchSize) throw new BasaltException(ErrorCode.InvalidOptions, $"A batch has 1 to {ImportOptions.MaxBatchSize} records, not {BatchSize}.");
        Checkpoint?.Validate();
    }
}
