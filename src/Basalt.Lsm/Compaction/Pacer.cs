namespace Basalt.Lsm.Compaction;

/// <summary>
/// Keeps merges to their share of the time: after each piece of work of at least 10 ms, they rest as long as the share asks for. No rest while
/// nobody reads or writes, or while somebody hurries them. The time of the disk is part of the work, so this bounds their share of it as well.
/// </summary>
internal sealed class Pacer(double share, TimeProvider clock, Func<bool> isBusy)
{
    private static readonly TimeSpan Piece = TimeSpan.FromMilliseconds(10);
    private readonly Bell _bell = new(clock);
    private int _hurried;
    private long _begun;
    private long _restedTicks;

    /// <summary>How long merges rested, all together.</summary>
    public TimeSpan Rested => TimeSpan.FromTicks(Interlocked.Read(ref _restedTicks));

    public void Begin() => _begun = clock.GetTimestamp();

    /// <summary>Asks for full speed, until as many calls with false.</summary>
    public void Hurry(bool isBegin)
    {
        using (_bell.Lock())
        {
            _hurried += isBegin ? 1 : -1;
            _bell.Ring();
        }
    }

    /// <summary>Between two pieces of work: rests if it is time to.</summary>
    public void Check(CancellationToken cancellationToken)
    {
        var worked = clock.GetElapsedTime(_begun);
        if (worked < Piece) return;
        var started = clock.GetTimestamp();
        if (share < 1 && isBusy()) Rest(worked * (1 / share - 1), started, cancellationToken);
        Interlocked.Add(ref _restedTicks, clock.GetElapsedTime(started).Ticks);
        Begin();
    }

    private void Rest(TimeSpan time, long started, CancellationToken cancellationToken)
    {
        using (_bell.Lock())
            for (var left = time; left > TimeSpan.Zero && _hurried == 0; left = time - clock.GetElapsedTime(started)) _bell.Wait(left, cancellationToken);
    }
}
