using Basalt.Records;

namespace Basalt.Backends;

/// <summary>What a <see cref="Write"/> does.</summary>
public enum WriteKind
{
    /// <summary>Adds a record; fails when the id exists.</summary>
    Create,

    /// <summary>Replaces a record whole; fails when the id does not exist.</summary>
    Update,

    /// <summary>Adds or replaces.</summary>
    Upsert,

    /// <summary>Removes; fails when the id does not exist.</summary>
    Delete,
}

/// <summary>One write of a batch.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Record">The record, with its id; of a delete only the id counts.</param>
/// <param name="ExpectedVersion">
/// When given: the write happens only if the stored record has this version. 0 expects that there is none, which only an upsert can fulfil.
/// </param>
public readonly record struct Write(WriteKind Kind, Record Record, long? ExpectedVersion = null);

/// <summary>What becomes of a batch when one of its writes fails.</summary>
public enum OnFailure
{
    /// <summary>The other writes are applied.</summary>
    Continue,

    /// <summary>The writes before it stay; those after it are not tried.</summary>
    Stop,

    /// <summary>None is applied. Only where <see cref="Capabilities.AtomicBatches"/> is declared.</summary>
    Rollback,
}

/// <summary>Writes to one collection that are applied in order.</summary>
/// <param name="Writes">The writes.</param>
/// <param name="OnFailure">What becomes of the others when one fails.</param>
/// <param name="Now">The time of the writes, which becomes the timestamps.</param>
/// <param name="KeepsTimestamps">Whether a record that carries timestamps keeps them: for copies of stored records.</param>
public sealed record WriteBatch(IReadOnlyList<Write> Writes, OnFailure OnFailure, DateTimeOffset Now, bool KeepsTimestamps = false)
{
    /// <summary>Whether a create of an existing id leaves the stored record and does not count as a failure of the batch.</summary>
    public bool SkipsExisting { get; init; }

    /// <summary>Whether a write that ended so keeps others of the batch back.</summary>
    public bool Breaks(WriteStatus status) =>
        OnFailure != OnFailure.Continue && status != WriteStatus.Done && !(SkipsExisting && status == WriteStatus.AlreadyExists);

    /// <summary>The record as it is stored: with its version and timestamps.</summary>
    public Record Stamp(Record record, Record? previous, long version)
    {
        ArgumentNullException.ThrowIfNull(record);
        var keeps = KeepsTimestamps && record.Created != default;
        return record with
        {
            Version = version,
            Created = keeps ? record.Created : previous?.Created ?? Now,
            Updated = keeps ? record.Updated : Now,
        };
    }
}

/// <summary>How a write ended.</summary>
public enum WriteStatus
{
    /// <summary>It is done, and as durable as the backend declares.</summary>
    Done,

    /// <summary>The id exists already.</summary>
    AlreadyExists,

    /// <summary>The id does not exist.</summary>
    NotFound,

    /// <summary>The stored version is not the expected one.</summary>
    Conflict,

    /// <summary>It was not tried, or was rolled back, because of another write of the batch.</summary>
    NotTried,
}

/// <summary>The outcome of one write.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Stored">The record as stored; null for a delete and for what was not done.</param>
public readonly record struct WriteOutcome(WriteStatus Status, Record? Stored = null)
{
    /// <summary>
    /// What a write does to what is there: the one decision table that every backend applies. <see cref="WriteStatus.Done"/> means go ahead.
    /// </summary>
    public static WriteStatus Decide(Write write, Record? existing)
    {
        if (write.ExpectedVersion is { } expected)
        {
            if (existing is null && expected != 0) return write.Kind is WriteKind.Update or WriteKind.Delete ? WriteStatus.NotFound : WriteStatus.Conflict;
            if ((existing?.Version ?? 0) != expected) return WriteStatus.Conflict;
        }

        return write.Kind switch
        {
            WriteKind.Create when existing is not null => WriteStatus.AlreadyExists,
            WriteKind.Update or WriteKind.Delete when existing is null => WriteStatus.NotFound,
            _ => WriteStatus.Done,
        };
    }
}
