namespace Basalt.Migration;

/// <summary>What a finished move did. A resumed move counts from its first start; only the time is that of the last run.</summary>
/// <param name="Read">Records read from the source.</param>
/// <param name="Written">Records written, or found as written by the run that this one resumed.</param>
/// <param name="Skipped">Records left out because of the conflict policy: their id exists, or a later row of the file replaces them.</param>
/// <param name="Filtered">Records that the transform left out.</param>
/// <param name="Hash">The content hash of what was written: the sum, modulo 2^128, of a hash of each record's id, fields and metadata.</param>
/// <param name="Elapsed">How long it took.</param>
/// <param name="IsVerified">Whether what was written was read back and is the same; but for records that expire, which may be gone by then.</param>
/// <param name="IsResumed">Whether it continued an earlier run.</param>
public sealed record MoveReport(long Read, long Written, long Skipped, long Filtered, UInt128 Hash, TimeSpan Elapsed, bool IsVerified, bool IsResumed);

/// <summary>A batch that is as durable as the destination declares.</summary>
/// <param name="LastId">The id of its last record.</param>
/// <param name="Records">How many records of it were written.</param>
/// <param name="Read">How many records of the source are done up to here.</param>
public readonly record struct BatchAcknowledgement(string LastId, int Records, long Read);
