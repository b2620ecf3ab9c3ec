namespace Basalt.Lsm.Wal;

/// <summary>
/// Group commit. Writers join the group that gathers while the one before it is written. The first of a group leads it: it waits for its turn,
/// writes all batches by one call, which syncs once, hands the turn on and wakes the others in one go. Thread-safe.
/// </summary>
internal sealed class CommitQueue(Action<IReadOnlyList<WriteBatch>> write, TimeProvider clock)
{
    /// <summary>A group stops growing at this many bytes: it is one write to the disk.</summary>
    private const long MostBytes = 16 << 20;
    private const int MostSpare = 4;

    private readonly Lock _gate = new();

    /// <summary>Groups that wait for their turn; the last one may be gathering.</summary>
    private readonly Queue<CommitGroup> _waiting = new();
    private readonly Stack<CommitGroup> _spare = new();
    private CommitGroup? _gathering;
    private bool _isLed;
    private int _lastGroup;
    private TimeSpan _lastDuration;

    /// <summary>How many groups were written.</summary>
    public long Groups { get; private set; }

    /// <summary>How many batches wait for the group before theirs, but for groups that are full.</summary>
    public int Gathered
    {
        get { lock (_gate) return _gathering?.Count ?? 0; }
    }

    /// <summary>Returns when the batch is written as the policy says, or throws what the writing threw.</summary>
    public void Commit(WriteBatch batch)
    {
        var group = Join(batch, out var isLeader, out var hasTurn);
        if (!isLeader)
        {
            group.Done.Wait();
        }
        else
        {
            if (!hasTurn) group.Turn.Wait();
            Lead(group);
        }

        var fault = group.Fault;
        if (group.Leave()) Spare(group);
        // A group shares its fault; each writer gets an exception of its own.
        if (fault is LsmException known) throw new LsmException(known.Code, known.Message, known);
        if (fault is not null) throw new IOException($"The write was not done: {fault.Message}", fault);
    }

    private CommitGroup Join(WriteBatch batch, out bool isLeader, out bool hasTurn)
    {
        lock (_gate)
        {
            isLeader = _gathering is null || _gathering.Bytes + batch.Bytes > MostBytes;
            hasTurn = isLeader && !_isLed;
            if (isLeader)
            {
                _gathering = _spare.TryPop(out var spare) ? spare : new CommitGroup();
                if (hasTurn) _isLed = true;
                else _waiting.Enqueue(_gathering);
            }

            _gathering!.Join(batch);
            return _gathering;
        }
    }

    private void Lead(CommitGroup group)
    {
        Gather(group);
        lock (_gate)
            if (_gathering == group) _gathering = null;
        var started = clock.GetTimestamp();
        try
        {
            write(group.Batches);
        }
        catch (Exception e)
        {
            // Whatever it was, those who wait are told.
            group.Fault = e;
        }

        var size = group.Batches.Count;
        CommitGroup? next;
        lock (_gate)
        {
            (_lastGroup, _lastDuration) = (size, clock.GetElapsedTime(started));
            Groups++;
            if (!_waiting.TryDequeue(out next)) _isLed = false;
        }

        next?.Turn.Open();
        if (size > 1) group.Done.Open();
    }

    /// <summary>
    /// Those whom the last group woke are about to write again. Waiting for them for a part of what a sync takes makes one large group out
    /// of two unequal ones. A writer that was alone last time does not wait.
    /// </summary>
    private void Gather(CommitGroup group)
    {
        if (_lastGroup < 2) return;
        var started = clock.GetTimestamp();
        while (group.Count < _lastGroup && clock.GetElapsedTime(started) < _lastDuration / 2) Thread.Yield();
    }

    private void Spare(CommitGroup group)
    {
        group.Clear();
        lock (_gate)
            if (_spare.Count < MostSpare) _spare.Push(group);
    }
}
