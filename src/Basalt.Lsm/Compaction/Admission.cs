using Basalt.Lsm.IO;

namespace Basalt.Lsm.Compaction;

/// <summary>
/// Slows writers before it stops them. A strain of zero to one says how far maintenance is behind; the more, the slower writers are admitted:
/// at the rate at which maintenance progresses times (1 - strain) / strain, so that the delay grows smoothly and the rates meet before
/// anybody is stopped. A write waits at most a second for that. At a strain of one it waits until there is room, the token is cancelled, or
/// the maintenance that it waits for fails. Thread-safe.
/// </summary>
internal sealed class Admission(Func<long, Strain> weigh, Action<WritePressure, string> tell, TimeProvider clock)
{
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(1);
    private readonly Bell _bell = new(clock);
    private readonly Lock _telling = new();
    private WritePressure _told;
    private long _underway;
    private long _waitedTicks;
    private int _waiting;
    private long _nextFree;

    /// <summary>How long writers waited here, all together.</summary>
    public TimeSpan Waited => TimeSpan.FromTicks(Interlocked.Read(ref _waitedTicks));

    /// <summary>How many writers wait here now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Returns when a write of so many bytes may go on; <see cref="Leave"/> when it has arrived in memory, or never will.</summary>
    public void Enter(long bytes, CancellationToken cancellationToken)
    {
        if (TryEnter(bytes, out _)) return;
        var started = clock.GetTimestamp();
        Interlocked.Increment(ref _waiting);
        try
        {
            Wait(bytes, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
            Interlocked.Add(ref _waitedTicks, clock.GetElapsedTime(started).Ticks);
        }
    }

    public void Leave(long bytes)
    {
        Interlocked.Add(ref _underway, -bytes);
        // A write that failed makes room, too, and nothing else may ever happen that rings.
        if (Waiting > 0) Ring();
    }

    /// <summary>Those who wait look again.</summary>
    public void Ring() => _bell.Ring();

    /// <summary>What strains the store has changed: those who wait look again, and the listener is told. It throws what the listener throws.</summary>
    public void Change()
    {
        Ring();
        Tell();
    }

    private void Wait(long bytes, CancellationToken cancellationToken)
    {
        long? due = null;
        while (true)
        {
            Tell();
            using (_bell.Lock())
            {
                if (TryEnter(bytes, out var strain)) return;
                TimeSpan? left = null;
                if (strain.Degree < 1)
                {
                    due ??= Reserve(bytes, strain);
                    left = clock.GetElapsedTime(clock.GetTimestamp(), due.Value);
                    if (left <= TimeSpan.Zero)
                    {
                        Interlocked.Add(ref _underway, bytes);
                        return;
                    }
                }
                else if (strain.Failure is { } failure)
                {
                    if (DiskSpace.IsOut(failure)) throw new LsmException(LsmErrorCode.DiskFull, $"The write was not done: {strain.Reason}, and there is no space left for that ({failure.Message}). Reads go on. Free some space or add some: it is tried again every half minute at least.", failure);
                    throw new IOException($"The write was not done: {strain.Reason}, and that cannot be mended: {failure.Message}", failure);
                }

                _bell.Wait(left, cancellationToken);
            }
        }
    }

    private bool TryEnter(long bytes, out Strain strain)
    {
        while (true)
        {
            var underway = Interlocked.Read(ref _underway);
            strain = weigh(underway);
            if (strain.Degree > 0) return false;
            // Only who is let in is counted: others would wait for one who merely looked, and who never rings.
            if (Interlocked.CompareExchange(ref _underway, underway + bytes, underway) == underway) return true;
        }
    }

    /// <summary>The moment at which a write may go on, behind those before it.</summary>
    private long Reserve(long bytes, Strain strain)
    {
        var now = clock.GetTimestamp();
        var rate = strain.BytesPerSecond * (1 - strain.Degree) / strain.Degree;
        var ticks = bytes / rate * clock.TimestampFrequency;
        _nextFree = Math.Min(Math.Max(_nextFree, now) + (long)ticks, now + (long)(LongestDelay.TotalSeconds * clock.TimestampFrequency));
        return _nextFree;
    }

    private void Tell()
    {
        if (weigh(Interlocked.Read(ref _underway)).Pressure == _told) return;
        lock (_telling)
        {
            var strain = weigh(Interlocked.Read(ref _underway));
            if (strain.Pressure == _told) return;
            _told = strain.Pressure;
            tell(strain.Pressure, strain.Reason);
        }
    }
}

/// <summary>How far maintenance is behind, 0 to 1 and more; why, in words; how many bytes a second it masters; and why it fails, if it does.</summary>
internal readonly record struct Strain(double Degree, string Reason, double BytesPerSecond, Exception? Failure)
{
    public WritePressure Pressure => Degree <= 0 ? WritePressure.None : Degree < 1 ? WritePressure.Slowed : WritePressure.Stopped;
}
