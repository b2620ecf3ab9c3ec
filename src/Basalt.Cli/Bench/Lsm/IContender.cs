namespace Basalt.Cli.Bench.Lsm;

/// <summary>A store of ordered bytes that is measured. What it opens is disposed of by the caller.</summary>
internal interface IContender : IDisposable
{
    string Name { get; }

    /// <summary>The folder with all its files, and nothing else.</summary>
    string Folder { get; }

    /// <summary>Ways for many threads to write single entries; the best counts.</summary>
    IReadOnlyList<WritingWay> ConcurrentWays { get; }

    /// <summary>A writer for one thread.</summary>
    IEntryWriter OpenWriter();

    /// <summary>The way for many entries at once into an empty store of their own, with no log; null when there is none.</summary>
    IBulkWriter? OpenBulk();

    /// <summary>A reader of points, for one thread.</summary>
    IPointReader OpenReader();

    /// <summary>All entries, in the order of their keys or against it.</summary>
    IEntryScan OpenScan(bool descending);

    /// <summary>Makes the store as small and as fast to read as it gets.</summary>
    void Compact(CancellationToken cancellationToken);

    /// <summary>Written to disk by its own count since it was made; null when it does not count.</summary>
    long? WrittenBytes { get; }

    /// <summary>The most memory in use at a time by its own account; null when it has none.</summary>
    long? HighestMemory { get; }
}

/// <summary>How concurrent writers share a store; the function is called once for each of them.</summary>
internal sealed record WritingWay(string Name, Func<IEntryWriter> Open);

/// <summary>Writes entries, as durable as the workload says when a call returns.</summary>
internal interface IEntryWriter : IDisposable
{
    /// <summary>Writes one entry.</summary>
    void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>Adds an entry to a batch that <see cref="Commit"/> writes.</summary>
    void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    void Commit();
}

/// <summary>Writes many entries, which are there, durably, when <see cref="Commit"/> returns. It removes its store when it is disposed of.</summary>
internal interface IBulkWriter : IDisposable
{
    void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    void Commit(CancellationToken cancellationToken);

    /// <summary>What was written, in the order of keys.</summary>
    IEntryScan OpenScan();
}

/// <summary>Looks up single keys.</summary>
internal interface IPointReader : IDisposable
{
    /// <summary>The value is valid until the next call.</summary>
    bool TryRead(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value);
}

/// <summary>Walks all entries; the spans are valid until the next move.</summary>
internal interface IEntryScan : IDisposable
{
    ReadOnlySpan<byte> Key { get; }

    ReadOnlySpan<byte> Value { get; }

    bool MoveNext();
}
