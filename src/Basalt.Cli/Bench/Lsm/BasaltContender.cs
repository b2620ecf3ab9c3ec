using System.Buffers;
using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.Memory;
using Basalt.Lsm.Wal;

namespace Basalt.Cli.Bench.Lsm;

/// <summary>A tree of a <see cref="LsmStore"/>.</summary>
internal sealed class BasaltContender : IContender
{
    private static readonly TimeSpan SyncInterval = TimeSpan.FromMilliseconds(100);
    // The cost of encryption is measured, not its secrecy.
    private static readonly KeyRing Keys = new("bench", new byte[KeyRing.KeyBytes]);
    private readonly MemoryBudget _memory;
    private readonly LsmOptions _options;
    private readonly LsmStore _store;
    private readonly LsmTree _tree;

    public BasaltContender(string folder, Workload workload, CancellationToken cancellationToken)
    {
        Folder = folder;
        _memory = new MemoryBudget(workload.MemoryBytes);
        _options = Options(folder, workload, _memory);
        _store = LsmStore.Open(_options, cancellationToken);
        _tree = _store.Tree("bench");
    }

    public string Name => "basalt";

    public string Folder { get; }

    public IReadOnlyList<WritingWay> ConcurrentWays => [new("one store", OpenWriter)];

    public long? WrittenBytes => _store.Stats() is var stats ? stats.LoggedBytes + stats.FlushedBytes + stats.MergedBytes : null;

    public long? HighestMemory => _memory.Highest;

    public IEntryWriter OpenWriter() => new Writer(_store, _tree);

    public IBulkWriter OpenBulk() => new BulkWriter(_options with { Folder = Folder + "-bulk" });

    public IPointReader OpenReader() => new Reader(_tree);

    public IEntryScan OpenScan(bool descending) => new EntryScan(_tree.Scan(descending: descending));

    public void Compact(CancellationToken cancellationToken) => _store.Compact(cancellationToken);

    public void Dispose() => _store.Dispose();

    private static LsmOptions Options(string folder, Workload workload, MemoryBudget memory) => new()
    {
        Folder = folder,
        Memory = memory,
        // Two memtables, an eighth that is not counted, and the rest for the cache.
        MemtableBytes = Math.Min(64L << 20, workload.MemoryBytes / 8),
        LoadBytes = (int)Math.Min(64L << 20, workload.MemoryBytes / 8),
        Compression = workload.Compression,
        Keys = workload.IsEncrypted ? Keys : null,
        Sync = workload.Durability switch
        {
            Durability.Always => SyncPolicy.Always,
            Durability.Interval => SyncPolicy.Interval(SyncInterval),
            _ => SyncPolicy.None,
        },
    };

    private sealed class Writer(LsmStore store, LsmTree tree) : IEntryWriter
    {
        private readonly WriteBatch _batch = new();

        public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            Add(key, value);
            Commit();
        }

        public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => _batch.Put(tree, key, value);

        public void Commit()
        {
            store.Commit(_batch);
            _batch.Clear();
        }

        public void Dispose()
        {
            // The store is the contender's.
        }
    }

    private sealed class BulkWriter : IBulkWriter
    {
        private readonly string _folder;
        private readonly LsmStore _store;
        private readonly LsmTree _tree;
        private readonly BulkLoad _load;

        public BulkWriter(LsmOptions options)
        {
            _folder = options.Folder;
            _store = LsmStore.Open(options);
            _tree = _store.Tree("bench");
            _load = _store.BeginLoad(_tree);
        }

        public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => _load.Add(key, value);

        public void Commit(CancellationToken cancellationToken) => _load.Commit(cancellationToken);

        public IEntryScan OpenScan() => new EntryScan(_tree.Scan());

        public void Dispose()
        {
            _load.Dispose();
            _store.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }

    private sealed class Reader(LsmTree tree) : IPointReader
    {
        private readonly ArrayBufferWriter<byte> _value = new();

        public bool TryRead(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
        {
            _value.ResetWrittenCount();
            var found = tree.TryGet(key, _value);
            value = _value.WrittenSpan;
            return found;
        }

        public void Dispose()
        {
            // The store is the contender's.
        }
    }

    private sealed class EntryScan(LsmCursor cursor) : IEntryScan
    {
        public ReadOnlySpan<byte> Key => cursor.Key;

        public ReadOnlySpan<byte> Value => cursor.Value;

        public bool MoveNext() => cursor.MoveNext();

        public void Dispose() => cursor.Dispose();
    }
}
