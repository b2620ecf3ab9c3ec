namespace Basalt.Tests.Lsm;

/// <summary>A clock whose date a test moves on while its timers go on by themselves: writers that are slowed down wait by these.</summary>
internal sealed class ShiftedTime : TimeProvider
{
    private DateTimeOffset _now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan time) => _now += time;
}
