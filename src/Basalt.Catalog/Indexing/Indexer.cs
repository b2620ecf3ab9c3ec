using System.Threading.Channels;
using Basalt.Catalog.Discovery;
using Basalt.Catalog.Storage;

namespace Basalt.Catalog.Indexing;

/// <summary>
/// Brings a catalogue up to date with a root: reads the files that are new or changed, a bounded number at once, and writes down each as soon as it is read. A run that ends in the middle, however, is
/// gone on with by the next. One bad file or dataset never stops the others, and never becomes a number.
/// </summary>
/// <remarks>
/// Faults are told apart. What may pass (throttling, connections, time) is tried again, then noted and tried again by the next run. What is wrong with a file is noted and the file left alone until it is
/// another one. What is wrong with the whole (credentials, permissions, options; a catalogue that cannot be written) ends the run at once.
/// </remarks>
public sealed class Indexer
{
    private const int MostAtOnce = 64;
    private readonly DatasetRoot _root;
    private readonly CatalogStore _store;
    private readonly IndexingOptions _options;
    private readonly Planning _planning;

    /// <summary>An indexer of a root into a catalogue; both stay the caller's.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: an option cannot be used.</exception>
    public Indexer(DatasetRoot root, CatalogStore store, IndexingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        ArgumentNullException.ThrowIfNull(store);
        options ??= new IndexingOptions();
        options.Validate();
        (_root, _store, _options) = (root, store, options);
        _planning = new Planning(root, store, options);
    }

    /// <summary>What a run would do. Lists the root and reads metadata files, nothing else; writes nothing.</summary>
    public ValueTask<IndexPlan> PlanAsync(CancellationToken cancellationToken = default) => _planning.PlanAsync(cancellationToken);

    /// <summary>Runs. When cancelled, what was read up to then is kept.</summary>
    /// <exception cref="BasaltException">The root cannot be listed, may not be read, or the catalogue cannot be written.</exception>
    public async ValueTask<IndexReport> RunAsync(IProgress<IndexProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        var plan = await PlanAsync(cancellationToken).ConfigureAwait(false);
        await _store.PrepareAsync(cancellationToken).ConfigureAwait(false);
        foreach (var gone in plan.Gone) await _store.RemoveAsync(gone, cancellationToken).ConfigureAwait(false);
        var run = new Run(this, plan, progress);
        try
        {
            await run.WorkAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (CatalogFault e)
        {
            throw e.Fault;
        }

        return run.Report();
    }

    /// <summary>One file to be read, and the attempts made.</summary>
    private sealed record Item(DatasetWork Work, DataFile File, int Attempt);

    /// <summary>A dataset of a run: what is known of its files, and how many are still missing.</summary>
    private sealed class DatasetWork(DatasetPlan plan)
    {
        private readonly Lock _gate = new();
        private readonly List<StoredFile> _files = [.. plan.Unchanged];
        private int _left = plan.ToRead.Count;

        public DatasetPlan Plan => plan;

        public IReadOnlyList<StoredFile> Files => _files;

        /// <summary>Adds a file; true when it was the last one.</summary>
        public bool Add(StoredFile file)
        {
            lock (_gate)
            {
                _files.Add(file);
                return --_left == 0;
            }
        }
    }

    private sealed class Run(Indexer indexer, IndexPlan plan, IProgress<IndexProgress>? progress)
    {
        private readonly IndexingOptions _options = indexer._options;
        private readonly Channel<Item> _queue = Channel.CreateUnbounded<Item>();
        private readonly FileReading _reading = new(indexer._root.Store, indexer._store, indexer._options);
        private readonly DatasetMerge _merge = new(indexer._store, indexer._planning.RootName, indexer._options.TimeProvider);
        private readonly int _totalFiles = plan.Datasets.Sum(static d => d.ToRead.Count);
        private readonly long _totalBytes = plan.Datasets.Sum(static d => d.Bytes);
        private readonly Lock _gate = new();
        private int _open;
        private int _done;
        private int _failed;
        private long _bytes;
        private long _bytesRead;
        private int _requests;

        public IndexReport Report() => new(plan.Datasets.Count, _done - _failed, _failed, plan.Datasets.Sum(static d => d.Unchanged.Count), plan.Datasets.Sum(static d => d.Removed.Count), _bytesRead, _requests);

        public async ValueTask WorkAsync(CancellationToken cancellationToken)
        {
            var waiting = new List<Item>();
            foreach (var dataset in plan.Datasets.Where(static d => !d.IsCurrent))
            {
                await _merge.BeginAsync(dataset, cancellationToken).ConfigureAwait(false);
                foreach (var removed in dataset.Removed) await indexer._store.RemoveAsync(removed, cancellationToken).ConfigureAwait(false);
                var work = new DatasetWork(dataset);
                if (dataset.ToRead.Count == 0) await _merge.EndAsync(dataset, work.Files, cancellationToken).ConfigureAwait(false);
                waiting.AddRange(dataset.ToRead.Select(file => new Item(work, file, 1)));
            }

            _open = waiting.Count;
            if (_open == 0) return;
            foreach (var item in waiting) _queue.Writer.TryWrite(item);
            await ReadAllAsync(cancellationToken).ConfigureAwait(false);
        }

        private async Task ReadAllAsync(CancellationToken cancellationToken)
        {
            using var stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var most = _options.Concurrency ?? MostAtOnce;
            using var limit = new AdaptiveLimit(_options.Concurrency ?? Math.Min(16, Environment.ProcessorCount * 2), most);
            var workers = Enumerable.Range(0, Math.Min(most, _open)).Select(_ => Task.Run(() => WorkerAsync(limit, stopping), CancellationToken.None)).ToList();
            // The first fault cancels the others, whose cancellations are not what happened.
            Exception? fault = null;
            foreach (var worker in workers)
            {
                try
                {
                    await worker.ConfigureAwait(false);
                }
                catch (Exception e) when (fault is null or OperationCanceledException)
                {
                    fault = e;
                }
                catch (Exception)
                {
                    // The first one is reported.
                }
            }

            cancellationToken.ThrowIfCancellationRequested();
            if (fault is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(fault);
        }

        private async Task WorkerAsync(AdaptiveLimit limit, CancellationTokenSource stopping)
        {
            try
            {
                await foreach (var item in _queue.Reader.ReadAllAsync(stopping.Token).ConfigureAwait(false))
                {
                    await limit.EnterAsync(stopping.Token).ConfigureAwait(false);
                    var wasRefused = false;
                    try
                    {
                        wasRefused = await HandleAsync(item, stopping.Token).ConfigureAwait(false);
                    }
                    finally
                    {
                        limit.Leave(wasRefused);
                    }
                }
            }
            catch
            {
                await stopping.CancelAsync().ConfigureAwait(false);
                throw;
            }
        }

        /// <summary>Reads a file, or puts it back; true when it was refused for reasons that may pass.</summary>
        private async ValueTask<bool> HandleAsync(Item item, CancellationToken cancellationToken)
        {
            var key = item.Work.Plan.Metadata?.Key ?? [];
            StoredFile file;
            var wasRefused = false;
            try
            {
                file = await _reading.ReadAsync(item.File, key, cancellationToken).ConfigureAwait(false);
            }
            catch (BasaltException e) when (e.Code is not (ErrorCode.Unauthorized or ErrorCode.InvalidOptions))
            {
                // A conflict is an object that was replaced after it was listed: the next listing has the new one.
                var isTransient = e.IsTransient || e.Code == ErrorCode.NotFound;
                wasRefused = isTransient && e.Code is not (ErrorCode.Conflict or ErrorCode.NotFound);
                if (wasRefused && item.Attempt < _options.MaxAttempts)
                {
                    var pause = _options.FirstPause * (Math.Pow(2, item.Attempt - 1) * Random.Shared.NextDouble());
                    await Task.Delay(pause, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
                    _queue.Writer.TryWrite(item with { Attempt = item.Attempt + 1 });
                    return true;
                }

                file = FileReading.Failed(item.File, key, isTransient ? FailureClass.Transient : FailureClass.Data, e.Message);
            }

            await KeepAsync(item, file, cancellationToken).ConfigureAwait(false);
            return wasRefused;
        }

        private async ValueTask KeepAsync(Item item, StoredFile file, CancellationToken cancellationToken)
        {
            var older = item.Work.Plan.Known[file.Name].FirstOrDefault();
            await indexer._store.KeepAsync(file, older?.Chunks ?? 0, cancellationToken).ConfigureAwait(false);
            if (item.Work.Add(file)) await _merge.EndAsync(item.Work.Plan, item.Work.Files, cancellationToken).ConfigureAwait(false);
            IndexProgress now;
            lock (_gate)
            {
                _done++;
                if (file.Summary is null) _failed++;
                _bytes += file.Format == DataFormat.Parquet ? 0 : item.File.Length;
                _bytesRead += file.BytesRead;
                _requests += file.Requests;
                if (--_open == 0) _queue.Writer.Complete();
                now = new IndexProgress(_done, _totalFiles, _bytes, _totalBytes);
            }

            progress?.Report(now);
        }
    }
}
