namespace Basalt.Migration;

/// <summary>What a move of records is doing.</summary>
public enum MovePhase
{
    /// <summary>Reading the source to its end without writing.</summary>
    Checking,

    /// <summary>Reading and writing.</summary>
    Writing,

    /// <summary>Reading back what was written.</summary>
    Verifying,
}

/// <summary>How far a phase of a move is. Reported about ten times a second at most, and once at the end of each phase.</summary>
/// <param name="Phase">The phase; counts and times are those of the phase.</param>
/// <param name="Records">Records read so far.</param>
/// <param name="Bytes">Bytes of the source file read so far; 0 where the source is no file.</param>
/// <param name="TotalRecords">How many records there are, or null while that is unknown.</param>
/// <param name="TotalBytes">How many bytes the source file has, or null where that is unknown.</param>
/// <param name="Elapsed">The time since the phase began.</param>
public sealed record MoveProgress(MovePhase Phase, long Records, long Bytes, long? TotalRecords, long? TotalBytes, TimeSpan Elapsed)
{
    /// <summary>Records at the beginning of this run: those that an earlier run, which this one resumes, had done.</summary>
    public long ResumedRecords { get; init; }

    /// <summary>Records per second since the phase began, 0 while no time has passed.</summary>
    public double RecordsPerSecond => PerSecond(Records - ResumedRecords);

    /// <summary>Bytes per second since the phase began, 0 while no time has passed.</summary>
    public double BytesPerSecond => PerSecond(Bytes);

    /// <summary>The part that is done, from 0 to 1: by records where their total is known, else by bytes; null where neither is.</summary>
    public double? Fraction => Part(Records, TotalRecords) ?? Part(Bytes, TotalBytes);

    /// <summary>How long the rest takes at the pace so far; null where the total is unknown or nothing is done.</summary>
    public TimeSpan? Remaining
    {
        get
        {
            var resumed = Part(ResumedRecords, TotalRecords) ?? 0;
            if (Fraction is not { } fraction || fraction <= resumed) return null;
            var seconds = Elapsed.TotalSeconds * (1 - fraction) / (fraction - resumed);
            return seconds < TimeSpan.MaxValue.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
        }
    }

    private double PerSecond(long amount) => Elapsed > TimeSpan.Zero ? amount / Elapsed.TotalSeconds : 0;

    private static double? Part(long done, long? total) => total is { } all ? all == 0 ? 1 : Math.Min(1, (double)done / all) : null;
}
