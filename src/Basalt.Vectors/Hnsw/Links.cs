using System.Runtime.CompilerServices;

namespace Basalt.Vectors.Hnsw;

/// <summary>
/// A link as it lies in a list: the node in the lower 31 bits, and whether the list must keep it in the highest. Kept links form a tree over all nodes, so
/// that each can be reached from the root however often other links are exchanged. A list ends with <see cref="Empty"/> or when it is full.
/// </summary>
internal static unsafe class Links
{
    public const uint Empty = uint.MaxValue;
    public const uint Kept = 0x8000_0000;
    public const uint NodeMask = 0x7FFF_FFFF;

    /// <summary>The largest number of nodes: the last number is taken by the mask of <see cref="Empty"/>.</summary>
    public const int MaxNodes = int.MaxValue;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint NodeOf(uint link) => link & NodeMask;

    public static bool IsKept(uint link) => link >= Kept;

    /// <summary>How many links a list of this width has.</summary>
    public static int Count(uint* list, int width)
    {
        var count = 0;
        while (count < width && list[count] != Empty) count++;
        return count;
    }

    /// <summary>How many of them must stay.</summary>
    public static int KeptCount(uint* list, int width)
    {
        var count = 0;
        for (var i = 0; i < width && list[i] != Empty; i++)
            if (IsKept(list[i])) count++;
        return count;
    }

    /// <summary>Where the list has the node, or -1.</summary>
    public static int IndexOf(uint* list, int width, uint node)
    {
        for (var i = 0; i < width && list[i] != Empty; i++)
            if (NodeOf(list[i]) == node) return i;
        return -1;
    }

    /// <summary>Writes a list anew and empties the rest of it.</summary>
    public static void Write(uint* list, int width, ReadOnlySpan<uint> links)
    {
        // A reader meanwhile sees links of the old list or the new one, each whole.
        for (var i = 0; i < links.Length; i++) list[i] = links[i];
        for (var i = links.Length; i < width; i++) list[i] = Empty;
    }
}
