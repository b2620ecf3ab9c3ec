using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Basalt.Vectors.Distances;

namespace Basalt.Vectors.Hnsw;

/// <summary>The walk, compiled for one kernel.</summary>
internal sealed unsafe partial class WalkerOf<TDistance> : Walker where TDistance : struct, IDistance
{
    // Often enough to be prompt, seldom enough to cost nothing.
    private const int StepsBetweenChecks = 256;

    public override void Search(in NodeSpace space, byte* query, int effort, IOrdinalFilter? filter, bool hasRemoved, CancellationToken cancellation)
    {
        switch (filter)
        {
            case null when !hasRemoved:
                Search(space, query, effort, default(AnyNode), cancellation);
                break;
            case null:
                Search(space, query, effort, new PresentNode(space.Ordinals), cancellation);
                break;
            case OrdinalSet set:
                Search(space, query, effort, new MemberNode(space.Ordinals, set), cancellation);
                break;
            default:
                Search(space, query, effort, new AcceptedNode(space.Ordinals, filter), cancellation);
                break;
        }
    }

    public override void Measure(in RowTable rows, byte* query, ReadOnlySpan<uint> numbers, Span<float> scores)
    {
        const int ahead = 8;
        var stride = rows.Stride;
        Distances += numbers.Length;
        for (var i = 0; i < Math.Min(ahead, numbers.Length); i++) Prefetch(rows[numbers[i]], stride);
        var at = 0;
        for (; at <= numbers.Length - 4; at += 4)
        {
            for (var i = at + ahead; i < Math.Min(at + ahead + 4, numbers.Length); i++) Prefetch(rows[numbers[i]], stride);
            TDistance.ScoreFour(query, rows[numbers[at]], rows[numbers[at + 1]], rows[numbers[at + 2]], rows[numbers[at + 3]], stride).CopyTo(scores[at..]);
        }

        for (; at < numbers.Length; at++) scores[at] = TDistance.Score(query, rows[numbers[at]], stride);
    }

    private void Search<TFilter>(in NodeSpace space, byte* query, int effort, TFilter filter, CancellationToken cancellation) where TFilter : struct, INodeFilter
    {
        var nodes = space.Graph.Count;
        Pool.Begin(effort);
        if (nodes == 0) return;
        var nearest = Descend(space, query, 0);
        Seen.Begin(nodes);
        Start(space, query, nearest, 0, filter);
        // From the root all nodes can be reached, and so what is near, however the graph is cut, if only the effort is large enough.
        Start(space, query, space.Graph.Root, 0, filter);
        Walk(space, query, 0, filter, nodes, cancellation);
    }

    /// <summary>Goes from the entry to the nearest node, level by level, and stops above <paramref name="level"/>.</summary>
    private uint Descend(in NodeSpace space, byte* query, int level)
    {
        var graph = space.Graph;
        var nodes = (uint)graph.Count;
        var (at, top) = graph.Entry;
        var best = TDistance.Score(query, space.Row(at), space.Stride);
        Distances++;
        var neighbours = Numbers(graph.M);
        var scores = Scores(graph.M);
        for (var l = top; l > level; l--)
        {
            var moved = true;
            while (moved && graph.TryUpper(at, l, out var list))
            {
                moved = false;
                var count = 0;
                for (var i = 0; i < graph.M && list[i] != Links.Empty; i++)
                    if (Links.NodeOf(list[i]) is var node && node < nodes) neighbours[count++] = node;
                Measure(space.Table, query, neighbours[..count], scores);
                // A score that is no number is not less than any.
                for (var i = 0; i < count; i++)
                    if (scores[i] < best) (best, at, moved) = (scores[i], neighbours[i], true);
            }
        }

        return at;
    }

    private void Start<TFilter>(in NodeSpace space, byte* query, uint node, int level, TFilter filter) where TFilter : struct, INodeFilter
    {
        if (!Seen.Add(node)) return;
        Visits++;
        if (filter.Accepts(node))
        {
            Distances++;
            Offer(TDistance.Score(query, space.Row(node), space.Stride), node);
            return;
        }

        // What does not pass is no candidate, but leads to some.
        Expand(space, query, node, level, filter, (uint)space.Graph.Count);
    }

    private void Walk<TFilter>(in NodeSpace space, byte* query, int level, TFilter filter, int nodes, CancellationToken cancellation) where TFilter : struct, INodeFilter
    {
        var pool = Pool;
        for (var step = 1; pool.Next < pool.Count; step++)
        {
            if (step % StepsBetweenChecks == 0) cancellation.ThrowIfCancellationRequested();
            Expand(space, query, pool.Take(), level, filter, (uint)nodes);
        }
    }

    /// <summary>Measures the neighbours of a node that were not seen yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Expand<TFilter>(in NodeSpace space, byte* query, uint node, int level, TFilter filter, uint nodes) where TFilter : struct, INodeFilter
    {
        var graph = space.Graph;
        var width = graph.WidthOf(level);
        uint* list;
        if (level == 0) list = graph.ListOf(node);
        else if (!graph.TryUpper(node, level, out list)) return;
        var batch = Batch(2 * width + 4);
        var count = TFilter.TakesAll ? Gather(list, width, nodes, batch) : GatherThrough(space, list, width, level, nodes, filter, batch);
        Visits += count;
        Distances += count;
        var rows = space.Rows;
        long stride = space.Stride;
        for (var i = 0; i < count; i++) Prefetch(rows + batch[i] * stride, space.Stride);
        // The last group is filled up with the last neighbour.
        if (count > 0) batch[count] = batch[count + 1] = batch[count + 2] = batch[count - 1];
        for (var i = 0; i < count; i += 4)
        {
            var scores = TDistance.ScoreFour(query, rows + batch[i] * stride, rows + batch[i + 1] * stride, rows + batch[i + 2] * stride, rows + batch[i + 3] * stride, space.Stride);
            for (var j = 0; j < Math.Min(4, count - i); j++)
            {
                var key = CandidatePool.KeyOf(scores[j], batch[i + j]);
                // The list of what is now next will be read soon.
                if (key < Pool.Bound && Pool.Add(key) && level == 0) Prefetch((byte*)graph.ListOf(batch[i + j]), width * sizeof(uint));
            }
        }
    }

    /// <summary>The neighbours not seen yet. No branch depends on whether one was, which could not be predicted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Gather(uint* list, int width, uint nodes, uint* batch)
    {
        var marks = Seen.Marks;
        var walk = Seen.Walk;
        var count = 0;
        for (var i = 0; i < width; i++)
        {
            var link = list[i];
            if (link == Links.Empty) break;
            var node = Links.NodeOf(link);
            // A node that was added after the walk began, or that a damaged list names.
            if (node >= nodes) continue;
            batch[count] = node;
            count += marks[node] != walk ? 1 : 0;
            marks[node] = walk;
        }

        return count;
    }

    /// <summary>
    /// The neighbours that pass and were not seen yet; when fewer pass than a list usually has, also those of the neighbours that do not pass, until there are
    /// enough. No branch depends on whether one passes or was seen, which could not be predicted. So the walk goes over what passes as if the graph had been built of that alone (Patel et al., "ACORN: Performant and Predicate-Agnostic
    /// Search Over Vector Embeddings and Structured Data", 2024).
    /// </summary>
    private int GatherThrough<TFilter>(in NodeSpace space, uint* list, int width, int level, uint nodes, TFilter filter, uint* batch) where TFilter : struct, INodeFilter
    {
        var graph = space.Graph;
        var marks = Seen.Marks;
        var walk = Seen.Walk;
        var bridges = stackalloc uint[width];
        var (count, passing, bridged) = (0, 0, 0);
        for (var i = 0; i < width && list[i] != Links.Empty; i++)
        {
            var node = Links.NodeOf(list[i]);
            if (node >= nodes) continue;
            var (passes, isNew) = (filter.Accepts(node) ? 1 : 0, marks[node] != walk ? 1 : 0);
            batch[count] = node;
            bridges[bridged] = node;
            count += passes & isNew;
            passing += passes;
            bridged += (passes ^ 1) & isNew;
            if (passes != 0) marks[node] = walk;
        }

        var enough = graph.M;
        for (var i = 0; i < bridged && passing < enough; i++)
        {
            // Once all behind it was seen, there is nothing left there.
            marks[bridges[i]] = walk;
            Visits++;
            uint* further;
            if (level == 0) further = graph.ListOf(bridges[i]);
            else if (!graph.TryUpper(bridges[i], level, out further)) continue;
            for (var j = 0; j < width && further[j] != Links.Empty && count < width * 2 - 1; j++)
            {
                var node = Links.NodeOf(further[j]);
                if (node >= nodes) continue;
                var (passes, isNew) = (filter.Accepts(node) ? 1 : 0, marks[node] != walk ? 1 : 0);
                batch[count] = node;
                count += passes & isNew;
                passing += passes;
                if (passes != 0) marks[node] = walk;
            }
        }

        return count;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Offer(float score, uint node)
    {
        var key = CandidatePool.KeyOf(score, node);
        if (key < Pool.Bound) Pool.Add(key);
    }
}
