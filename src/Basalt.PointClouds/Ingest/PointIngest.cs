using System.Text;
using Basalt.PointClouds.Runs;

namespace Basalt.PointClouds.Ingest;

/// <summary>
/// Takes points in, block by block. A block is the unit: it is handed in whole, with all of its labels, and is in the cloud once, however often it is handed in; so an ingest that was interrupted is begun anew with the same
/// blocks. Blocks are gathered and written in runs; a run becomes visible and durable as one, and <see cref="CompleteAsync"/> returns when all are. Thread-safe: blocks may come from many threads at once.
/// </summary>
/// <remarks>Of points of one block that are equal in label, coordinates and attributes one is kept. Equal points of different blocks are all kept: blocks are taken to share no points.</remarks>
public sealed class PointIngest : IAsyncDisposable
{
    /// <summary>The longest id of a block, in bytes of UTF-8.</summary>
    public const int MostIdBytes = 256;

    private readonly CloudStore _store;
    private readonly IngestOptions _options;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Dictionary<string, UInt128> _taken = new(StringComparer.Ordinal);
    private readonly Func<CancellationToken, ValueTask> _tidy;
    private readonly CancellationTokenSource _abandoned = new();
    private CloudHead _head;
    private BlockBuffer _filling;
    private BlockBuffer _other;
    private Task _writing = Task.CompletedTask;
    private long _blocks, _skipped, _points, _duplicates;
    private int _runs;
    private bool _isEnded;

    internal PointIngest(CloudStore store, CloudHead head, IngestOptions options, TimeProvider time, Func<CancellationToken, ValueTask> tidy)
    {
        (_store, _head, _options, _time, _tidy) = (store, head, options, time, tidy);
        (_filling, _other) = (new BlockBuffer(store.Schema) { Known = Known(head) }, new BlockBuffer(store.Schema));
    }

    /// <summary>Takes a block, in one part or several, each with labels. Waits while what was taken before is being written.</summary>
    /// <returns>Whether it is new; false when it is there already, with the same content in any order.</returns>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidData"/>: points that do not fit the schema, of which nothing is taken; <see cref="ErrorCode.Conflict"/>: a block of this id is there with other content.</exception>
    public async ValueTask<bool> AddAsync(string block, IReadOnlyList<PointSet> parts, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(block);
        ArgumentNullException.ThrowIfNull(parts);
        RequireId(block);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isEnded, this);
            if (_filling.Rows.Count >= _options.RunPoints) await TurnAsync(cancellationToken).ConfigureAwait(false);
            var entry = _filling.Add(block, parts);
            if (entry.Points == 0)
            {
                _filling.RemoveLast();
                return false;
            }

            if (await FindAsync(block, cancellationToken).ConfigureAwait(false) is not { } known)
            {
                _taken.Add(block, entry.Hash);
                return true;
            }

            _filling.RemoveLast();
            if (known != entry.Hash) throw new BasaltException(ErrorCode.Conflict, $"The block '{block}' is in the cloud with other content; a block is taken once.") { Target = block };
            _skipped++;
            return false;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes a block in one part.</summary>
    /// <inheritdoc cref="AddAsync(string, IReadOnlyList{PointSet}, CancellationToken)"/>
    public ValueTask<bool> AddAsync(string block, PointSet points, CancellationToken cancellationToken = default) => AddAsync(block, [points], cancellationToken);

    /// <summary>Whether the cloud, or this ingest, has a block of this id, so that its points need not be read.</summary>
    public async ValueTask<bool> HasAsync(string block, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(block);
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await FindAsync(block, cancellationToken).ConfigureAwait(false) is not null;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Writes what was taken so far, and returns when it is visible and as durable as the backend declares. More can be added afterwards; each call makes a run of its own.</summary>
    /// <inheritdoc cref="CompleteAsync"/>
    public async ValueTask FlushAsync(CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isEnded, this);
            await TurnAsync(cancellationToken).ConfigureAwait(false);
            await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Writes what is left, and returns when all that was taken is visible and as durable as the backend declares. Nothing can be added afterwards.</summary>
    /// <exception cref="BasaltException">The backend failed, or another ingest brought one of the blocks at the same time (<see cref="ErrorCode.Conflict"/>): begin anew with the same blocks; those that are there are skipped.</exception>
    public async ValueTask<IngestReport> CompleteAsync(CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(_isEnded, this);
            await TurnAsync(cancellationToken).ConfigureAwait(false);
            await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
            _isEnded = true;
            if (_head.Runs.Count > _options.MostRuns) await _tidy(cancellationToken).ConfigureAwait(false);
            return new IngestReport(_blocks, _skipped, _points, _duplicates, _runs);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends the ingest. Without <see cref="CompleteAsync"/> before it, blocks that were not written yet are not in the cloud.</summary>
    public async ValueTask DisposeAsync()
    {
        await _abandoned.CancelAsync().ConfigureAwait(false);
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _isEnded = true;
        _abandoned.Dispose();
        _gate.Dispose();
    }

    private static HashSet<string> Known(CloudHead head) => [.. head.Runs.Select(static run => run.Id)];

    private static void RequireId(string block)
    {
        if (Encoding.UTF8.GetByteCount(block) > MostIdBytes) throw new ArgumentException($"The id of a block has at most {MostIdBytes} bytes of UTF-8.", nameof(block));
        try
        {
            // As a value of a record it has to be well-formed.
            _ = Basalt.Records.Value.From(block);
        }
        catch (ArgumentException e)
        {
            throw new ArgumentException("The id of a block is well-formed Unicode.", nameof(block), e);
        }
    }

    /// <summary>The hash of a block that was taken before; null when there is none.</summary>
    private async ValueTask<UInt128?> FindAsync(string block, CancellationToken cancellationToken)
    {
        if (_taken.TryGetValue(block, out var hash)) return hash;
        foreach (var summary in _head.Runs)
        {
            var run = await _store.RunAsync(summary, cancellationToken).ConfigureAwait(false);
            if (await _store.FindBlockAsync(run, block, cancellationToken).ConfigureAwait(false) is { } entry) return entry.Hash;
        }

        return null;
    }

    /// <summary>Begins to write what was gathered, when what was gathered before is written.</summary>
    private async ValueTask TurnAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        if (_filling.Rows.Count == 0) return;
        (_filling, _other) = (_other, _filling);
        _filling.Clear();
        _filling.Known = Known(_head);
        var (gathered, token) = (_other, _abandoned.Token);
        _writing = Task.Run(() => WriteAsync(gathered, token), token);
    }

    private async Task WriteAsync(BlockBuffer gathered, CancellationToken cancellationToken)
    {
        var sorting = LabelSorting.Of(gathered, _options.Threads, cancellationToken);
        var writer = await RunWriter.BeginAsync(_store, _time, cancellationToken).ConfigureAwait(false);
        await RunDraft.StoreAsync(writer, _store.Schema, gathered, sorting, _options.Threads, cancellationToken).ConfigureAwait(false);
        var blocks = gathered.Blocks.Select((block, i) => block with { Points = block.Points - sorting.DuplicatesOfBlock[i] }).ToList();
        var summary = await writer.FinishAsync(blocks, cancellationToken).ConfigureAwait(false);
        _head = await _store.ChangeHeadAsync(async (head, ct) =>
        {
            await RefuseKnownAsync(head, gathered.Known, blocks, ct).ConfigureAwait(false);
            return head with { Runs = [.. head.Runs, summary], Pending = [.. head.Pending.Where(run => run.Id != writer.Id)] };
        }, cancellationToken).ConfigureAwait(false);
        _blocks += blocks.Count;
        _points += summary.Points;
        _duplicates += sorting.Duplicates;
        _runs++;
    }

    /// <summary>Others may have brought one of the blocks since they were looked for.</summary>
    private async ValueTask RefuseKnownAsync(CloudHead head, HashSet<string> known, List<BlockEntry> blocks, CancellationToken cancellationToken)
    {
        foreach (var summary in head.Runs.Where(run => !known.Contains(run.Id)))
        {
            var run = await _store.RunAsync(summary, cancellationToken).ConfigureAwait(false);
            foreach (var block in blocks)
            {
                if (await _store.FindBlockAsync(run, block.Id, cancellationToken).ConfigureAwait(false) is null) continue;
                throw new BasaltException(ErrorCode.Conflict, $"The block '{block.Id}' came from another ingest at the same time; begin anew with the same blocks, those that are there are skipped.") { Target = block.Id };
            }
        }
    }
}
