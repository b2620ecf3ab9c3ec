using Basalt.Lsm.Memtables;

namespace Basalt.Lsm;

/// <summary>
/// A memtable of a tree as of a snapshot, its entries in the order in which they came: every version of a key, tombstones included. So whoever derives something of what is in memory reads each
/// entry once, and goes on from there with the next snapshot. Valid as long as the snapshot. Thread-safe; takes no lock but in <see cref="Keep"/>.
/// </summary>
public sealed class LsmMemtable
{
    private readonly LsmSnapshot _snapshot;
    private readonly Memtable _memtable;
    private readonly Memtable[] _newer;

    internal LsmMemtable(LsmSnapshot snapshot, Memtable memtable, Memtable[] newer) => (_snapshot, _memtable, _newer) = (snapshot, memtable, newer);

    /// <summary>
    /// What is kept with the memtable under a key, made if nothing is. It outlives the snapshot: it is disposed of when the memtable is freed, behind the flush and the last snapshot
    /// that has it. What makes it is called under a lock of the memtable.
    /// </summary>
    public T Keep<T>(object key, Func<T> make)
        where T : class, IDisposable
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(make);
        CheckValid();
        return _memtable.Keep(key, make);
    }

    /// <summary>Goes to the entry that came behind a place; false, and the place as it was, when none did that the snapshot includes.</summary>
    public bool TryNext(ref MemoryPlace place)
    {
        CheckValid();
        var next = _memtable.NextArrived(place.Node);
        if (next == 0 || _memtable.SequenceOf(next) > _snapshot.Sequence) return false;
        place = new MemoryPlace(next);
        return true;
    }

    /// <summary>Whether the snapshot includes the entry of a place, which may come from a later one.</summary>
    public bool Includes(MemoryPlace place)
    {
        CheckValid();
        return _memtable.SequenceOf(place.Node) <= _snapshot.Sequence;
    }

    /// <summary>Whether the entry is what its key has as of the snapshot: it has a value, and none that came later has its key.</summary>
    public bool Counts(MemoryPlace place)
    {
        if (!Includes(place) || _snapshot.Moment.IsGone(_memtable.KindOf(place.Node))) return false;
        var key = _memtable.KeyOf(place.Node);
        foreach (var newer in _newer)
            if (newer.TryGet(key, _snapshot.Sequence, out _, out _)) return false;
        return _memtable.FindFirst(key, _snapshot.Sequence) == place.Node;
    }

    /// <summary>Whether the entry says that its key was deleted.</summary>
    public bool IsTombstone(MemoryPlace place)
    {
        CheckValid();
        return _memtable.KindOf(place.Node).IsTombstone;
    }

    /// <summary>The key of an entry; valid as long as the snapshot.</summary>
    public ReadOnlySpan<byte> Key(MemoryPlace place)
    {
        CheckValid();
        return _memtable.KeyOf(place.Node);
    }

    /// <summary>The value of an entry, empty for a tombstone; valid as long as the snapshot.</summary>
    public ReadOnlySpan<byte> Value(MemoryPlace place)
    {
        CheckValid();
        return _memtable.ValueOf(place.Node);
    }

    private void CheckValid() => _ = _snapshot.Version;
}
