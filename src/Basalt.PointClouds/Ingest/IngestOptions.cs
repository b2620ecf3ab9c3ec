namespace Basalt.PointClouds.Ingest;

/// <summary>How points are taken in.</summary>
public sealed record IngestOptions
{
    /// <summary>Points that are gathered before they are written together: 1,024 to 268,435,456, default 4,194,304. Two such sets are in memory at most, of 64 bytes a point in three dimensions.
    /// More at a time makes fewer runs, which are faster to read until the cloud is optimised.</summary>
    public int RunPoints { get; init; } = 4 << 20;

    /// <summary>Threads that sort and encode: 1 to 1024, default one for each processor.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>Runs beyond which the smaller ones are merged when an ingest ends: 2 to 1024, default 32.</summary>
    public int MostRuns { get; init; } = 32;

    internal void Validate()
    {
        if (RunPoints is < 1024 or > 1 << 28) throw Invalid($"takes 1,024 to 268,435,456 points a run, not {RunPoints}");
        if (Threads is < 1 or > 1024) throw Invalid($"takes 1 to 1024 threads, not {Threads}");
        if (MostRuns is < 2 or > 1024) throw Invalid($"takes 2 to 1024 runs, not {MostRuns}");
    }

    private static BasaltException Invalid(string what) => new(ErrorCode.InvalidOptions, $"An ingest {what}.");
}

/// <summary>What an ingest did.</summary>
/// <param name="Blocks">Blocks that are new.</param>
/// <param name="Skipped">Blocks that were there already, with the same content.</param>
/// <param name="Points">Points that are new.</param>
/// <param name="Duplicates">Points of new blocks that were left out, as the block had an equal one: the same label, coordinates and attributes.</param>
/// <param name="Runs">Runs that were written.</param>
public sealed record IngestReport(long Blocks, long Skipped, long Points, long Duplicates, int Runs);
