using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Search;

namespace Basalt.Vectors.Hnsw;

/// <summary>One search: the query as the kernels take it, and the walkers that it rents.</summary>
internal readonly unsafe ref struct HnswSearch
{
    private const int BlockSize = 256;
    private readonly NodeSet _nodes;
    private readonly NodeCodec _codec;
    private readonly SketchRows? _sketches;
    private readonly RowTable _vectors;
    private readonly WalkerPool _walkers;
    private readonly WalkerPool _measurers;
    private readonly int _effort;
    private readonly SearchOptions _options;
    private readonly Walker _walker;
    private readonly Walker _measurer;
    private readonly byte* _code;
    private readonly byte* _query;

    public HnswSearch(NodeSet nodes, NodeCodec codec, SketchRows? sketches, RowTable vectors, WalkerPool walkers, WalkerPool measurers, int effort, ReadOnlySpan<float> query, in SearchOptions options)
    {
        (_nodes, _codec, _sketches, _vectors, _walkers, _measurers, _options) = (nodes, codec, sketches, vectors, walkers, measurers, options);
        _effort = options.Effort > 0 ? options.Effort : effort;
        _walker = walkers.Rent();
        _measurer = codec.HasCodes ? measurers.Rent() : _walker;
        _walker.ResetCounts();
        _measurer.ResetCounts();
        _query = _measurer.Query(RowCodec.QueryStrideOf(codec.VectorType, query.Length));
        RowCodec.EncodeQuery(query, codec.Metric, codec.VectorType, _query);
        _code = _query;
        if (!codec.HasCodes) return;
        _code = _walker.Query(codec.QueryStride);
        codec.EncodeQuery(_query, _code);
    }

    public SearchStatistics Statistics => _codec.HasCodes
        ? new SearchStatistics(_walker.Visits, _walker.Distances + _measurer.Distances, _measurer.Distances) { Steps = _walker.Steps }
        : new SearchStatistics(_walker.Visits, _walker.Distances, 0) { Steps = _walker.Steps };

    public void Dispose()
    {
        _walkers.Return(_walker);
        if (_codec.HasCodes) _measurers.Return(_measurer);
    }

    /// <summary>Finds the nearest, as many as there is room for.</summary>
    public int Nearest(Span<Neighbour> results)
    {
        var wanted = Math.Min(results.Length, _nodes.Present);
        if (wanted == 0) return 0;
        if (_options.Exact) return Exact(results);
        var effort = Math.Max(_effort, wanted);
        var plan = FilterPlan.For(_nodes, _sketches?.Model, _codec.HasCodes ? _vectors.Stride : _nodes.Rows.Stride, _options.Filter, effort);
        if (plan.Way == FilterWay.Sketch) return BySketch(_sketches!, results, plan.Effort);
        if (plan.Way == FilterWay.Walk)
        {
            var enough = Math.Min(wanted, plan.MostMatches);
            if (plan.Effort > 0)
            {
                Walk(plan.Effort, null);
                if (Rank(results) is var met && met >= enough) return met;
            }

            if (_options.Filter is not null)
            {
                Walk(effort, _options.Filter);
                if (Rank(results) is var reached && reached >= enough) return reached;
            }
        }

        // The walk ended before it had enough: what passes lies scattered. Measuring all of it is sure.
        return _codec.HasCodes && plan.Way == FilterWay.Scan ? ByCode(results, effort) : Exact(results);
    }

    /// <summary>Finds all within a distance.</summary>
    public void Within(float distance, ICollection<Neighbour> results)
    {
        var limit = Scores.FromDistance(_codec.Metric, distance);
        var present = _nodes.Present;
        // With more than a part of all as candidates, measuring all costs no more.
        for (var effort = _effort; !_options.Exact && effort <= present / 4; effort *= 2)
        {
            Walk(effort, _options.Filter);
            var room = _walker.Neighbours(effort);
            var found = Rank(room);
            var within = 0;
            while (within < found && room[within].Distance <= distance) within++;
            // Half of the candidates lie outside: whatever is inside was met on the way there.
            if (within > effort / 2) continue;
            foreach (var neighbour in room[..within]) results.Add(neighbour);
            return;
        }

        var all = new List<Neighbour>();
        NoteScan();
        foreach (var block in new Blocks(_nodes, _options.Filter, _walker.Numbers(BlockSize), _codec.HasCodes ? BlockKind.Ordinals : BlockKind.Nodes))
        {
            var scores = MeasureFully(block);
            for (var i = 0; i < block.Length; i++)
                if (scores[i] <= limit && OrdinalIn(block[i]) is >= 0 and var ordinal) all.Add(new Neighbour(ordinal, Scores.ToDistance(_codec.Metric, scores[i])));
        }

        all.Sort();
        foreach (var neighbour in all) results.Add(neighbour);
    }

    private void Walk(int effort, IOrdinalFilter? filter)
    {
        _walker.Steps |= filter is null ? SearchSteps.Walk : SearchSteps.FilteredWalk;
        _walker.Search(_nodes.Space, _code, effort, filter, _nodes.Removed > 0, _options.CancellationToken);
    }

    private void NoteScan() => _walker.Steps |= _options.Filter is null ? SearchSteps.Scan : SearchSteps.FilteredScan;

    /// <summary>Turns what the walk left into neighbours; by the full vectors, where it went by codes.</summary>
    private int Rank(Span<Neighbour> results)
    {
        var keys = _walker.Pool.Keys;
        var count = 0;
        if (!_codec.HasCodes)
        {
            foreach (var key in keys)
            {
                if (count == results.Length) break;
                if (PassingOf(CandidatePool.NodeOf(key)) is >= 0 and var ordinal) results[count++] = new Neighbour(ordinal, Scores.ToDistance(_codec.Metric, CandidatePool.ScoreOf(key)));
            }

            return Sorted(results[..count]);
        }

        if (_options.Rescore > 0 && _options.Rescore < keys.Length) keys = keys[..Math.Max(_options.Rescore, results.Length)];
        var ordinals = _measurer.Numbers(keys.Length);
        foreach (var key in keys)
            if (PassingOf(CandidatePool.NodeOf(key)) is >= 0 and var ordinal) ordinals[count++] = (uint)ordinal;
        return Measured(ordinals[..count], ordinals[..count], results);
    }

    /// <summary>The nearest of the ordinals by their full vectors, whose rows are ordinals where nodes have codes, else nodes.</summary>
    private int Measured(ReadOnlySpan<uint> ordinals, ReadOnlySpan<uint> rows, Span<Neighbour> results)
    {
        var scores = _measurer.Scores(ordinals.Length);
        _measurer.Measure(_codec.HasCodes ? _vectors : _nodes.Space.Table, _query, rows, scores);
        var nearest = new NearestHeap(results);
        for (var i = 0; i < ordinals.Length; i++) nearest.Offer((int)ordinals[i], scores[i]);
        return Finish(nearest, results);
    }

    /// <summary>Measures all that passes, by the full vectors.</summary>
    private int Exact(Span<Neighbour> results)
    {
        NoteScan();
        var nearest = new NearestHeap(results);
        foreach (var block in new Blocks(_nodes, _options.Filter, _walker.Numbers(BlockSize), _codec.HasCodes ? BlockKind.Ordinals : BlockKind.Nodes))
        {
            var scores = MeasureFully(block);
            for (var i = 0; i < block.Length; i++)
                if (scores[i] <= nearest.Worst && OrdinalIn(block[i]) is >= 0 and var ordinal) nearest.Offer(ordinal, scores[i]);
        }

        return Finish(nearest, results);
    }

    /// <summary>Measures all that passes by code, and the best again.</summary>
    private int ByCode(Span<Neighbour> results, int effort)
    {
        NoteScan();
        _walker.Pool.Begin(effort);
        foreach (var block in new Blocks(_nodes, _options.Filter, _walker.Numbers(BlockSize), BlockKind.Nodes))
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            var scores = _walker.Scores(block.Length);
            _walker.Measure(_nodes.Space.Table, _code, block, scores);
            for (var i = 0; i < block.Length; i++)
            {
                var key = CandidatePool.KeyOf(scores[i], block[i]);
                if (key < _walker.Pool.Bound) _walker.Pool.Add(key);
            }
        }

        return Rank(results);
    }

    /// <summary>Compares all that passes by its sketches, and measures the best.</summary>
    private int BySketch(SketchRows sketches, Span<Neighbour> results, int kept)
    {
        _walker.Steps |= SearchSteps.FilteredSketch;
        var (model, best) = (sketches.Model, _walker.Reservoir);
        var query = _walker.Sketch(model.QueryStride + model.ScratchFloats * sizeof(float));
        model.EncodeQuery((float*)_query, query, (float*)(query + model.QueryStride));
        // Only of a set is it known how many pass, and so how many of the first ones are among the best.
        if (!Compare(sketches, query, kept, guesses: _options.Filter is OrdinalSet)) Compare(sketches, query, kept, guesses: false);
        var keys = best.Cut();
        var numbers = _measurer.Numbers(2 * keys.Length);
        var ordinals = numbers[..keys.Length];
        var rows = numbers[keys.Length..];
        var count = 0;
        foreach (var key in keys)
        {
            var ordinal = CandidateReservoir.NumberOf(key);
            if (!_nodes.TryNode(ordinal, out var node)) continue;
            ordinals[count] = (uint)ordinal;
            rows[count++] = _codec.HasCodes ? (uint)ordinal : node;
        }

        return Measured(ordinals[..count], rows[..count], results);
    }

    /// <summary>Leaves the best of all that passes in the reservoir; false when a guess of the limit was too low to find enough.</summary>
    private bool Compare(SketchRows sketches, byte* query, int kept, bool guesses)
    {
        var best = _walker.Reservoir;
        var matches = Math.Min((_options.Filter as OrdinalSet)?.Count ?? int.MaxValue, _nodes.OrdinalCount);
        best.Reset(kept, matches);
        var (made, guessed) = (0, false);
        foreach (var block in new Blocks(_nodes, _options.Filter, _walker.Numbers(BlockSize), _nodes.Present < _nodes.OrdinalCount ? BlockKind.Ordinals : BlockKind.Matches))
        {
            _options.CancellationToken.ThrowIfCancellationRequested();
            var scores = _walker.Scores(block.Length);
            sketches.Model.Score(query, sketches.Start, block, scores);
            best.Offer(block, scores);
            made += block.Length;
            if (!guesses || guessed || made < BlockSize) continue;
            best.Guess(made, matches);
            guessed = true;
        }

        _walker.Visits += made;
        return !guessed || best.Count >= Math.Min(kept, made);
    }

    private int Finish(NearestHeap nearest, Span<Neighbour> results)
    {
        var count = nearest.Sort();
        for (var i = 0; i < count; i++) results[i] = results[i] with { Distance = Scores.ToDistance(_codec.Metric, results[i].Distance) };
        return Sorted(results[..count]);
    }

    // Different scores can become equal distances.
    private static int Sorted(Span<Neighbour> results)
    {
        foreach (var neighbour in results)
            if (float.IsNaN(neighbour.Distance)) throw new InvalidDataException($"The vector {neighbour.Ordinal} has elements that are no numbers.");
        results.Sort();
        return results.Length;
    }

    /// <summary>The scores of a block of what can be measured fully: ordinals where nodes have codes, else nodes.</summary>
    private Span<float> MeasureFully(ReadOnlySpan<uint> block)
    {
        _options.CancellationToken.ThrowIfCancellationRequested();
        var scores = _measurer.Scores(block.Length);
        _measurer.Measure(_codec.HasCodes ? _vectors : _nodes.Space.Table, _query, block, scores);
        return scores;
    }

    private int OrdinalIn(uint number) => _codec.HasCodes ? (int)number : OrdinalOf(number);

    /// <summary>The node's ordinal; -1 when it does not pass, or is gone.</summary>
    private int PassingOf(uint node) => OrdinalOf(node) is >= 0 and var ordinal && _options.Filter?.Accepts(ordinal) != false ? ordinal : -1;

    /// <summary>The node's ordinal; -1 when it was removed while the search ran.</summary>
    private int OrdinalOf(uint node)
    {
        var ordinal = _nodes.Ordinals[node];
        if (ordinal >= _nodes.OrdinalCount) throw new InvalidDataException($"Node {node} says that it has ordinal {ordinal} of {_nodes.OrdinalCount}.");
        return ordinal;
    }

    private enum BlockKind
    {
        Nodes,
        Ordinals,

        /// <summary>Ordinals, of which nobody asked whether they are still there.</summary>
        Matches,
    }

    /// <summary>What passes, in blocks of nodes or of ordinals.</summary>
    private ref struct Blocks(NodeSet nodes, IOrdinalFilter? filter, Span<uint> room, BlockKind kind)
    {
        private readonly Span<uint> _room = room;
        private readonly int _end = nodes.OrdinalCount;
        private int _next;

        public ReadOnlySpan<uint> Current { get; private set; }

        public readonly Blocks GetEnumerator() => this;

        public bool MoveNext()
        {
            // A block of what passes may have nothing that is still there.
            while (Fill() is > 0 and var passing)
            {
                var count = kind == BlockKind.Matches ? passing : Present(passing);
                Current = _room[..count];
                if (count > 0) return true;
            }

            return false;
        }

        private int Fill()
        {
            if (filter is OrdinalSet set) return set.CopyTo(ref _next, _end, _room);
            var count = 0;
            for (; _next < _end && count < _room.Length; _next++)
                if (filter?.Accepts(_next) != false) _room[count++] = (uint)_next;
            return count;
        }

        private readonly int Present(int passing)
        {
            var count = 0;
            for (var i = 0; i < passing; i++)
                if (nodes.TryNode((int)_room[i], out var node)) _room[count++] = kind == BlockKind.Ordinals ? _room[i] : node;
            return count;
        }
    }
}
