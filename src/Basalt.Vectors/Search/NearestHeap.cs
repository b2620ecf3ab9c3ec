namespace Basalt.Vectors.Search;

/// <summary>
/// The nearest of what was offered, in memory of the caller: a heap with the worst on top. Ties go to the lower ordinal, so the answer does not depend on
/// the order of offers. <see cref="Neighbour.Distance"/> holds scores.
/// Given the same memory and how many it holds, it goes on where another left off.
/// </summary>
internal ref struct NearestHeap(Span<Neighbour> room, int held = 0)
{
    private readonly Span<Neighbour> _room = room;

    public int Count { get; private set; } = held;

    public readonly bool IsFull => Count == _room.Length;

    /// <summary>What a score must be below, or tie with, to get in. Infinity until full.</summary>
    public readonly float Worst => Count < _room.Length ? float.PositiveInfinity : _room.Length == 0 ? float.NegativeInfinity : _room[0].Distance;

    public readonly ReadOnlySpan<Neighbour> Items => _room[..Count];

    public void Offer(int ordinal, float score)
    {
        var offered = new Neighbour(ordinal, score);
        if (Count < _room.Length)
        {
            _room[Count] = offered;
            Rise(Count++);
        }
        else if (_room.Length > 0 && offered < _room[0])
        {
            _room[0] = offered;
            Sink(0, Count);
        }
    }

    /// <summary>Puts the nearest first. Nothing can be offered any more.</summary>
    /// <returns>How many there are.</returns>
    public readonly int Sort()
    {
        for (var last = Count - 1; last > 0; last--)
        {
            (_room[0], _room[last]) = (_room[last], _room[0]);
            Sink(0, last);
        }

        return Count;
    }

    private readonly void Rise(int at)
    {
        var item = _room[at];
        while (at > 0)
        {
            var parent = (at - 1) / 2;
            if (!(item > _room[parent])) break;
            _room[at] = _room[parent];
            at = parent;
        }

        _room[at] = item;
    }

    private readonly void Sink(int at, int count)
    {
        var item = _room[at];
        while (true)
        {
            var child = 2 * at + 1;
            if (child >= count) break;
            if (child + 1 < count && _room[child + 1] > _room[child]) child++;
            if (!(_room[child] > item)) break;
            _room[at] = _room[child];
            at = child;
        }

        _room[at] = item;
    }
}
