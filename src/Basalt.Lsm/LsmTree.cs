using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Basalt.Lsm.Compaction;
using Basalt.Lsm.Memtables;
using Basalt.Lsm.Tables;
using Basalt.Lsm.Versions;
using Version = Basalt.Lsm.Versions.Version;

namespace Basalt.Lsm;

/// <summary>
/// An ordered map from bytes to bytes, one of the trees of a store. Keys are ordered as unsigned bytes, may be empty, and have at most
/// <see cref="WriteBatch.MaxKeyBytes"/>; values at most <see cref="WriteBatch.MaxValueBytes"/>. Thread-safe; reads take no lock and see
/// every write that returned before them. Once it was dropped it is refused with <see cref="LsmErrorCode.Dropped"/>, but for snapshots that were taken before. Errors are those of <see cref="LsmStore.Commit"/>, of damage (<see cref="LsmErrorCode.Corrupt"/>) and of the disk.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "Its token has no timer and no handle: there is nothing to give back.")]
public sealed class LsmTree
{
    private readonly CancellationTokenSource _dropping = new();
    private volatile bool _isDropped;

    internal LsmTree(LsmStore store, uint id, string name) => (Store, Id, Name) = (store, id, name);

    /// <summary>The name that it was opened by.</summary>
    public string Name { get; }

    /// <summary>The store that it is in.</summary>
    public LsmStore Store { get; }

    internal uint Id { get; }

    internal bool IsDropped => _isDropped;

    /// <summary>Ends long work for the tree.</summary>
    internal CancellationToken Dropping => _dropping.Token;

    /// <summary>Sets the value of a key; durable as the store's options say.</summary>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Store.Commit(new WriteBatch().Put(this, key, value));

    /// <summary>Sets the value of a key until a time: from then on the key is as if it had been deleted, and merges remove it.</summary>
    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, DateTimeOffset expires) => Store.Commit(new WriteBatch().Put(this, key, value, expires));

    /// <summary>Removes a key; one that is not there is fine.</summary>
    public void Delete(ReadOnlySpan<byte> key) => Store.Commit(new WriteBatch().Delete(this, key));

    /// <summary>The value of a key, or null when it is not there: now, or as of a snapshot.</summary>
    public byte[]? Get(ReadOnlySpan<byte> key, LsmSnapshot? snapshot = null)
    {
        var sink = EntrySink.Array;
        Read(key, snapshot, ref sink);
        return sink.Value;
    }

    /// <summary>Writes the value of a key to the destination; false, and nothing written, when it is not there.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, IBufferWriter<byte> destination, LsmSnapshot? snapshot = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var sink = EntrySink.To(destination);
        return Read(key, snapshot, ref sink);
    }

    /// <summary>Writes the value of a key to the destination and says where its entry is; false, and nothing written, when it is not there. Costs what the other overload costs.</summary>
    public bool TryGet(ReadOnlySpan<byte> key, IBufferWriter<byte> destination, out EntryPlace place, LsmSnapshot? snapshot = null)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var sink = EntrySink.To(destination);
        var found = Read(key, snapshot, ref sink);
        place = sink.Place;
        return found;
    }

    /// <summary>Where the entry of a key is: now, or as of a snapshot, whose <see cref="Tables"/> have the numbers. Reads what <see cref="Get"/> reads, and copies nothing.</summary>
    public EntryPlace Locate(ReadOnlySpan<byte> key, LsmSnapshot? snapshot = null)
    {
        var sink = EntrySink.None;
        Read(key, snapshot, ref sink);
        return sink.Place;
    }

    /// <summary>The values of many keys as of one moment, by position; null where a key is not there.</summary>
    public byte[]?[] MultiGet(IReadOnlyList<ReadOnlyMemory<byte>> keys, LsmSnapshot? snapshot = null)
    {
        ArgumentNullException.ThrowIfNull(keys);
        using var own = snapshot is null ? Store.Snapshot() : null;
        var values = new byte[]?[keys.Count];
        for (var i = 0; i < values.Length; i++) values[i] = Get(keys[i].Span, snapshot ?? own);
        return values;
    }

    /// <summary>Walks a range, ascending or descending, as it is now or as of a snapshot. Dispose of the cursor.</summary>
    public LsmCursor Scan(KeyRange? range = null, bool descending = false, LsmSnapshot? snapshot = null)
    {
        Store.NoteRead();
        var version = Hold(snapshot, out var sequence);
        try
        {
            var sources = new List<EntryCursor>();
            if (ContentOf(version) is { } content)
            {
                sources.AddRange(content.Memtables.Select(memtable => new MemtableCursor(memtable, sequence, descending)));
                sources.AddRange(content.Runs.Select(run => run.Cursor(descending)));
            }

            // A scan is of one moment, so its time is fixed too.
            var moment = snapshot?.Moment ?? Moment.At(Moment.Of(Store.Clock.GetUtcNow()));
            return new LsmCursor(new MergeCursor([.. sources], descending), range ?? KeyRange.All, version, moment);
        }
        catch
        {
            version.Release();
            throw;
        }
    }

    /// <summary>
    /// Walks, ascending, what is in memory as of a snapshot, and not in its <see cref="Tables"/>: the newest entry of each key, tombstones included, as
    /// they hide what tables hold. Dispose of the cursor.
    /// </summary>
    public LsmCursor ScanMemory(KeyRange? range, LsmSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        Store.NoteRead();
        var version = Hold(snapshot, out var sequence);
        try
        {
            EntryCursor[] sources = [.. (ContentOf(version)?.Memtables ?? []).Select(memtable => new MemtableCursor(memtable, sequence, isDescending: false))];
            return new LsmCursor(new MergeCursor(sources, isDescending: false), range ?? KeyRange.All, version, snapshot.Moment, showsGone: true);
        }
        catch
        {
            version.Release();
            throw;
        }
    }

    /// <summary>
    /// About how many entries <see cref="ScanMemory"/> walks past: every version of a key counts, and those that were written after the snapshot into
    /// the memory that it holds count too.
    /// </summary>
    public long MemoryEntries(LsmSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var version = Hold(snapshot, out _);
        try
        {
            return ContentOf(version)?.Memtables.Sum(static memtable => (long)memtable.Count) ?? 0;
        }
        finally
        {
            version.Release();
        }
    }

    /// <summary>The memtables that hold what is in no table as of a snapshot, newest first; empty ones are left out. Valid as long as the snapshot.</summary>
    public IReadOnlyList<LsmMemtable> Memory(LsmSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var version = Hold(snapshot, out _);
        try
        {
            Memtable[] filled = [.. (ContentOf(version)?.Memtables ?? []).Where(static memtable => !memtable.IsEmpty)];
            return [.. filled.Select((memtable, place) => new LsmMemtable(snapshot, memtable, filled[..place]))];
        }
        finally
        {
            version.Release();
        }
    }

    /// <summary>The tables that hold the tree as of a snapshot, newest first, with their sidecars. Valid as long as the snapshot.</summary>
    public IReadOnlyList<LsmTable> Tables(LsmSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        var version = Hold(snapshot, out _);
        try
        {
            return [.. (ContentOf(version)?.Tables ?? []).Select(table => new LsmTable(snapshot, table))];
        }
        finally
        {
            version.Release();
        }
    }

    /// <summary>Merges the tree's tables into one, without what was overwritten or deleted. Flushes the store first.</summary>
    public void Compact(CancellationToken cancellationToken = default) => Store.Compact(this, cancellationToken);

    private bool Read(ReadOnlySpan<byte> key, LsmSnapshot? snapshot, ref EntrySink sink)
    {
        Store.NoteRead();
        var version = Hold(snapshot, out var sequence);
        try
        {
            return Read(version, key, sequence, snapshot?.Moment ?? Moment.Now(Store.Clock), ref sink);
        }
        finally
        {
            version.Release();
        }
    }

    private bool Read(Version version, ReadOnlySpan<byte> key, ulong sequence, Moment moment, ref EntrySink sink)
    {
        if (ContentOf(version) is not { } content) return false;
        foreach (var memtable in content.Memtables)
        {
            if (!memtable.TryGet(key, sequence, out var found, out var kind)) continue;
            if (moment.IsGone(kind)) return false;
            sink.Take(found, EntryPlace.InMemory);
            return true;
        }

        var hash = BloomFilter.Hash(key);
        foreach (var run in content.Runs)
        {
            var lookup = run.Get(key, hash, moment, ref sink);
            if (lookup != Lookup.Absent) return lookup == Lookup.Found;
        }

        return false;
    }

    internal void ThrowIfDropped()
    {
        if (_isDropped) throw LsmException.Dropped(Name);
    }

    /// <summary>From now on the tree is refused. Called before the version without it is installed, so that nobody takes what is gone for empty.</summary>
    internal void MarkDropped() => _isDropped = true;

    /// <summary>Ends what is at work for the tree; it may call back, so the caller has no lock.</summary>
    internal void EndWork() => _dropping.Cancel();

    /// <summary>What a version has of the tree; null when it is older than the tree.</summary>
    private TreeContent? ContentOf(Version version)
    {
        var content = version.Find(Id);
        if (content is null) ThrowIfDropped();
        return content;
    }

    private Version Hold(LsmSnapshot? snapshot, out ulong sequence)
    {
        if (snapshot is null) return Store.HoldVersion(out sequence);
        if (snapshot.Store != Store) throw new ArgumentException("The snapshot is of another store.", nameof(snapshot));
        sequence = snapshot.Sequence;
        var version = snapshot.Version;
        return version.TryHold() ? version : throw new ObjectDisposedException(nameof(LsmSnapshot));
    }
}
