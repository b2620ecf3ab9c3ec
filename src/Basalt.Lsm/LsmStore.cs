using Basalt.Lsm.Compaction;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Memtables;
using Basalt.Lsm.Tables;
using Basalt.Lsm.Versions;
using Basalt.Lsm.Wal;
using Version = Basalt.Lsm.Versions.Version;

namespace Basalt.Lsm;

/// <summary>
/// A folder of named trees that share one log, so that a batch over several of them is atomic. Open exclusively, by one handle. Thread-safe.
/// Writes are durable as <see cref="LsmOptions.Sync"/> says when the call returns. Full memtables are written out by one thread of the store and
/// tables merged by another; writers that outrun them are slowed, then stopped: see <see cref="LsmStats.Pressure"/>. What fails there is tried
/// again after growing pauses, is named in the stats, and is told to writers that would have to wait for it.
/// </summary>
/// <remarks>
/// Locks, in the order in which they are taken: flush turn or merge turn (held while tables are written), maintenance (manifest, keyspaces, old
/// logs; held for one edit), write gate (log, memtables, current version).
/// </remarks>
public sealed partial class LsmStore : IDisposable
{
    private readonly LsmOptions _options;
    private readonly IFileSystem _disk;
    private readonly FileNames _names;
    private readonly IDisposable? _lock;
    private readonly TableResources _tables;
    private readonly CommitQueue _commits;
    private readonly Lock _maintenance = new();
    private readonly Lock _writeGate = new();
    private readonly Dictionary<string, LsmTree> _trees = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _closing = new();
    private SealedLog[] _oldLogs = [];
    private Manifest _manifest = null!;
    private LogWriter _log = null!;
    private Version _version = null!;
    private readonly List<SharedFile> _retired = [];

    /// <summary>The memtables that take writes, by keyspace.</summary>
    private Dictionary<uint, Memtable> _active = [];
    private long _activeBytes;
    private long _loggedBytes;
    private long _loadedBytes;
    private long _setAside;
    private ITimer? _syncTimer;
    private bool _isSyncDue;
    private ulong _sequence;
    private ulong _nextFile = 1;
    private Exception? _poison;
    private volatile bool _isClosed;

    private LsmStore(LsmOptions options, FileNames names, IDisposable? heldLock)
    {
        (_options, _disk, _names, _lock) = (options, options.FileSystem, names, heldLock);
        Memory = options.Memory ?? options.DefaultMemory;
        _setAside = heldLock is null ? 0 : 2 * options.MemtableBytes;
        Memory.SetAside(_setAside);
        _tables = new TableResources(_disk, Memory, new BlockCache(Memory), options.Keys);
        _commits = new CommitQueue(WriteGroup, options.TimeProvider);
        _policy = new MergePolicy(options.MergeWidth, options.SpaceRatio);
        _pacer = new Pacer(options.MergeShare, options.TimeProvider, IsBusy);
        _admission = new Admission(Weigh, options.PressureChanged, options.TimeProvider);
        _flusher = new Worker("Basalt.Lsm flush", FlushDue, _admission.Ring, options.TimeProvider);
        _merger = new Worker("Basalt.Lsm merge", () => TakeTurn(_mergeTurn, MergeInBackground, default), _admission.Ring, options.TimeProvider);
        _teller = new Worker("Basalt.Lsm listener", TellAgain, static () => { }, options.TimeProvider);
    }

    /// <summary>The number of the last operation that readers see. Numbers ascend by one over all trees and are never given twice.</summary>
    public ulong Sequence => Volatile.Read(ref _sequence);

    /// <summary>What tells this store from others: a store that is made of a backup of it has another.</summary>
    public Guid Identity => Inventory.Identity;

    /// <summary>The account of the store's memory.</summary>
    public MemoryBudget Memory { get; }

    internal TimeProvider Clock => _options.TimeProvider;

    /// <summary>The names of the trees, in the order of their creation.</summary>
    public IReadOnlyList<string> Trees
    {
        get { lock (_maintenance) return [.. _trees.Values.OrderBy(static tree => tree.Id).Select(static tree => tree.Name)]; }
    }

    /// <summary>
    /// Opens the store of a folder, which is created if it is not there, and recovers: the log's writes that are not in tables are replayed,
    /// a torn end of it is cut. Costs as much as there are tables and log.
    /// </summary>
    /// <exception cref="LsmException">Locked, corrupt, too new, or an invalid option.</exception>
    /// <exception cref="IOException">The disk failed; nothing that was stored is lost.</exception>
    public static LsmStore Open(LsmOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        var names = new FileNames(options.Folder);
        options.FileSystem.CreateFolder(options.Folder);
        var store = new LsmStore(options, names, TakeLock(options.FileSystem, names, options.TimeProvider));
        try
        {
            store.Recover(cancellationToken);
            return store;
        }
        catch
        {
            store.Abandon();
            throw;
        }
    }

    /// <summary>The lock of a folder, which one handle has at a time: a store's, or that of a backup or restore into it.</summary>
    private static IDisposable TakeLock(IFileSystem disk, FileNames names, TimeProvider clock)
    {
        var holder = $"process {Environment.ProcessId} on {Environment.MachineName} since {clock.GetUtcNow():O}";
        return disk.TryLock(names.LockPath, holder, out var other) ?? throw LsmException.Locked(names.Folder, other);
    }

    /// <summary>The tree of a name (1 to 255 bytes of UTF-8), created durably if it is not there.</summary>
    public LsmTree Tree(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (System.Text.Encoding.UTF8.GetByteCount(name) > 255) throw new ArgumentException("The name of a tree has at most 255 bytes.", nameof(name));
        lock (_maintenance)
        {
            ThrowIfClosed();
            if (_trees.TryGetValue(name, out var tree)) return tree;
            ThrowIfReadOnly();
            ThrowIfPoisoned();
            ThrowIfFull();
            tree = new LsmTree(this, Inventory.NextKeyspace, name);
            var edit = new VersionEdit();
            edit.Keyspaces.Add((tree.Id, name));
            AppendEdit(edit);
            lock (_writeGate)
            {
                var memtable = new Memtable(Memory);
                _active.Add(tree.Id, memtable);
                Install(_version.With(new TreeContent(tree, [memtable], [])));
            }

            _trees.Add(name, tree);
            return tree;
        }
    }

    /// <summary>
    /// Does all operations of a batch, or none. An empty batch does nothing. When maintenance is behind, it waits before it begins; the token
    /// ends that wait. Once begun it is not cancelled.
    /// </summary>
    /// <exception cref="LsmException">Poisoned: whether the batch is there shows at the next open. DiskFull, closed, or a tree that it writes to was dropped: it is not.</exception>
    /// <exception cref="IOException">The maintenance that it would have to wait for fails; the batch was not done, and may be tried again.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while it waited; the batch was not done.</exception>
    public void Commit(WriteBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Count == 0) return;
        if (batch.Store != this) throw new ArgumentException("The batch is for the trees of another store.", nameof(batch));
        ThrowIfClosed();
        ThrowIfReadOnly();
        ThrowIfPoisoned();
        ThrowIfFull();
        batch.FindDropped()?.ThrowIfDropped();
        if (_options.RunsMaintenanceInline) MaintainInline();
        var bytes = batch.Bytes;
        _admission.Enter(bytes, cancellationToken);
        try
        {
            _commits.Commit(batch);
            // The others of its group took no harm by it.
            if (batch.Refusal is { } refusal) throw refusal;
        }
        finally
        {
            _admission.Leave(bytes);
        }
    }

    /// <summary>All trees as they are now. Dispose of it soon.</summary>
    public LsmSnapshot Snapshot()
    {
        var version = HoldVersion(out var sequence);
        return new LsmSnapshot(this, version, sequence, Moment.At(Moment.Of(Clock.GetUtcNow())));
    }

    /// <summary>
    /// Closes: waits for writers, stops flushes and merges, which the next open takes up where they were, syncs the log. Cursors and snapshots
    /// stay readable until they are disposed of.
    /// </summary>
    public void Dispose()
    {
        lock (_writeGate)
        {
            if (_isClosed) return;
            _isClosed = true;
        }

        _closing.Cancel();
        StopProbing();
        _admission.Ring();
        _flusher.Dispose();
        _merger.Dispose();
        _teller.Dispose();
        // Whoever flushes or merges by a call of its own leaves at its next check.
        _flushTurn.Wait();
        _mergeTurn.Wait();
        _building.Signal();
        _building.Wait();
        lock (_maintenance)
        {
            _syncTimer?.Dispose();
            _expiryTimer?.Dispose();
            try
            {
                if (_poison is not null || IsReadOnly) return;
                _log.Sync();
                WriteEndMarks();
            }
            finally
            {
                Abandon();
            }
        }
    }

    /// <summary>Says that nothing follows. Without space for it the store is closed all the same: what is torn is cut at the next open.</summary>
    private void WriteEndMarks()
    {
        try
        {
            _log.End(_sequence);
            _manifest.Close();
        }
        catch (IOException e) when (DiskSpace.IsOut(e))
        {
            // All that was acknowledged is synced.
        }
    }

    /// <summary>The current version, held, and the sequence that it is seen at. The caller releases it.</summary>
    internal Version HoldVersion(out ulong sequence)
    {
        while (true)
        {
            ThrowIfClosed();
            var version = Volatile.Read(ref _version);
            if (!version.TryHold()) continue;
            // Read while the version is held and still the current one: it is then neither behind its tables nor ahead of its memtables.
            sequence = Sequence;
            if (Volatile.Read(ref _version) == version) return version;
            version.Release();
        }
    }

    /// <summary>Writes a group to the log, as durable as the policy says, then to the memtables, then makes it visible.</summary>
    private void WriteGroup(IReadOnlyList<WriteBatch> group)
    {
        // Only writers that all found room at the same time come this far.
        if (_options.RunsMaintenanceInline && Volatile.Read(ref _activeBytes) >= 2 * _options.MemtableBytes) MaintainInline();
        lock (_writeGate)
        {
            ThrowIfClosed();
            ThrowIfPoisoned();
            ThrowIfFull();
            var (sequence, before) = (_sequence, _log.Length);
            try
            {
                foreach (var batch in group)
                {
                    batch.Refusal = batch.FindDropped() is { } dropped ? LsmException.Dropped(dropped.Name) : null;
                    if (batch.Refusal is not null) continue;
                    _log.Add(FrameKind.Entry, (uint)batch.Count, sequence + 1, batch.Payload);
                    sequence += (uint)batch.Count;
                }

                _log.Write();
                _loggedBytes += _log.Length - before;
                if (_options.Sync.Period is not { } period) _log.Sync();
                else if (!_isSyncDue && period > TimeSpan.Zero) _isSyncDue = _syncTimer!.Change(period, Timeout.InfiniteTimeSpan);
            }
            catch (Exception e)
            {
                throw DiskSpace.IsOut(e) && TryRewind(before) ? BecomeFull(e) : Poison(e);
            }

            sequence = _sequence;
            foreach (var batch in group)
                if (batch.Refusal is null) Apply(batch.Payload, ref sequence);
            CountActive();
            Volatile.Write(ref _sequence, sequence);
            if (!_options.RunsMaintenanceInline && IsMemoryFull) FreezeFull();
        }
    }

    /// <summary>The group that is written stays written, whatever happens here: a fault of the log is told to the next one.</summary>
    private void FreezeFull()
    {
        try
        {
            if (Freeze()) _flusher.Ask();
        }
        catch (Exception)
        {
            // Poison, which the next writer is told; anything else meets the flush thread as well, which keeps it and tries again.
            _flusher.Ask();
        }
    }

    /// <summary>Flushes when the memtables are full, then merges what is due, for tests that must know which operation of the disk comes next.</summary>
    private void MaintainInline()
    {
        if (!IsMemoryFull) return;
        FlushDue();
        TakeTurn(_mergeTurn, MergeDue, default);
    }

    private void Apply(ReadOnlySpan<byte> payload, ref ulong sequence)
    {
        Span<MemtableEntry> entries = stackalloc MemtableEntry[Memtable.MostTogether];
        var (count, keyspace) = (0, 0u);
        for (var operation = new BatchReader(payload); operation.Read(); count++)
        {
            if (count == entries.Length || (operation.Keyspace != keyspace && count > 0))
            {
                Add(keyspace, payload, entries[..count], sequence + 1);
                sequence += (uint)count;
                count = 0;
            }

            keyspace = operation.Keyspace;
            entries[count] = operation.Place;
        }

        if (count == 0) return;
        Add(keyspace, payload, entries[..count], sequence + 1);
        sequence += (uint)count;
    }

    /// <summary>What a log has for a tree that was dropped later only counts.</summary>
    private void Add(uint keyspace, ReadOnlySpan<byte> payload, ReadOnlySpan<MemtableEntry> entries, ulong firstSequence)
    {
        if (_active.TryGetValue(keyspace, out var memtable)) memtable.Add(payload, entries, firstSequence);
        else foreach (var entry in entries) _droppedBytes += entry.KeyLength + entry.ValueLength;
    }

    /// <summary>The interval has passed since the first write that is not synced.</summary>
    private void SyncLate()
    {
        lock (_writeGate)
        {
            _isSyncDue = false;
            if (_isClosed || _poison is not null) return;
            try
            {
                _log.Sync();
            }
            catch (Exception e)
            {
                // The next writer is told.
                Poison(e);
            }
        }
    }

    /// <summary>Takes back what was written to the log and is in doubt; false when that fails, too.</summary>
    private bool TryRewind(long length)
    {
        try
        {
            _log.Rewind(_disk, length);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private LsmException Poison(Exception cause)
    {
        _poison ??= cause;
        // Who waits for room that will not come goes on, and is told.
        _admission.Ring();
        return Poisoned(cause);
    }

    private LsmException Poisoned(Exception cause) =>
        new(LsmErrorCode.Poisoned, $"A write to the log or manifest in {_names.Folder} failed ({cause.Message}), so no further write is accepted. Mend the disk and open the store again.", cause);

    internal void ThrowIfClosed()
    {
        if (_isClosed) throw LsmException.Closed();
    }

    private void ThrowIfPoisoned()
    {
        if (Volatile.Read(ref _poison) is { } cause) throw Poisoned(cause);
    }

    /// <summary>Lets go of everything without writing.</summary>
    private void Abandon()
    {
        _isClosed = true;
        _syncTimer?.Dispose();
        StopProbing();
        // What a cursor still holds is closed by it and kept on disk: another handle may own the folder by then.
        foreach (var table in _retired) table.MarkKept();
        _version?.Release();
        _tables.Cache.Dispose();
        Memory.SetAside(-Interlocked.Exchange(ref _setAside, 0));
        _log?.Dispose();
        _manifest?.Dispose();
        _lock?.Dispose();
    }
}
