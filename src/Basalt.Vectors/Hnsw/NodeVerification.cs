using System.Collections;

namespace Basalt.Vectors.Hnsw;

/// <summary>Whether links and numbers are what a graph promises. For files, whose bytes nobody vouches for, and for tests.</summary>
internal static unsafe class NodeVerification
{
    /// <exception cref="InvalidDataException">They are not; the message names the first that is not.</exception>
    public static void Verify(NodeSet nodes)
    {
        var graph = nodes.Graph;
        var removed = 0;
        for (var node = 0U; node < graph.Count; node++)
        {
            for (var level = 0; level <= graph.LevelOf(node); level++) VerifyList(graph, node, level);
            var ordinal = nodes.Ordinals[node];
            if (ordinal < 0) removed++;
            else if (!nodes.TryNode(ordinal, out var found) || found != node) throw new InvalidDataException($"Node {node} says that it has ordinal {ordinal}, which is not the other way round.");
        }

        var present = 0;
        for (var ordinal = 0; ordinal < nodes.OrdinalCount; ordinal++)
            if (nodes.TryNode(ordinal, out _)) present++;
        if (removed != nodes.Removed || present != nodes.Present) throw new InvalidDataException($"{removed} nodes are removed and {present} present, where it says {nodes.Removed} and {nodes.Present}.");
        if (graph.Count == 0) return;
        if (graph.Entry.Level != graph.LevelOf(graph.Entry.Node)) throw new InvalidDataException($"The entry, node {graph.Entry.Node}, is not on level {graph.Entry.Level}.");
        var reached = Reached(graph);
        if (reached != graph.Count) throw new InvalidDataException($"The links to keep reach {reached} of {graph.Count} nodes.");
    }

    private static void VerifyList(HnswGraph graph, uint node, int level)
    {
        uint* list;
        if (level == 0) list = graph.ListOf(node);
        else if (!graph.TryUpper(node, level, out list)) throw new InvalidDataException($"Node {node} has its links of level {level} outside of the graph.");
        for (var i = 0; i < graph.WidthOf(level) && list[i] != Links.Empty; i++)
        {
            var to = Links.NodeOf(list[i]);
            if (to >= (uint)graph.Count || graph.LevelOf(to) < level) throw new InvalidDataException($"Node {node} has a link to node {to} on level {level}, where it is not.");
        }
    }

    /// <summary>How many nodes the kept links reach from the root.</summary>
    private static int Reached(HnswGraph graph)
    {
        var seen = new BitArray(graph.Count);
        var open = new Stack<uint>();
        open.Push(graph.Root);
        seen[(int)graph.Root] = true;
        var reached = 0;
        while (open.TryPop(out var node))
        {
            reached++;
            var list = graph.ListOf(node);
            for (var i = 0; i < graph.Width && list[i] != Links.Empty; i++)
            {
                var to = (int)Links.NodeOf(list[i]);
                if (!Links.IsKept(list[i]) || seen[to]) continue;
                seen[to] = true;
                open.Push((uint)to);
            }
        }

        return reached;
    }
}
