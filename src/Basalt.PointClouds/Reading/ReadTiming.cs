using System.Diagnostics;

namespace Basalt.PointClouds.Reading;

/// <summary>Where the time of reads went. Handed to a query by who wants to know; adds up over the queries that it is given to. Not thread-safe.</summary>
public sealed class ReadTiming
{
    /// <summary>From the first question to the last answer, with what the caller did between two parts of a stream.</summary>
    public TimeSpan Total { get; internal set; }

    /// <summary>Waiting for the backend.</summary>
    public TimeSpan Query { get; internal set; }

    /// <summary>Opening, decoding and choosing points.</summary>
    public TimeSpan Decode { get; internal set; }

    /// <summary>Chunks that were looked at.</summary>
    public int Chunks { get; internal set; }

    /// <summary>Chunks and pages that were in memory already.</summary>
    public int CacheHits { get; internal set; }

    /// <summary>Chunks and pages that were asked of the backend.</summary>
    public int CacheMisses { get; internal set; }

    /// <summary>The bytes of those.</summary>
    public long Bytes { get; internal set; }

    /// <summary>Points returned or counted.</summary>
    public long Points { get; internal set; }

    internal static long Now => Stopwatch.GetTimestamp();
}
