using Basalt.Lsm.Tables;

namespace Basalt.Lsm.Compaction;

/// <summary>
/// Many sources as one, each key once: where several have it, the first of them, which is the newest, wins. Tombstones come through; who
/// reads drops them. A binary heap over the sources, so that a step costs few comparisons.
/// </summary>
internal sealed class MergeCursor : EntryCursor
{
    private readonly EntryCursor[] _sources;
    private readonly int[] _heap;
    private readonly int _direction;
    private int _count;

    /// <summary>The sources newest first, all in the given direction.</summary>
    public MergeCursor(EntryCursor[] sources, bool isDescending)
    {
        (_sources, _direction) = (sources, isDescending ? -1 : 1);
        _heap = new int[sources.Length];
    }

    public override ReadOnlySpan<byte> Key => Top.Key;

    public override ReadOnlySpan<byte> Value => Top.Value;

    public override EntryKind Kind => Top.Kind;

    public override Table? Table => Top.Table;

    public override long Ordinal => Top.Ordinal;

    private EntryCursor Top => _sources[_heap[0]];

    public override bool Start(KeyRange range)
    {
        _count = 0;
        for (var i = 0; i < _sources.Length; i++)
            if (_sources[i].Start(range)) _heap[_count++] = i;
        for (var i = _count / 2 - 1; i >= 0; i--) Sink(i);
        return _count > 0;
    }

    public override bool Move()
    {
        // Older versions of the key are below the top; the top moves last, because its key is compared with.
        while (_count > 1 && Second() is var second && _sources[_heap[second]].Key.SequenceEqual(Key)) Step(second);
        Step(0);
        return _count > 0;
    }

    private int Second() => _count > 2 && Compare(_heap[2], _heap[1]) < 0 ? 2 : 1;

    private void Step(int place)
    {
        if (!_sources[_heap[place]].Move()) _heap[place] = _heap[--_count];
        Sink(place);
    }

    private void Sink(int place)
    {
        while (true)
        {
            var child = place * 2 + 1;
            if (child >= _count) return;
            if (child + 1 < _count && Compare(_heap[child + 1], _heap[child]) < 0) child++;
            if (Compare(_heap[place], _heap[child]) <= 0) return;
            (_heap[place], _heap[child]) = (_heap[child], _heap[place]);
            place = child;
        }
    }

    private int Compare(int left, int right)
    {
        var order = _sources[left].Key.SequenceCompareTo(_sources[right].Key) * _direction;
        return order != 0 ? order : left - right;
    }
}
