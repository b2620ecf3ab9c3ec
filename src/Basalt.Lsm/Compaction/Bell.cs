namespace Basalt.Lsm.Compaction;

/// <summary>A place to wait until it is rung, a time has passed on the given clock, or a token is cancelled. Lock it, ask whether to wait, and wait in a loop.</summary>
internal sealed class Bell(TimeProvider clock)
{
    private readonly object _gate = new();

    /// <summary>Holds the lock until it is disposed of.</summary>
    public Held Lock()
    {
        Monitor.Enter(_gate);
        return new Held(_gate);
    }

    /// <summary>Wakes all who wait.</summary>
    public void Ring()
    {
        lock (_gate) Monitor.PulseAll(_gate);
    }

    /// <summary>Lets go of the lock and waits; may return early. Called by the holder of the lock. A cancelled token throws.</summary>
    public void Wait(TimeSpan? atMost, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var timer = atMost is { } time ? clock.CreateTimer(static bell => ((Bell)bell!).Ring(), this, time, Timeout.InfiniteTimeSpan) : null;
        var registration = cancellationToken.UnsafeRegister(static bell => ((Bell)bell!).Ring(), this);
        // Whoever cancels from here on needs the lock to ring, and gets it when the wait has begun.
        if (!cancellationToken.IsCancellationRequested) Monitor.Wait(_gate);
        // To dispose of it would wait for a callback that waits for the lock.
        registration.Unregister();
        cancellationToken.ThrowIfCancellationRequested();
    }

    public readonly ref struct Held(object gate)
    {
        public void Dispose() => Monitor.Exit(gate);
    }
}
