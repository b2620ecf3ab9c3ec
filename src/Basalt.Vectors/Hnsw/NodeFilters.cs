using System.Runtime.CompilerServices;

namespace Basalt.Vectors.Hnsw;

/// <summary>Which nodes a walk may return. A walk is compiled for each kind, so that the usual one, which takes all, costs nothing.</summary>
internal interface INodeFilter
{
    /// <summary>Whether there is nothing to ask.</summary>
    static abstract bool TakesAll { get; }

    bool Accepts(uint node);
}

/// <summary>All nodes: nothing is filtered, and nothing was removed.</summary>
internal readonly struct AnyNode : INodeFilter
{
    public static bool TakesAll => true;

    public bool Accepts(uint node) => true;
}

/// <summary>What was not removed.</summary>
internal readonly unsafe struct PresentNode(int* ordinals) : INodeFilter
{
    public static bool TakesAll => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Accepts(uint node) => ordinals[node] >= 0;
}

/// <summary>What is in a set. A removed node's ordinal, -1, is in none.</summary>
internal readonly unsafe struct MemberNode(int* ordinals, OrdinalSet set) : INodeFilter
{
    public static bool TakesAll => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Accepts(uint node) => set.Accepts(ordinals[node]);
}

/// <summary>What the caller's filter accepts.</summary>
internal readonly unsafe struct AcceptedNode(int* ordinals, IOrdinalFilter filter) : INodeFilter
{
    public static bool TakesAll => false;

    public bool Accepts(uint node) => ordinals[node] is >= 0 and var ordinal && filter.Accepts(ordinal);
}
