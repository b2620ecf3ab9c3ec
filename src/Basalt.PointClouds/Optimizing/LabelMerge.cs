using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Runs;

namespace Basalt.PointClouds.Optimizing;

/// <summary>The points of one label in several runs, in one order. One chunk of each run is decoded at a time. Not thread-safe.</summary>
internal sealed class LabelMerge : IDisposable
{
    private readonly List<Source> _sources = [];
    private Source? _last;

    /// <summary>A point, in rows that are good until the next one is asked for.</summary>
    public readonly record struct Point(PointRows Rows, int At);

    public static async ValueTask<LabelMerge> OpenAsync(CloudStore store, IReadOnlyList<Run> runs, ulong label, BlockNames names, CancellationToken cancellationToken)
    {
        var merge = new LabelMerge();
        foreach (var run in runs)
        {
            if (await store.FindLabelAsync(run, label, null, cancellationToken).ConfigureAwait(false) is not { } entry) continue;
            var source = new Source(store, run, entry, names);
            if (await source.MoveNextAsync(cancellationToken).ConfigureAwait(false)) merge._sources.Add(source);
        }

        return merge;
    }

    /// <summary>The next point; null at the end.</summary>
    public async ValueTask<Point?> NextAsync(CancellationToken cancellationToken)
    {
        if (_last is not null && !await _last.MoveNextAsync(cancellationToken).ConfigureAwait(false)) _sources.Remove(_last);
        _last = null;
        // Labels are in a few runs at a time: looking at each is cheaper than a heap.
        foreach (var source in _sources)
            if (_last is null || PointRows.Compare(source.Rows, source.At, _last.Rows, _last.At) < 0) _last = source;
        return _last is null ? null : new Point(_last.Rows, _last.At);
    }

    public void Dispose() => _sources.Clear();

    private sealed class Source(CloudStore store, Run run, LabelEntry entry, BlockNames names)
    {
        private readonly int[] _number = new int[1];
        private int _next;

        public PointRows Rows { get; private set; } = new(0, 0);

        public int At { get; private set; } = -1;

        public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
        {
            if (++At < Rows.Count) return true;
            if (_next == entry.Chunks) return false;
            cancellationToken.ThrowIfCancellationRequested();
            _number[0] = entry.FirstChunk + _next++;
            var chunk = (await store.ReadChunksAsync(run, _number, null, cancellationToken).ConfigureAwait(false))[0];
            try
            {
                Rows = Decode(chunk);
            }
            catch (InvalidDataException e)
            {
                throw store.Damaged(Run.PartId(run.Summary.Id, Run.Chunk, _number[0]), e);
            }

            At = 0;
            return Rows.Count > 0;
        }

        private PointRows Decode(Chunk chunk)
        {
            var segment = chunk.Find(entry.Label);
            if (segment < 0) throw new InvalidDataException($"the directory says that it has the label {entry.Label}, and it has not");
            var (_, start, count) = chunk.Segments[segment];
            var schema = store.Schema;
            var rows = new PointRows(schema.Axes.Count, schema.Attributes.Count, count) { Count = count };
            chunk.ReadCells(segment, rows.Cells, 0);
            var column = new ulong[chunk.Count];
            for (var i = 0; i < schema.Attributes.Count; i++)
            {
                chunk.ReadAttribute(i, column);
                column.AsSpan(start, count).CopyTo(rows.Attributes[i]);
            }

            chunk.ReadBlocks(column);
            var numbers = Array.ConvertAll(chunk.Blocks, names.NumberOf);
            for (var i = 0; i < count; i++) rows.Blocks[i] = numbers[column[start + i]];
            return rows;
        }
    }
}
