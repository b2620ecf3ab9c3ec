namespace Basalt.Lsm.Wal;

/// <summary>When an acknowledged write survives a power cut. Every policy survives the end of the process.</summary>
public readonly record struct SyncPolicy
{
    private SyncPolicy(TimeSpan? period) => Period = period;

    /// <summary>Before it is acknowledged. The default.</summary>
    public static SyncPolicy Always => default;

    /// <summary>When the system writes it, and at every flush and close.</summary>
    public static SyncPolicy None { get; } = new(Timeout.InfiniteTimeSpan);

    /// <summary>At the latest this long after it is acknowledged: above zero, up to one hour.</summary>
    public static SyncPolicy Interval(TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(period, TimeSpan.FromHours(1));
        return new SyncPolicy(period);
    }

    /// <summary>Null: always. Infinite: none.</summary>
    internal TimeSpan? Period { get; }
}
