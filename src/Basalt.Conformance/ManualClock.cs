namespace Basalt.Conformance;

/// <summary>A clock that stands still until it is moved, so that a test knows every timestamp. Thread-safe.</summary>
public sealed class ManualClock : TimeProvider
{
    private long _utcTicks = new DateTimeOffset(2024, 5, 1, 12, 0, 0, TimeSpan.Zero).UtcTicks;

    /// <summary>The time that it shows.</summary>
    public DateTimeOffset Now => GetUtcNow();

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _utcTicks), TimeSpan.Zero);

    /// <summary>Moves the clock, backwards too.</summary>
    /// <returns>The time that it then shows.</returns>
    public DateTimeOffset Advance(TimeSpan step) => new(Interlocked.Add(ref _utcTicks, step.Ticks), TimeSpan.Zero);
}
