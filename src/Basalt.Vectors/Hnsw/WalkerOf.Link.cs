using System.Numerics;
using System.Runtime.Intrinsics;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Hnsw;

// Choosing neighbours. All of it depends only on the graph as it was when the batch began, so threads may share the work in any order.
internal sealed unsafe partial class WalkerOf<TDistance>
{
    private ulong[] _keys = [];
    private uint[] _nodes = [];
    private uint[] _chosen = [];
    private readonly AlignedBytes _candidate = new();

    public override void Link(in NodeSpace space, uint node, uint firstCompanion, int companions, int effort, bool hasRemoved, Walker? chooser, in NodeSpace choice)
    {
        if (hasRemoved) Link(space, node, firstCompanion, companions, effort, new PresentNode(space.Ordinals), chooser, choice);
        else Link(space, node, firstCompanion, companions, effort, default(AnyNode), chooser, choice);
    }

    public override ReadOnlySpan<uint> Choose(in NodeSpace space, uint node, ReadOnlySpan<ulong> candidates, int most)
    {
        Reserve(candidates.Length);
        for (var i = 0; i < candidates.Length; i++) _nodes[i] = CandidatePool.NodeOf(candidates[i]);
        return Choose(space, KeysOf(space, node, _nodes.AsSpan(0, candidates.Length)), most, 0);
    }

    public override void Attach(in NodeSpace space, uint node, int level, ReadOnlySpan<ulong> sources)
    {
        var graph = space.Graph;
        var list = graph.ListOf(node, level);
        var width = graph.WidthOf(level);
        var count = Links.Count(list, width);
        Reserve(width + sources.Length);
        for (var i = 0; i < count; i++) _nodes[i] = Links.NodeOf(list[i]);
        var all = count;
        var kept = 0;
        foreach (var source in sources)
        {
            var link = (uint)source;
            var known = Links.IndexOf(list, width, Links.NodeOf(link));
            if (known >= 0)
            {
                list[known] |= link & Links.Kept;
                continue;
            }

            // What must be kept comes first in what is left of the list, so that there is no need to remember which it is.
            if (Links.IsKept(link)) _chosen[kept++] = link;
            _nodes[all++] = Links.NodeOf(link);
        }

        for (var i = 0; i < count; i++)
            if (Links.IsKept(list[i])) _chosen[kept++] = list[i];
        if (all > width)
        {
            var chosen = Choose(space, KeysOf(space, node, _nodes.AsSpan(0, all)), width, kept);
            Links.Write(list, width, chosen);
            return;
        }

        for (var i = count; i < all; i++) list[i] = _nodes[i];
        for (var i = 0; i < kept; i++) list[Links.IndexOf(list, width, Links.NodeOf(_chosen[i]))] = _chosen[i];
    }

    public override void Reconnect(in NodeSpace space, uint node, int level)
    {
        var graph = space.Graph;
        var list = graph.ListOf(node, level);
        var width = graph.WidthOf(level);
        var count = Links.Count(list, width);
        var isHurt = false;
        for (var i = 0; i < count; i++) isHurt |= space.Ordinals[Links.NodeOf(list[i])] < 0;
        if (!isHurt) return;
        Seen.Begin(graph.Count);
        Seen.Add(node);
        Reserve(width * (width + 1));
        var near = 0;
        for (var i = 0; i < count; i++)
        {
            var neighbour = Links.NodeOf(list[i]);
            if (space.Ordinals[neighbour] >= 0)
            {
                if (Seen.Add(neighbour)) _nodes[near++] = neighbour;
                continue;
            }

            var behind = graph.ListOf(neighbour, level);
            for (var j = 0; j < width && behind[j] != Links.Empty; j++)
            {
                var further = Links.NodeOf(behind[j]);
                if (space.Ordinals[further] >= 0 && Seen.Add(further)) _nodes[near++] = further;
            }
        }

        Links.Write(list, width, Choose(space, KeysOf(space, node, _nodes.AsSpan(0, near)), width, 0));
    }

    private void Link<TFilter>(in NodeSpace space, uint node, uint firstCompanion, int companions, int effort, TFilter filter, Walker? chooser, in NodeSpace choice) where TFilter : struct, INodeFilter
    {
        var graph = space.Graph;
        var query = QueryOf(space, node);
        var level = graph.LevelOf(node);
        var nodes = graph.Count;
        var top = graph.Entry.Level;
        Reserve(Math.Max(companions, effort));
        var nearest = nodes > 0 ? Descend(space, query, level) : 0;
        for (var l = level; l >= 0; l--)
        {
            Pool.Begin(effort);
            if (nodes > 0 && l <= top)
            {
                Seen.Begin(nodes);
                Start(space, query, nearest, l, filter);
                Walk(space, query, l, filter, nodes, CancellationToken.None);
                if (Pool.Count > 0) nearest = CandidatePool.NodeOf(Pool.Keys[0]);
            }

            var near = 0;
            for (var i = 0; i < companions; i++)
                if (firstCompanion + (uint)i is var companion && companion != node && graph.LevelOf(companion) >= l) _nodes[near++] = companion;
            var scores = Scores(near);
            Measure(space.Table, query, _nodes.AsSpan(0, near), scores);
            for (var i = 0; i < near; i++) Offer(scores[i], _nodes[i]);
            var chosen = chooser is null ? Choose(space, Pool.Keys, graph.M, 0) : chooser.Choose(choice, node, Pool.Keys, graph.M);
            Links.Write(graph.ListOf(node, l), graph.WidthOf(l), chosen);
        }
    }

    /// <summary>
    /// Takes candidates in the order of their distance, but none that is nearer to one taken before than to the node itself: so links go in all directions,
    /// and between clusters. Candidates with too few to choose from are all taken.
    /// </summary>
    /// <param name="space">The graph.</param>
    /// <param name="keys">The candidates, the nearest first.</param>
    /// <param name="most">How many to take.</param>
    /// <param name="kept">How many must be taken in any case, which lie at the beginning of <see cref="_chosen"/>.</param>
    private ReadOnlySpan<uint> Choose(in NodeSpace space, ReadOnlySpan<ulong> keys, int most, int kept)
    {
        var count = kept;
        foreach (var key in keys)
        {
            if (count == most) break;
            var node = CandidatePool.NodeOf(key);
            if (IsAmong(_chosen.AsSpan(0, kept), node)) continue;
            if (keys.Length < most || !IsInTheWay(space, node, CandidatePool.ScoreOf(key), _chosen.AsSpan(0, count))) _chosen[count++] = node;
        }

        return _chosen.AsSpan(0, count);
    }

    private static bool IsAmong(ReadOnlySpan<uint> links, uint node)
    {
        foreach (var link in links)
            if (Links.NodeOf(link) == node) return true;
        return false;
    }

    /// <summary>Whether one of the others is nearer to the node than the score says.</summary>
    private bool IsInTheWay(in NodeSpace space, uint node, float score, ReadOnlySpan<uint> others)
    {
        var rows = space.Rows;
        long stride = space.Stride;
        var last = others.Length - 1;
        var query = rows + node * stride;
        if (!TDistance.RowIsQuery)
        {
            var row = query;
            query = _candidate.Take(TDistance.QueryStride(space.Stride));
            TDistance.QueryOfRow(row, query, space.Stride);
        }

        var limit = Vector128.Create(score);
        for (var i = 0; i <= last; i += 4)
        {
            Distances += 4;
            var scores = TDistance.ScoreFour(query, rows + Links.NodeOf(others[i]) * stride, rows + Links.NodeOf(others[Math.Min(i + 1, last)]) * stride,
                rows + Links.NodeOf(others[Math.Min(i + 2, last)]) * stride, rows + Links.NodeOf(others[Math.Min(i + 3, last)]) * stride, space.Stride);
            if (Vector128.LessThanAny(scores, limit)) return true;
        }

        return false;
    }

    /// <summary>The nodes in the order of their distance from a node.</summary>
    private ReadOnlySpan<ulong> KeysOf(in NodeSpace space, uint node, ReadOnlySpan<uint> nodes)
    {
        var scores = Scores(nodes.Length);
        Measure(space.Table, QueryOf(space, node), nodes, scores);
        for (var i = 0; i < nodes.Length; i++) _keys[i] = CandidatePool.KeyOf(scores[i], nodes[i]);
        _keys.AsSpan(0, nodes.Length).Sort();
        return _keys.AsSpan(0, nodes.Length);
    }

    private byte* QueryOf(in NodeSpace space, uint node)
    {
        if (TDistance.RowIsQuery) return space.Row(node);
        var query = Query(TDistance.QueryStride(space.Stride));
        TDistance.QueryOfRow(space.Row(node), query, space.Stride);
        return query;
    }

    private void Reserve(int nodes)
    {
        if (_nodes.Length >= nodes) return;
        var length = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(512, nodes));
        (_keys, _nodes, _chosen) = (new ulong[length], new uint[length], new uint[length]);
    }
}
