namespace Basalt.Lsm.Wal;

/// <summary>
/// Group commit. Whoever finds no leader leads: it takes all that wait, writes them by one call, which syncs once, and wakes them. While it
/// writes, the next group gathers. Thread-safe.
/// </summary>
internal sealed class CommitQueue(Action<IReadOnlyList<WriteBatch>> write, TimeProvider clock)
{
    /// <summary>A group stops growing at this many bytes: it is one write to the disk.</summary>
    private const long MostBytes = 16 << 20;

    private readonly Lock _gate = new();
    private readonly List<Waiting> _waiting = [];
    private bool _isLed;
    private int _lastGroup;
    private TimeSpan _lastDuration;

    /// <summary>How many groups were written.</summary>
    public long Groups { get; private set; }

    /// <summary>Returns when the batch is written as the policy says, or throws what the writing threw.</summary>
    public void Commit(WriteBatch batch)
    {
        var mine = new Waiting(batch);
        lock (_gate)
        {
            _waiting.Add(mine);
            if (_isLed) mine.Follow();
            else _isLed = true;
        }

        if (!mine.IsLeader) mine.Wait();
        if (mine.IsLeader) Lead(mine);
        // A group shares its fault; each writer gets an exception of its own.
        if (mine.Fault is LsmException known) throw new LsmException(known.Code, known.Message, known);
        if (mine.Fault is { } fault) throw new IOException($"The write was not done: {fault.Message}", fault);
    }

    private void Lead(Waiting mine)
    {
        Gather();
        List<Waiting> group;
        lock (_gate)
        {
            var bytes = 0L;
            var count = 0;
            while (count < _waiting.Count && (count == 0 || bytes + _waiting[count].Batch.Bytes <= MostBytes)) bytes += _waiting[count++].Batch.Bytes;
            group = _waiting.GetRange(0, count);
            _waiting.RemoveRange(0, count);
        }

        Exception? fault = null;
        var started = clock.GetTimestamp();
        try
        {
            write(group.ConvertAll(static waiting => waiting.Batch));
        }
        catch (Exception e)
        {
            // Whatever it was, those who wait are told.
            fault = e;
        }

        Waiting? next;
        lock (_gate)
        {
            (_lastGroup, _lastDuration) = (group.Count, clock.GetElapsedTime(started));
            Groups++;
            next = _waiting.Count > 0 ? _waiting[0] : null;
            if (next is null) _isLed = false;
        }

        next?.Wake(leads: true, null);
        foreach (var done in group)
            if (done != mine) done.Wake(leads: false, fault);
        mine.Fail(fault);
    }

    /// <summary>
    /// Those whom the last group woke are about to write again. Waiting for them for a part of what a sync takes makes one large group out
    /// of two unequal ones. A writer that was alone last time does not wait.
    /// </summary>
    private void Gather()
    {
        if (_lastGroup < 2) return;
        var started = clock.GetTimestamp();
        while (clock.GetElapsedTime(started) < _lastDuration / 2)
        {
            lock (_gate)
                if (_waiting.Count >= _lastGroup) return;
            Thread.Yield();
        }
    }

    private sealed class Waiting(WriteBatch batch)
    {
        private readonly object _signal = new();
        private bool _isAwake = true;

        public WriteBatch Batch { get; } = batch;

        public bool IsLeader { get; private set; } = true;

        public Exception? Fault { get; private set; }

        public void Follow() => (IsLeader, _isAwake) = (false, false);

        public void Wait()
        {
            lock (_signal)
                while (!_isAwake) Monitor.Wait(_signal);
        }

        public void Fail(Exception? fault) => Fault = fault;

        public void Wake(bool leads, Exception? fault)
        {
            lock (_signal)
            {
                (_isAwake, IsLeader, Fault) = (true, leads, fault);
                Monitor.Pulse(_signal);
            }
        }
    }
}
