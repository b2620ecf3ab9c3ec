using Basalt.Records;

namespace Basalt.Changes;

/// <summary>What happened to a record, or to a collection.</summary>
public enum ChangeKind
{
    /// <summary>A record came to be.</summary>
    Create,

    /// <summary>A record was replaced or patched.</summary>
    Update,

    /// <summary>A record was removed. That one expired is no change: its instant came with the record.</summary>
    Delete,

    /// <summary>A collection was removed with all its records.</summary>
    Drop,
}

/// <summary>One committed change.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Collection">The collection.</param>
/// <param name="Id">The id of the record; empty when the collection itself was removed.</param>
/// <param name="Version">The version that the record was given; of a removal the one that was removed; 0 for a collection.</param>
/// <param name="Record">The record as the change left it; null for removals.</param>
/// <param name="Time">When it was written, to the millisecond.</param>
/// <param name="Token">Where to go on behind it: <see cref="Database.ChangesAsync"/>.</param>
public sealed record Change(ChangeKind Kind, string Collection, string Id, long Version, Record? Record, DateTimeOffset Time, string Token);
