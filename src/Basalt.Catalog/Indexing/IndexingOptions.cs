namespace Basalt.Catalog.Indexing;

/// <summary>How a root is indexed. Checked at the start; nothing is clamped.</summary>
public sealed record IndexingOptions
{
    /// <summary>
    /// How many files are read at once at most: 1 to 64. Null: it begins with twice the processors, at most 16, and may grow to 64. Either way it follows what the store bears: half after a refusal, one more after as
    /// many successes as it is.
    /// </summary>
    public int? Concurrency { get; init; }

    /// <summary>Whether files that could not be read before are read again although they have not changed.</summary>
    public bool ReadsFailedAgain { get; init; }

    /// <summary>How often a file is tried that fails for reasons that may pass: 1 to 10, default 3. The store itself tries each request several times.</summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>The longest pause behind the first failed attempt at a file; it doubles with each, and is random up to that. Default: 1 s.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How many bytes the series of one file may take in memory before they are sorted on disk: 64 KiB to 16 GiB, default 64 MiB.</summary>
    public long SeriesMemoryBytes { get; init; } = 64 << 20;

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Refuses settings that cannot be used.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: the message names the setting.</exception>
    public void Validate()
    {
        if (Concurrency is < 1 or > 64) throw Invalid($"1 to 64 files are read at once, not {Concurrency}.");
        if (MaxAttempts is < 1 or > 10) throw Invalid($"A file is tried 1 to 10 times, not {MaxAttempts}.");
        if (FirstPause < TimeSpan.Zero || FirstPause > TimeSpan.FromMinutes(1)) throw Invalid($"The first pause is at most a minute, not {FirstPause}.");
        if (SeriesMemoryBytes is < 64 << 10 or > 16L << 30) throw Invalid($"The series of a file take 64 KiB to 16 GiB of memory, not {SeriesMemoryBytes} bytes.");
        if (TimeProvider is null) throw Invalid("The clock is null.");
    }

    private static BasaltException Invalid(string message) => new(ErrorCode.InvalidOptions, message);
}

/// <summary>How far a run is.</summary>
/// <param name="Files">The files done, failed ones included.</param>
/// <param name="TotalFiles">The files to be read.</param>
/// <param name="Bytes">The bytes of the files done.</param>
/// <param name="TotalBytes">The bytes of all of them.</param>
public sealed record IndexProgress(int Files, int TotalFiles, long Bytes, long TotalBytes);

/// <summary>What a run did.</summary>
/// <param name="Datasets">The datasets found.</param>
/// <param name="FilesRead">The files read.</param>
/// <param name="FilesFailed">The files that could not be read by this run.</param>
/// <param name="FilesUnchanged">The files that were known already.</param>
/// <param name="FilesRemoved">The files that are there no more.</param>
/// <param name="BytesRead">The bytes of rows that were read.</param>
/// <param name="Requests">The requests for rows.</param>
public sealed record IndexReport(int Datasets, int FilesRead, int FilesFailed, int FilesUnchanged, int FilesRemoved, long BytesRead, int Requests);
