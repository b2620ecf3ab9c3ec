namespace Basalt.Vectors.Hnsw;

/// <summary>
/// Adds nodes to a graph in batches. Every node of a batch chooses its neighbours in the graph as it was before the batch, and among the whole batch by
/// measuring all of it; then the links back are added, list by list. Each of the two steps can be shared by threads in any way, and its result is the same.
/// </summary>
internal sealed unsafe class GraphGrowth
{
    /// <summary>Nodes of a batch: measuring them all costs each node a few percent of its walk.</summary>
    public const int BatchSize = 512;

    private const int LeastShared = 16;
    private const int Grain = 4;
    private readonly int _effort;
    private readonly int _threads;
    private readonly WalkerPool _walkers;
    private readonly WalkerPool? _choosers;
    private readonly CancellationToken _cancellation;
    private readonly List<ulong> _back = [];
    private readonly List<int> _groups = [];
    private readonly Dictionary<uint, int> _newChildren = [];

    /// <param name="walkers">Who looks for candidates.</param>
    /// <param name="effort">How many of them.</param>
    /// <param name="threads">Threads that share the work.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="choosers">Who chooses neighbours among them, by other rows than they were found by; null when the rows are the same.</param>
    public GraphGrowth(WalkerPool walkers, int effort, int threads, CancellationToken cancellation, WalkerPool? choosers = null) =>
        (_walkers, _effort, _threads, _cancellation, _choosers) = (walkers, effort, threads, cancellation, choosers);

    /// <summary>Level of the node with this number: one in M reaches each further level.</summary>
    public static int LevelOf(ulong seed, ulong number, int m)
    {
        // The finalizer of splitmix64.
        var z = seed + (number + 1) * 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        var unit = ((z >> 11) + 1) * (1.0 / (1UL << 53));
        return (int)Math.Min(HnswGraph.MaxLevel, -Math.Log(unit) / Math.Log(m));
    }

    /// <summary>Links the nodes that the graph has pending, at most <see cref="BatchSize"/>, and publishes them. Their rows are written.</summary>
    public void Link(NodeSpace space, bool hasRemoved) => Link(space, space, hasRemoved);

    /// <summary>The same, with candidates found in one space and chosen from in another of the same graph.</summary>
    public void Link(NodeSpace space, NodeSpace choice, bool hasRemoved)
    {
        var graph = space.Graph;
        var (first, count) = ((uint)graph.Count, graph.Pending);
        if (count == 0) return;
        Share(_walkers, count, (walker, i) =>
        {
            var chooser = _choosers?.Rent();
            walker.Link(space, first + (uint)i, first, count, _effort, hasRemoved, chooser, choice);
            if (chooser is not null) _choosers!.Return(chooser);
        });
        var top = first;
        for (var i = 1U; i < count; i++)
            if (graph.LevelOf(first + i) > graph.LevelOf(top)) top = first + i;
        if (first == 0) graph.Root = 0;
        var parents = Parents(graph, first, count);
        if (first == 0) graph.Entry = (top, graph.LevelOf(top));
        graph.Publish();
        for (var level = 0; level <= graph.LevelOf(top); level++) LinkBack(space, first, count, level, parents);
        if (graph.LevelOf(top) > graph.Entry.Level) graph.Entry = (top, graph.LevelOf(top));
    }

    /// <summary>Calls the action for 0 to count - 1, with one walker a thread.</summary>
    public void Share(int count, Action<Walker, int> action) => Share(_walkers, count, action);

    private void Share(WalkerPool walkers, int count, Action<Walker, int> action)
    {
        var next = 0;
        var workers = count < LeastShared ? 1 : Math.Min(_threads, (count + Grain - 1) / Grain);
        if (workers == 1) Work(0);
        else Parallel.For(0, workers, new ParallelOptions { MaxDegreeOfParallelism = workers, CancellationToken = _cancellation }, Work);

        void Work(int worker)
        {
            var walker = walkers.Rent();
            for (int from; (from = Interlocked.Add(ref next, Grain) - Grain) < count;)
            {
                _cancellation.ThrowIfCancellationRequested();
                for (var i = from; i < Math.Min(from + Grain, count); i++) action(walker, i);
            }

            walkers.Return(walker);
        }
    }

    /// <summary>
    /// For every new node one that must keep a link to it: the nearest of its neighbours that was there before it and has room. Half of a list at most is
    /// kept so; where all neighbours have that much, one of those below them takes it.
    /// </summary>
    private uint[] Parents(HnswGraph graph, uint first, int count)
    {
        var parents = new uint[count];
        _newChildren.Clear();
        for (var i = 0; i < count; i++)
        {
            var node = first + (uint)i;
            parents[i] = Links.Empty;
            if (node == graph.Root) continue;
            var list = graph.ListOf(node);
            for (var j = 0; j < graph.Width && list[j] != Links.Empty && parents[i] == Links.Empty; j++)
                if (list[j] < node && Children(graph, list[j]) < graph.M) parents[i] = list[j];
            if (parents[i] == Links.Empty) parents[i] = Below(graph, list[0] < node ? list[0] : graph.Root, node, parents, first);
            _newChildren[parents[i]] = _newChildren.GetValueOrDefault(parents[i]) + 1;
        }

        return parents;
    }

    private int Children(HnswGraph graph, uint node) => Links.KeptCount(graph.ListOf(node), graph.Width) + _newChildren.GetValueOrDefault(node);

    // A tree has leaves, so this ends; the node's number spreads the ways down.
    private uint Below(HnswGraph graph, uint from, uint node, uint[] parents, uint first)
    {
        var children = new List<uint>();
        for (var at = from; ; at = children[(int)(node % (uint)children.Count)])
        {
            if (Children(graph, at) < graph.M) return at;
            children.Clear();
            var list = graph.ListOf(at);
            for (var j = 0; j < graph.Width && list[j] != Links.Empty; j++)
                if (Links.IsKept(list[j])) children.Add(Links.NodeOf(list[j]));
            for (var i = 0; first + (uint)i < node; i++)
                if (parents[i] == at) children.Add(first + (uint)i);
        }
    }

    private void LinkBack(NodeSpace space, uint first, int count, int level, uint[] parents)
    {
        var graph = space.Graph;
        _back.Clear();
        for (var i = 0; i < count; i++)
        {
            var node = first + (uint)i;
            if (graph.LevelOf(node) < level) continue;
            var list = graph.ListOf(node, level);
            var width = graph.WidthOf(level);
            for (var j = 0; j < width && list[j] != Links.Empty; j++)
                if (level > 0 || list[j] != parents[i]) _back.Add((ulong)list[j] << 32 | node);
            if (level == 0 && parents[i] != Links.Empty) _back.Add((ulong)parents[i] << 32 | Links.Kept | node);
        }

        _back.Sort();
        _groups.Clear();
        for (var i = 0; i < _back.Count; i++)
            if (i == 0 || _back[i] >> 32 != _back[i - 1] >> 32) _groups.Add(i);
        _groups.Add(_back.Count);
        Share(_walkers, _groups.Count - 1, (walker, g) =>
        {
            var sources = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_back)[_groups[g].._groups[g + 1]];
            walker.Attach(space, (uint)(sources[0] >> 32), level, sources);
        });
    }
}
