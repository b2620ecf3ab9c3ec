using Basalt.Lsm.Loads;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Tables;

namespace Basalt.Lsm;

/// <summary>
/// Writes many entries into a tree past the log: keys in any order, of equal ones the last wins. Entries are gathered in memory, sorted, and
/// written as tables with their sidecars; keys that ascend all the way need no sorting. Nothing is seen before <see cref="Commit"/>, which
/// makes all of it visible and durable at once, newer than everything committed before; without it nothing stays. Other writers go on meanwhile.
/// </summary>
/// <remarks>
/// Memory: <see cref="LsmOptions.LoadBytes"/>, taken from the store's account while the load lives. Disk: what is loaded, which is removed
/// when the load is disposed of without a commit, or at the next open. One thread at a time; several loads may be open at once.
/// </remarks>
public sealed class BulkLoad : IDisposable
{
    private readonly LsmStore _store;
    private readonly LsmTree _tree;
    private readonly LoadBuffer _buffer;
    private readonly int _size;
    private readonly List<LoadedTable> _tables = [];
    private TableWriter? _writer;
    private ulong _number;
    private byte[] _highest = [];
    private int _highestLength;
    private ulong _turn;
    private State _state;

    internal BulkLoad(LsmStore store, LsmTree tree, int size)
    {
        (_store, _tree, _size) = (store, tree, size);
        _buffer = new LoadBuffer(size);
    }

    private enum State
    {
        Open,
        Failed,
        Committed,
        Disposed,
    }

    /// <summary>How many entries were added.</summary>
    public long Count { get; private set; }

    /// <summary>Adds an entry. What it throws ends the load: dispose of it and begin another.</summary>
    /// <exception cref="IOException">The disk failed; the store is as it was.</exception>
    /// <exception cref="LsmException">Closed; or the tree was dropped.</exception>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Add(key, value, 0);

    /// <summary>Adds an entry that expires, as <see cref="WriteBatch.Put(LsmTree, ReadOnlySpan{byte}, ReadOnlySpan{byte}, DateTimeOffset)"/> says.</summary>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, DateTimeOffset expires) => Add(key, value, WriteBatch.ExpiryOf(expires));

    /// <summary>
    /// Makes everything that was added visible and durable, at once. Writes the store's memtables out first; other writers wait for a moment
    /// at the end. When it is cancelled or fails, nothing of the load is visible, but for <see cref="LsmErrorCode.Poisoned"/>: then the next open shows it.
    /// </summary>
    public void Commit(CancellationToken cancellationToken = default)
    {
        ThrowIfOver();
        _state = State.Failed;
        WriteBuffer(cancellationToken);
        FinishTable();
        if (_tables.Count > 0) _store.Install(_tree, _tables, cancellationToken);
        _state = State.Committed;
    }

    /// <summary>Gives the memory back, and removes what was written unless it was committed.</summary>
    public void Dispose()
    {
        if (_state == State.Disposed) return;
        _state = State.Disposed;
        _writer?.Dispose();
        if (_writer is not null) _tables.Add(new LoadedTable(_number, _turn));
        _store.Discard(_tables);
        _buffer.Dispose();
        _store.Memory.Return(MemoryUse.Builds, _size);
    }

    private void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ulong expiry)
    {
        ThrowIfOver();
        if (key.Length > WriteBatch.MaxKeyBytes) throw new ArgumentException($"A key has at most {WriteBatch.MaxKeyBytes} bytes, not {key.Length}.", nameof(key));
        if (value.Length > WriteBatch.MaxValueBytes) throw new ArgumentException($"A value has at most {WriteBatch.MaxValueBytes} bytes, not {value.Length}.", nameof(value));
        if (!_buffer.TryAdd(key, value, expiry))
        {
            _state = State.Failed;
            WriteBuffer(default);
            // One that is larger than the buffer goes past it.
            if (!_buffer.TryAdd(key, value, expiry)) Write(key, value, EntryKind.Value(expiry));
            _state = State.Open;
        }

        Count++;
    }

    private void WriteBuffer(CancellationToken cancellationToken)
    {
        const int entriesBetweenChecks = 1024;
        if (_buffer.Count == 0) return;
        var cursor = _buffer.Sorted();
        // Each buffer is newer than those before: where it begins below what is written, the next turn begins.
        for (var left = entriesBetweenChecks; cursor.Move(); left--)
        {
            if (left == 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                left = entriesBetweenChecks;
            }

            Write(cursor.Key, cursor.Value, cursor.Kind);
        }

        _buffer.Clear();
    }

    /// <summary>Adds to the table being written while keys ascend; otherwise begins a newer one. Tables of one turn share no key, so they may be of one age.</summary>
    private void Write(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, EntryKind kind)
    {
        if (_writer is not null)
        {
            var ascends = key.SequenceCompareTo(_highest.AsSpan(0, _highestLength)) > 0;
            if (!ascends || _store.IsTableFull(_writer))
            {
                FinishTable();
                if (!ascends) _turn++;
            }
        }

        _writer ??= _store.BeginTable(_tree, out _number);
        _writer.Add(key, value, kind);
        if (_highest.Length < key.Length) _highest = new byte[Math.Max(key.Length, 64)];
        key.CopyTo(_highest);
        _highestLength = key.Length;
    }

    private void FinishTable()
    {
        if (_writer is null) return;
        _writer.Finish(_number);
        _writer.Dispose();
        _writer = null;
        _tables.Add(new LoadedTable(_number, _turn));
    }

    private void ThrowIfOver()
    {
        ObjectDisposedException.ThrowIf(_state == State.Disposed, this);
        if (_state == State.Committed) throw new InvalidOperationException("The load is committed; begin another.");
        if (_state == State.Failed) throw new InvalidOperationException("The load failed; dispose of it and begin another.");
        _store.ThrowIfClosed();
        _tree.ThrowIfDropped();
    }
}
