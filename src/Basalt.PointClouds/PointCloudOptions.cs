namespace Basalt.PointClouds;

/// <summary>How a cloud is opened.</summary>
public sealed record PointCloudOptions
{
    /// <summary>Memory for chunks and pages that were read, in bytes: 0 to 1 TiB, default 64 MiB.</summary>
    public long CacheBytes { get; init; } = 64L << 20;

    /// <summary>How long runs that were replaced stay for those who read them, and how long a writer may be silent before what it left is removed: default ten minutes.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>The clock.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        if (CacheBytes is < 0 or > 1L << 40) throw new BasaltException(ErrorCode.InvalidOptions, $"The cache of a point cloud has 0 to 1 TiB, not {CacheBytes} bytes.");
        if (Grace < TimeSpan.Zero || Grace > TimeSpan.FromDays(365)) throw new BasaltException(ErrorCode.InvalidOptions, $"The grace of a point cloud is zero to a year, not {Grace}.");
        if (TimeProvider is null) throw new BasaltException(ErrorCode.InvalidOptions, "The clock of a point cloud must not be null.");
    }
}
