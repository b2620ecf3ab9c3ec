using System.Runtime.InteropServices;
using Basalt.Backends;
using Basalt.PointClouds.Columns;
using Basalt.Records;

namespace Basalt.PointClouds.Runs;

/// <summary>
/// Writes a run: announces it in the head, stores its chunks as they come, then its pages and its record, and has the head name it. Until then nobody sees it. Needs about a hundred bytes of
/// memory for each of its labels, chunks and blocks. Not thread-safe.
/// </summary>
internal sealed class RunWriter
{
    private const int BatchBytes = 1 << 20;
    private readonly CloudStore _store;
    private readonly List<Record> _batch = [];
    private readonly List<LabelEntry> _labels = [];
    private readonly List<ChunkEntry> _chunks = [];
    private long _batchBytes;
    private long _bytes;
    private long _points;

    private RunWriter(CloudStore store, string id) => (_store, Id) = (store, id);

    public string Id { get; }

    private int Axes => _store.Schema.Axes.Count;

    /// <summary>Begins a run under the eyes of others: what is left of it after a crash is found and removed.</summary>
    public static async ValueTask<RunWriter> BeginAsync(CloudStore store, TimeProvider time, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var id = Guid.CreateVersion7(now).ToString("N");
        await store.ChangeHeadAsync(head => head with { Pending = [.. head.Pending, new LooseRun(id, now)] }, cancellationToken).ConfigureAwait(false);
        return new RunWriter(store, id);
    }

    public async ValueTask AddAsync(EncodedChunk chunk, CancellationToken cancellationToken)
    {
        var number = _chunks.Count;
        foreach (var label in chunk.Labels) Note(label with { FirstChunk = number });
        _chunks.Add(chunk.Entry);
        _points += chunk.Entry.Points;
        await StoreAsync(ToRecord(number, chunk), chunk.Bytes.Length, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Stores the directories; what remains is to name the run in the head.</summary>
    public async ValueTask<RunSummary> FinishAsync(IReadOnlyList<BlockEntry> blocks, CancellationToken cancellationToken)
    {
        CollectionsMarshal.AsSpan(_labels).Sort(static (a, b) => a.Label.CompareTo(b.Label));
        var sortedBlocks = blocks.ToArray();
        Array.Sort(sortedBlocks, static (a, b) => string.CompareOrdinal(a.Id, b.Id));
        var (lastLabels, lastBlocks) = (new List<ulong>(), new List<string>());
        for (var at = 0; at < _labels.Count; at += DirectoryPage.MostEntries)
        {
            var page = CollectionsMarshal.AsSpan(_labels)[at..Math.Min(at + DirectoryPage.MostEntries, _labels.Count)].ToArray();
            lastLabels.Add(page[^1].Label);
            await PageAsync(Run.LabelPage, at / DirectoryPage.MostEntries, DirectoryPage.Write(page, Axes), cancellationToken).ConfigureAwait(false);
        }

        for (var at = 0; at < _chunks.Count; at += DirectoryPage.MostEntries)
        {
            var page = CollectionsMarshal.AsSpan(_chunks)[at..Math.Min(at + DirectoryPage.MostEntries, _chunks.Count)].ToArray();
            await PageAsync(Run.ChunkPage, at / DirectoryPage.MostEntries, DirectoryPage.Write(page, Axes), cancellationToken).ConfigureAwait(false);
        }

        for (var at = 0; at < sortedBlocks.Length; at += DirectoryPage.MostBlocks)
        {
            var page = sortedBlocks[at..Math.Min(at + DirectoryPage.MostBlocks, sortedBlocks.Length)];
            lastBlocks.Add(page[^1].Id);
            await PageAsync(Run.BlockPage, at / DirectoryPage.MostBlocks, DirectoryPage.Write(page, Axes), cancellationToken).ConfigureAwait(false);
        }

        var summary = new RunSummary(Id, _points, _chunks.Count, _labels.Count, sortedBlocks.Length, _bytes);
        await StoreAsync(new Run(summary, [.. lastLabels], [.. lastBlocks]).ToRecord(), 0, cancellationToken).ConfigureAwait(false);
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        return summary;
    }

    // The chunks of a label are written one after the other.
    private void Note(in LabelEntry label)
    {
        if (_labels.Count > 0 && _labels[^1] is var last && last.Label == label.Label)
        {
            var extent = last.Extent;
            extent.Add(label.Extent, Axes);
            _labels[^1] = last with { Points = last.Points + label.Points, Chunks = last.Chunks + 1, Extent = extent };
        }
        else
        {
            _labels.Add(label);
        }
    }

    /// <summary>The record of a chunk: its box, labels and size are fields, for filters and for SQL.</summary>
    private Record ToRecord(int number, EncodedChunk chunk)
    {
        var fields = new ValueMapBuilder(8 + 2 * Axes)
            .Set("kind", "chunk")
            .Set("points", chunk.Entry.Points)
            .Set("labels", chunk.Entry.Labels)
            .Set("first_label", Bits.Unsigned(chunk.Entry.FirstLabel))
            .Set("last_label", Bits.Unsigned(chunk.Entry.LastLabel));
        for (var axis = 0; axis < Axes; axis++)
        {
            fields.Set("min_" + _store.Schema.Axes[axis], _store.Schema.Lattice.ValueAt(chunk.Entry.Extent.Lowest(axis)));
            fields.Set("max_" + _store.Schema.Axes[axis], _store.Schema.Lattice.ValueAt(chunk.Entry.Extent.Highest(axis)));
        }

        return new Record(Run.PartId(Id, Run.Chunk, number), fields.Set("data", Value.FromBytes(chunk.Bytes)).Build());
    }

    private ValueTask PageAsync(char kind, int number, byte[] bytes, CancellationToken cancellationToken) =>
        StoreAsync(new Record { Id = Run.PartId(Id, kind, number), ["kind"] = "page", ["data"] = Value.FromBytes(bytes) }, bytes.Length, cancellationToken);

    private async ValueTask StoreAsync(Record record, int bytes, CancellationToken cancellationToken)
    {
        _batch.Add(record);
        _batchBytes += bytes;
        _bytes += bytes;
        if (_batchBytes >= BatchBytes) await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_batch.Count == 0) return;
        (await _store.Collection.CreateManyAsync(_batch, new BatchOptions { OnFailure = OnFailure.Stop }, cancellationToken).ConfigureAwait(false)).EnsureDone();
        _batch.Clear();
        _batchBytes = 0;
    }
}
