namespace Basalt.Lsm.Wal;

/// <summary>Batches that are written, and made durable, by one call. Whoever joins first leads. Used again when all its writers have left.</summary>
internal sealed class CommitGroup
{
    private readonly List<WriteBatch> _batches = [];
    private int _inside;

    /// <summary>Opened when the groups before it have been written; its leader waits here.</summary>
    public Latch Turn { get; } = new();

    /// <summary>Opened when it has been written; all but its leader wait here.</summary>
    public Latch Done { get; } = new();

    public IReadOnlyList<WriteBatch> Batches => _batches;

    public long Bytes { get; private set; }

    /// <summary>How many have joined; may be asked by any thread.</summary>
    public int Count => Volatile.Read(ref _inside);

    public Exception? Fault { get; set; }

    public void Join(WriteBatch batch)
    {
        _batches.Add(batch);
        Bytes += batch.Bytes;
        Volatile.Write(ref _inside, _batches.Count);
    }

    /// <summary>True for the last one.</summary>
    public bool Leave() => Interlocked.Decrement(ref _inside) == 0;

    public void Clear()
    {
        _batches.Clear();
        (Bytes, Fault) = (0, null);
        Turn.Reset();
        Done.Reset();
    }
}
