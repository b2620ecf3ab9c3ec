namespace Basalt.Backends;

/// <summary>What survives when a write was acknowledged.</summary>
public enum Durability
{
    /// <summary>Nothing: the data lives and dies with the process.</summary>
    Process,

    /// <summary>It outlives the process, and not a power cut: the system has it, and writes it in its own time.</summary>
    Buffered,

    /// <summary>Everything: the data is on stable storage (fsynced) before the acknowledgement.</summary>
    Synced,
}

/// <summary>How well a backend answers a leaf of a filter.</summary>
public enum FilterSupport
{
    /// <summary>Not at all: the door tests the records.</summary>
    None,

    /// <summary>It returns every match, and possibly more: the door tests again, and no limit is pushed.</summary>
    Inexact,

    /// <summary>It returns exactly the matches by <see cref="Filters.Filter.Matches"/>.</summary>
    Exact,
}

/// <summary>What a backend declares. Every member changes a decision of the door or of the planner.</summary>
/// <param name="Scheme">The scheme of its URIs, for errors, plans and telemetry.</param>
/// <param name="Durability">What an acknowledgement means.</param>
public sealed record Capabilities(string Scheme, Durability Durability)
{
    /// <summary>Whether a scan can sort by any keys in the total order of values; else the door sorts.</summary>
    public bool Sorts { get; init; }

    /// <summary>Whether a batch can be all or nothing; else <see cref="OnFailure.Rollback"/> is refused.</summary>
    public bool AtomicBatches { get; init; }

    /// <summary>Whether transactions over all collections of the database can be opened; else they are refused.</summary>
    public bool Transactions { get; init; }

    /// <summary>Whether a database can hold more than one collection.</summary>
    public bool ManyCollections { get; init; }

    /// <summary>Whether several processes may have the database open at once, for writing too.</summary>
    public bool SharedByProcesses { get; init; }

    /// <summary>
    /// Whether records can expire (<see cref="Records.Record.Expires"/>): from its instant on a record is in no answer and counted nowhere, and an id is free again. Else a record that
    /// carries an instant, and a schema with a time to live, are refused.
    /// </summary>
    public bool Expiry { get; init; }

    /// <summary>Whether committed changes are kept and can be read in order (<see cref="Database.ChangesAsync"/>); else that is refused.</summary>
    public bool Changes { get; init; }

    /// <summary>The largest record in bytes of its exact JSON form, or null for no limit; larger ones are refused.</summary>
    public int? MaxRecordBytes { get; init; }
}
