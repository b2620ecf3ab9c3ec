using Basalt.Engine.Collections;
using Basalt.Lsm;

namespace Basalt.Engine.Indexes;

/// <summary>
/// Builds what tables lack: sections of indexes that came after them, and graphs, which take longer than a flush may. A thread of its own does it when tables have changed and nobody has written for a
/// moment; whoever waits for it does it on his own thread. What fails is tried again with the next change. Thread-safe.
/// </summary>
internal sealed class IndexWorks : IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);
    private readonly LsmStore _store;
    private readonly Func<IEnumerable<EngineCollection>> _collections;
    private readonly SectionCache _sections;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private CancellationTokenSource? _background;
    private readonly CancellationTokenSource _closing = new();
    private readonly AutoResetEvent _changed = new(false);
    private readonly Thread _thread;

    public IndexWorks(LsmStore store, Func<IEnumerable<EngineCollection>> collections, SectionCache sections)
    {
        (_store, _collections, _sections) = (store, collections, sections);
        _thread = new Thread(Run) { Name = "Basalt.Engine indexes", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Why something could not be built when it was last tried; null when nothing failed.</summary>
    public string? Fault { get; private set; }

    /// <summary>Tables or indexes have changed.</summary>
    public void Notice() => _changed.Set();

    /// <summary>Builds all that the tables of a collection lack; reports the share that is built.</summary>
    public void Complete(EngineCollection collection, int threads, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        // What the thread is building may be worth nothing in a moment, and it would be waited for.
        lock (_gate) _background?.Cancel();
        CompleteInTurn(collection, threads, progress, cancellationToken);
    }

    private void CompleteInTurn(EngineCollection collection, int threads, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
        _turn.Wait(either.Token);
        try
        {
            var mayMerge = true;
            while (CompleteStep(collection, threads, ref mayMerge, either.Token)) progress?.Report(Built(collection));
            progress?.Report(1);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>The share of the entries on disk that an index covers; 1 when there are none.</summary>
    public static double Built(IndexEntry index, IReadOnlyList<LsmTable> tables)
    {
        var (all, built) = (0L, 0L);
        foreach (var table in tables)
        {
            all += table.Entries;
            if (IsBuilt(index, table)) built += table.Entries;
        }

        return all == 0 ? 1 : (double)built / all;
    }

    /// <summary>Entries of tables that an index does not cover yet, as of a snapshot.</summary>
    public long Pending(LsmSnapshot snapshot)
    {
        var pending = 0L;
        foreach (var collection in _collections().Where(static collection => collection.Indexes.Count > 0))
        foreach (var table in collection.Tree.Tables(snapshot))
            pending += table.Entries * collection.Indexes.Count(index => !IsBuilt(index, table));
        return pending;
    }

    private static bool IsBuilt(IndexEntry index, LsmTable table) => table.Sidecars.Contains(index.Section) && (!index.HasGraph || table.Sidecars.Contains(index.GraphSection));

    public void Dispose()
    {
        _closing.Cancel();
        _changed.Set();
        _thread.Join();
        // Whoever completes by a call of its own leaves at its next check.
        _turn.Wait();
        _changed.Dispose();
        _closing.Dispose();
    }

    private double Built(EngineCollection collection)
    {
        using var snapshot = _store.Snapshot();
        var tables = collection.Tree.Tables(snapshot);
        return collection.Indexes.Select(index => Built(index, tables)).DefaultIfEmpty(1).Min();
    }

    private void Run()
    {
        while (!_closing.IsCancellationRequested)
        {
            _changed.WaitOne(Longest);
            WaitForQuiet();
            if (_closing.IsCancellationRequested) return;
            using var background = new CancellationTokenSource();
            lock (_gate) _background = background;
            try
            {
                foreach (var collection in _collections().Where(static collection => collection.Indexes.Count > 0)) CompleteInTurn(collection, Math.Max(1, Environment.ProcessorCount / 2), null, background.Token);
                Clean();
                Fault = null;
            }
            catch (OperationCanceledException)
            {
                // The store closes, or somebody does it on a thread of his own; what he leaves is looked for again.
            }
            catch (LsmException e) when (e.Code == LsmErrorCode.Closed)
            {
                return;
            }
            catch (Exception e)
            {
                // Kept, to be told; it is tried again.
                Fault = e.Message;
            }
            finally
            {
                lock (_gate) _background = null;
            }
        }
    }

    /// <summary>As long as tables keep changing, and somebody writes, what is built is soon merged away; but it does not wait for ever.</summary>
    private void WaitForQuiet()
    {
        var sequence = _store.Sequence;
        for (var waited = TimeSpan.Zero; waited < Longest && !_closing.IsCancellationRequested; waited += Quiet)
        {
            var isChanged = _changed.WaitOne(Quiet);
            if (!isChanged && _store.Sequence == sequence) return;
            sequence = _store.Sequence;
        }
    }

    /// <summary>Builds one thing that is lacking; false when nothing is.</summary>
    private bool CompleteStep(EngineCollection collection, int threads, ref bool mayMerge, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ulong table;
        IndexEntry lacking;
        var (isGraph, mergesFirst) = (false, false);
        using (var snapshot = _store.Snapshot())
        {
            var tables = collection.Tree.Tables(snapshot);
            var missing = tables.SelectMany(table => collection.Indexes.Where(index => !table.Sidecars.Contains(index.Section)).Select(index => (Table: table, Index: index))).FirstOrDefault();
            if (missing.Table is null)
            {
                isGraph = true;
                missing = tables.SelectMany(table => collection.Indexes.Where(index => index.HasGraph && !table.Sidecars.Contains(index.GraphSection)).Select(index => (Table: table, Index: index)))
                    .OrderByDescending(static pair => pair.Table.Entries).FirstOrDefault();
                if (missing.Table is null) return false;
                if (mayMerge && IsWorthMerging(missing.Index, tables)) mergesFirst = true;
            }

            (table, lacking) = (missing.Table.Number, missing.Index);
        }

        if (mergesFirst)
        {
            // Once: tables that are left beside each other then share no key, and stay.
            mayMerge = false;
            collection.Tree.Compact(cancellationToken);
        }
        else Attach(collection, table, lacking, isGraph, threads, cancellationToken);
        return true;
    }

    private void Attach(EngineCollection collection, ulong table, IndexEntry index, bool isGraph, int threads, CancellationToken cancellationToken)
    {
        try
        {
            // False when the table was merged away meanwhile: then others are there.
            _store.AttachSidecar(collection.Tree, table, isGraph ? new GraphSidecar(index, threads) : SidecarRegistry.Sidecar(collection, index), cancellationToken);
        }
        catch (InvalidOperationException)
        {
            // A merge wrote it meanwhile.
            using var snapshot = _store.Snapshot();
            if (collection.Tree.Tables(snapshot).FirstOrDefault(known => known.Number == table) is { } now && !now.Sidecars.Contains(isGraph ? index.GraphSection : index.Section)) throw;
        }
    }

    /// <summary>Whether the tables without a graph are together half as large as those with one: then all are merged first, and each vector takes part in about three builds as the collection grows.</summary>
    private static bool IsWorthMerging(IndexEntry index, IReadOnlyList<LsmTable> tables)
    {
        if (tables.Count < 2) return false;
        var lacking = tables.Where(table => !table.Sidecars.Contains(index.GraphSection)).Sum(static table => table.Entries);
        return 2 * lacking >= tables.Sum(static table => table.Entries) - lacking;
    }

    /// <summary>Closes what is mapped of tables and indexes that are gone.</summary>
    private void Clean()
    {
        using var snapshot = _store.Snapshot();
        var there = _collections().SelectMany(collection => collection.Tree.Tables(snapshot).SelectMany(table => collection.Indexes.Select(index => (table.Number, index.Number)))).ToHashSet();
        _sections.Keep((table, index) => there.Contains((table, index)));
        var tables = there.Select(static place => place.Item1).ToHashSet();
        _sections.Overlaps.Keep(tables.Contains);
    }
}
