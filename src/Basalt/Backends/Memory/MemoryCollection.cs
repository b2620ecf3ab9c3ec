using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Backends.Memory;

/// <summary>
/// A collection's schema and records. Writers, one at a time under the backend's lock, edit the tree in place until somebody takes a snapshot, which
/// makes the next edit copy what it changes. Point reads take no lock: they search, and search again if a write happened meanwhile (a sequence lock).
/// </summary>
internal sealed class MemoryCollection(Schema schema, Lock writing, TimeProvider clock)
{
    private const int OptimisticReads = 4;
    private readonly RecordTree.Editor _editor = RecordTree.Empty.Edit();
    private readonly ExpiryQueue _expiring = new(clock);
    private RecordTree? _snapshot = RecordTree.Empty;

    // Odd while a write is under way.
    private long _sequence;

    public Schema Schema { get; } = schema;

    /// <summary>The record as it is now; null when there is none, or when it has expired.</summary>
    public Record? Find(string id) => FindStored(id) is { } found && !_expiring.HasExpired(found) ? found : null;

    private Record? FindStored(string id)
    {
        for (var attempt = 0; attempt < OptimisticReads; attempt++)
        {
            var before = Volatile.Read(ref _sequence);
            if ((before & 1) != 0) continue;
            var found = _editor.Find(id);
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _sequence) == before) return found;
        }

        lock (writing) return _editor.Find(id);
    }

    /// <summary>The records as they are now; they stay so.</summary>
    public RecordTree Snapshot()
    {
        if (Volatile.Read(ref _snapshot) is { } current && !_expiring.IsDue) return current;
        lock (writing)
        {
            // What has expired goes first: so no answer has to look for it.
            if (_expiring.IsDue) Write(0, static (_, nothing) => nothing);
            return _snapshot ??= _editor.Commit();
        }
    }

    /// <summary>A record that an edit has put.</summary>
    public void Note(Record record) => _expiring.Note(record, _editor);

    /// <summary>Runs an edit over what has not expired. The caller holds the lock; readers see all of it or nothing.</summary>
    public T Write<T, TState>(TState state, Func<RecordTree.Editor, TState, T> edit)
    {
        Interlocked.Increment(ref _sequence);
        Volatile.Write(ref _snapshot, null);
        try
        {
            _expiring.Reclaim(_editor);
            return edit(_editor, state);
        }
        finally
        {
            Interlocked.Increment(ref _sequence);
        }
    }
}
