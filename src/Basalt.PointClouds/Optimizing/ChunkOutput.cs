using Basalt.PointClouds.Chunks;
using Basalt.PointClouds.Ingest;
using Basalt.PointClouds.Runs;

namespace Basalt.PointClouds.Optimizing;

/// <summary>Fills chunks with points that come label by label. Not thread-safe.</summary>
internal sealed class ChunkOutput
{
    private readonly PointSchema _schema;
    private readonly RunWriter _writer;
    private readonly BlockNames _names;
    private readonly ChunkEncoding _encoding;
    private readonly List<Segment> _segments = [];
    private PointRows _rows;
    private ulong _label;
    private int _size;

    public ChunkOutput(PointSchema schema, RunWriter writer, BlockNames names)
    {
        (_schema, _writer, _names, _encoding) = (schema, writer, names, new ChunkEncoding(schema));
        _rows = NewRows();
    }

    /// <summary>Points of a label follow. One that has chunks of its own begins a new one.</summary>
    public async ValueTask BeginAsync(ulong label, long points, CancellationToken cancellationToken)
    {
        var isOwn = points >= RunDraft.LeastOwn;
        if (_rows.Count > 0 && (isOwn || _rows.Count + points > ChunkFormat.MostPoints || _size < ChunkFormat.MostPoints)) await EndAsync(cancellationToken).ConfigureAwait(false);
        (_label, _size) = (label, isOwn ? RunDraft.SizeOf(points) : ChunkFormat.MostPoints);
    }

    public ValueTask AddAsync(PointRows rows, int at, CancellationToken cancellationToken)
    {
        if (_segments.Count > 0 && _segments[^1].Label == _label) _segments[^1] = _segments[^1] with { Count = _segments[^1].Count + 1 };
        else _segments.Add(new Segment(_label, _rows.Count, 1));
        _rows.Add(rows, at);
        return _rows.Count >= _size ? EndAsync(cancellationToken) : ValueTask.CompletedTask;
    }

    /// <summary>Stores what is left.</summary>
    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        if (_rows.Count == 0) return;
        var (rows, segments) = InOrderOfLabels();
        foreach (var chunk in _encoding.Encode(rows, segments, _names.Names)) await _writer.AddAsync(chunk, cancellationToken).ConfigureAwait(false);
        _segments.Clear();
        _rows = NewRows();
    }

    private PointRows NewRows() => new(_schema.Axes.Count, _schema.Attributes.Count, ChunkFormat.MostPoints);

    private (PointRows Rows, Segment[] Segments) InOrderOfLabels()
    {
        if (_segments.Count == 1) return (_rows, [_segments[0]]);
        var sorted = NewRows();
        var segments = _segments.OrderBy(static segment => segment.Label).ToArray();
        for (var i = 0; i < segments.Length; i++)
        {
            var start = sorted.Count;
            sorted.Gather(_rows, Enumerable.Range(segments[i].Start, segments[i].Count).ToArray());
            segments[i] = segments[i] with { Start = start };
        }

        return (sorted, segments);
    }
}
