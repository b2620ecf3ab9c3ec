using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Search;

/// <summary>What a thread keeps from search to search, so that a search allocates nothing.</summary>
internal sealed class SearchScratch
{
    /// <summary>How many rows are scored before the scores are looked at: the scores stay in the innermost cache.</summary>
    public const int BlockRows = 1024;

    [ThreadStatic]
    private static SearchScratch? t_own;

    public static SearchScratch OfThread => t_own ??= new SearchScratch();

    public AlignedBytes Query { get; } = new();

    public AlignedBytes Scores { get; } = new();

    public int[] Ordinals { get; } = new int[BlockRows];

    public List<Neighbour> Found { get; } = [];
}
