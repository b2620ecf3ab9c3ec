namespace Basalt.Vectors.Hnsw;

/// <summary>
/// Copies a graph without its removed nodes and numbers the others breadth-first from the entry, so that what is walked together lies together.
/// The same pass finds the tree of kept links anew, and gives a link to what nothing leads to any more.
/// </summary>
internal static unsafe class GraphOrder
{
    /// <summary>The copy, and per new node its old number.</summary>
    public static (HnswGraph Graph, uint[] Old) Settle(in NodeSpace space, int capacity)
    {
        var old = space.Graph;
        var graph = new HnswGraph(old.M, capacity);
        var tree = new Tree(space);
        if (!tree.Grow()) return (graph, []);
        for (var i = 0; i < tree.Count; i++) graph.Add(old.LevelOf(tree.Order[i]));
        var links = new uint[old.Width + 1];
        for (var i = 0; i < tree.Count; i++)
            for (var level = old.LevelOf(tree.Order[i]); level >= 0; level--)
            {
                var count = tree.LinksOf(tree.Order[i], level, links);
                Links.Write(graph.ListOf((uint)i, level), graph.WidthOf(level), links.AsSpan(0, count));
            }

        graph.Root = 0;
        graph.Entry = (0, graph.LevelOf(0));
        graph.Publish();
        return (graph, tree.Order.AsSpan(0, tree.Count).ToArray());
    }

    /// <summary>Which node comes when, and which link leads to it first.</summary>
    private sealed class Tree(NodeSpace space)
    {
        private readonly uint[] _number = new uint[space.Graph.Count];
        private readonly uint[] _parent = new uint[space.Graph.Count];
        private readonly byte[] _children = new byte[space.Graph.Count];
        private readonly Dictionary<uint, List<uint>> _additions = [];
        private int _free;

        public uint[] Order { get; } = new uint[space.Graph.Count];

        public int Count { get; private set; }

        /// <summary>False when there is no node left.</summary>
        public bool Grow()
        {
            var graph = space.Graph;
            Array.Fill(_number, Links.Empty);
            var start = Links.Empty;
            for (var node = 0U; node < graph.Count; node++)
                if (IsPresent(node) && (start == Links.Empty || graph.LevelOf(node) > graph.LevelOf(start))) start = node;
            if (start == Links.Empty) return false;
            Place(start, Links.Empty);
            var next = Follow(0);
            for (var node = 0U; node < graph.Count; node++)
            {
                if (!IsPresent(node) || _number[node] != Links.Empty) continue;
                var parent = ParentFor(node);
                // Where the parent has the link already, it is only to be kept.
                if (Links.IndexOf(graph.ListOf(parent), graph.Width, node) < 0)
                {
                    if (!_additions.TryGetValue(parent, out var added)) _additions[parent] = added = [];
                    added.Add(node);
                }

                Place(node, parent);
                next = Follow(next);
            }

            return true;
        }

        /// <summary>The node's links by new numbers, at most as many as a list holds.</summary>
        public int LinksOf(uint node, int level, uint[] links)
        {
            var graph = space.Graph;
            var list = graph.ListOf(node, level);
            var width = graph.WidthOf(level);
            var count = 0;
            for (var i = 0; i < width && list[i] != Links.Empty; i++)
            {
                var to = Links.NodeOf(list[i]);
                if (IsPresent(to)) links[count++] = _number[to] | (level == 0 && _parent[to] == node ? Links.Kept : 0);
            }

            if (level > 0 || !_additions.TryGetValue(node, out var added)) return count;
            foreach (var to in added)
            {
                // The farthest of those that may go makes room.
                if (count == width)
                {
                    var last = width - 1;
                    while (Links.IsKept(links[last])) last--;
                    links.AsSpan(last + 1, width - last - 1).CopyTo(links.AsSpan(last));
                    count--;
                }

                links[count++] = _number[to] | Links.Kept;
            }

            return count;
        }

        private bool IsPresent(uint node) => space.Ordinals[node] >= 0;

        private void Place(uint node, uint parent)
        {
            (_number[node], _parent[node], Order[Count]) = ((uint)Count, parent, node);
            Count++;
            if (parent != Links.Empty) _children[parent]++;
        }

        // A quarter of a list is kept at most, so that later choices stay free.
        private int Follow(int from)
        {
            var graph = space.Graph;
            for (; from < Count; from++)
            {
                var node = Order[from];
                var list = graph.ListOf(node);
                for (var i = 0; i < graph.Width && list[i] != Links.Empty && _children[node] < Math.Max(1, graph.M / 2); i++)
                    if (Links.NodeOf(list[i]) is var to && IsPresent(to) && _number[to] == Links.Empty) Place(to, node);
            }

            return from;
        }

        private uint ParentFor(uint node)
        {
            var list = space.Graph.ListOf(node);
            for (var i = 0; i < space.Graph.Width && list[i] != Links.Empty; i++)
                if (Links.NodeOf(list[i]) is var near && _number[near] != Links.Empty && _children[near] < space.Graph.M) return near;
            // Children are never taken away, so what was full stays full.
            while (_children[Order[_free]] >= space.Graph.M) _free++;
            return Order[_free];
        }
    }
}
