using Basalt.Vectors.Memory;
using Basalt.Vectors.Search;

namespace Basalt.Vectors.Ivf;

/// <summary>What a thread keeps from search to search of inverted files, so that a search allocates nothing.</summary>
internal sealed class IvfScratch
{
    [ThreadStatic]
    private static IvfScratch? t_own;

    public static IvfScratch OfThread => t_own ??= new IvfScratch();

    public AlignedBytes Frame { get; } = new();

    public AlignedBytes Rescored { get; } = new();

    public ProbeOrder Probes { get; } = new();

    public ListScan Scan { get; } = new();

    public CandidateReservoir Candidates { get; } = new();
}
