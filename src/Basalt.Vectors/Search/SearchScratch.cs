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

    public AlignedBytes CodeQuery { get; } = new();

    public AlignedBytes Scores { get; } = new();

    public AlignedBytes Norms { get; } = new();

    public int[] Ordinals { get; } = new int[BlockRows];

    public List<Neighbour> Found { get; } = [];

    private Neighbour[] _candidates = [];

    /// <summary>Room for so many candidates, of unknown content.</summary>
    public Span<Neighbour> Candidates(int count)
    {
        if (_candidates.Length < count) _candidates = new Neighbour[Math.Max(count, 256)];
        return _candidates.AsSpan(0, count);
    }
}
