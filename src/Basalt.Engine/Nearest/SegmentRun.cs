using Basalt.Vectors;
using Basalt.Vectors.Hnsw;

namespace Basalt.Engine.Nearest;

/// <summary>
/// The candidates of one segment for one query, the nearest first, as many as are asked for: at first as many as a search usually needs, then, when those are used up, more by
/// walking the graph again without them, and in the end by measuring all that is left. Nothing is given twice.
/// </summary>
internal sealed class SegmentRun
{
    private readonly int _part;
    private readonly VectorSegment _segment;
    private readonly NearestOptions _options;
    private readonly int _matching;
    private OrdinalSet? _rows;
    private Neighbour[] _found = [];
    private int _count;
    private int _next;
    private int _rounds;
    private int _verified;
    private int _dropped;
    private bool _isExact = true;
    private bool _areAlive;
    private bool _isLast;
    private SearchStatistics _statistics;

    public SegmentRun(int part, SegmentPart source, NearestOptions options)
    {
        (_part, _segment, _options) = (part, source.Segment, options);
        _rows = _segment.Restrict(source.Allowed, source.Dead);
        _matching = _rows?.Count ?? _segment.Count;
        _isLast = _matching == 0;
    }

    /// <summary>Whether a candidate is at hand.</summary>
    public bool HasNext => _next < _count;

    /// <summary>Whether there are none but those at hand.</summary>
    public bool IsComplete => _isLast;

    /// <summary>How far the next one is.</summary>
    public float NextDistance => _found[_next].Distance;

    /// <summary>The next one.</summary>
    public Hit Next => new(_part, _segment.ToOrdinal(_found[_next].Ordinal), NextDistance);

    public SegmentReport Report => new(_segment.Count, _matching, _statistics, _rounds, _verified, _dropped, _isExact);

    private bool IsWalked => _segment.Graph is not null && !_options.Exact;

    /// <summary>Finds the first candidates.</summary>
    public void Begin(ReadOnlySpan<float> query, int wanted)
    {
        if (_isLast) return;
        // A few dead ones among them should not cost another search.
        const int mostSpare = 32;
        var spare = _options.Verify is null ? 0 : Math.Min(wanted, mostSpare);
        Search(query, (int)Math.Min(_matching, (long)wanted + spare), _options.Effort);
        _isLast = _count == _matching;
    }

    /// <summary>Finds more candidates, when those at hand are used up. When even the last search has none, the segment is complete.</summary>
    public void Widen(ReadOnlySpan<float> query, int wanted, ExactScan scan)
    {
        _rows ??= All(_segment.Count);
        for (var i = 0; i < _count; i++) _rows.Remove(_found[i].Ordinal);
        (_next, var before) = (0, _count);
        _count = 0;
        if (_rows.Count == 0) _isLast = true;
        else if (IsWalked && _rounds <= _options.Rounds)
        {
            var effort = (_options.Effort > 0 ? _options.Effort : _segment.Graph!.Options.Ef) * (1L << _rounds);
            Search(query, (int)Math.Min(_rows.Count, 2L * Math.Max(before, wanted)), (int)Math.Min(HnswOptions.MostEf, effort));
        }
        else Measure(query, wanted, scan);
    }

    /// <summary>Finds all candidates within a distance.</summary>
    public void Within(ReadOnlySpan<float> query, float distance)
    {
        if (_isLast) return;
        var found = new List<Neighbour>();
        SearchStatistics statistics;
        if (IsWalked) _segment.Graph!.SearchWithin(query, distance, found, Options(_options.Effort), _rows, out statistics);
        else _segment.Flat.SearchWithin(query, distance, found, Options(_options.Effort), out statistics);
        Take(statistics);
        found.Sort();
        (_found, _count, _isLast) = ([.. found], found.Count, true);
    }

    /// <summary>Takes the next candidate away.</summary>
    /// <returns>Whether it is alive.</returns>
    public bool Take(out Hit hit)
    {
        hit = Next;
        _next++;
        return _areAlive || IsAlive(hit.Ordinal);
    }

    private void Search(ReadOnlySpan<float> query, int room, int effort)
    {
        if (_found.Length < room) _found = new Neighbour[room];
        SearchStatistics statistics;
        if (IsWalked) _count = _segment.Graph!.Search(query, _found.AsSpan(0, room), Options(effort), _rows, out statistics);
        else _count = _segment.Flat.Search(query, _found.AsSpan(0, room), Options(effort), out statistics);
        Take(statistics);
        _found.AsSpan(0, _count).Sort();
    }

    private void Measure(ReadOnlySpan<float> query, int wanted, ExactScan scan)
    {
        var room = Math.Min(wanted, _rows!.Count);
        if (_found.Length < room) _found = new Neighbour[room];
        _count = scan.NearestAlive(query, _segment.Rows, _rows, _options.Verify is null ? null : row => IsAlive(_segment.ToOrdinal(row)), _found.AsSpan(0, room), _options.CancellationToken);
        _statistics += new SearchStatistics(_rows.Count, _rows.Count, 0) { Steps = SearchSteps.FilteredScan };
        (_areAlive, _isLast) = (true, true);
        _rounds++;
    }

    private SearchOptions Options(int effort) => new() { Effort = effort, Rescore = _options.Rescore, Filter = _rows, Exact = !IsWalked, CancellationToken = _options.CancellationToken };

    private void Take(SearchStatistics statistics)
    {
        _statistics += statistics;
        _isExact &= !IsWalked;
        _rounds++;
    }

    private bool IsAlive(int ordinal)
    {
        if (_options.Verify is null) return true;
        _verified++;
        if (_options.Verify(_part, ordinal)) return true;
        _dropped++;
        return false;
    }

    private static OrdinalSet All(int count)
    {
        var words = new ulong[(count + 63L) / 64];
        Array.Fill(words, ulong.MaxValue);
        if ((count & 63) != 0) words[^1] = (1UL << count) - 1;
        return new OrdinalSet(count, words);
    }
}
