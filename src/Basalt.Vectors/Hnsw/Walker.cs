using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Search;

namespace Basalt.Vectors.Hnsw;

/// <summary>
/// What one thread needs to walk a graph: the candidates, the nodes seen, and room for the neighbours at hand. It is kept and used again, so that a walk
/// allocates nothing. The walk itself is written once for every kernel, in the generic type below it.
/// </summary>
internal abstract unsafe class Walker
{
    private const int CacheLine = 64;
    private readonly AlignedBytes _query = new();
    private readonly AlignedBytes _batch = new();
    private readonly AlignedBytes _sketch = new();
    private uint[] _numbers = [];
    private float[] _scores = [];
    private Neighbour[] _neighbours = [];

    /// <summary>The candidates that the last walk left, the nearest first.</summary>
    public CandidatePool Pool { get; } = new();

    /// <summary>The best of many that are only listed.</summary>
    public CandidateReservoir Reservoir { get; } = new();

    /// <summary>Nodes looked at since <see cref="ResetCounts"/>.</summary>
    public long Visits { get; set; }

    /// <summary>Distances computed since then.</summary>
    public long Distances { get; protected set; }

    /// <summary>What was done since then.</summary>
    public SearchSteps Steps { get; set; }

    protected VisitedNodes Seen { get; } = new();

    public void ResetCounts() => (Visits, Distances, Steps) = (0, 0, SearchSteps.None);

    /// <summary>Looks for nodes near the query, from the entry down to level 0, and leaves the best <paramref name="effort"/> that pass in the pool.</summary>
    public abstract void Search(in NodeSpace space, byte* query, int effort, IOrdinalFilter? filter, bool hasRemoved, CancellationToken cancellation);

    /// <summary>The scores of the query against the listed rows.</summary>
    public abstract void Measure(in RowTable rows, byte* query, ReadOnlySpan<uint> numbers, Span<float> scores);

    /// <summary>Chooses the neighbours of a node that is not counted yet, among the graph's and its companions, and writes its lists.</summary>
    public abstract void Link(in NodeSpace space, uint node, uint firstCompanion, int companions, int effort, bool hasRemoved);

    /// <summary>Adds links to a node's list on a level; chooses anew among old and new ones where they do not all have room.</summary>
    public abstract void Attach(in NodeSpace space, uint node, int level, ReadOnlySpan<ulong> sources);

    /// <summary>Replaces a node's links to removed nodes by links to what is near behind them.</summary>
    public abstract void Reconnect(in NodeSpace space, uint node, int level);

    /// <summary>Room for a query, until it is asked for again.</summary>
    public byte* Query(int bytes) => _query.Take(bytes);

    /// <summary>Room for a query as sketches are compared with it, until it is asked for again.</summary>
    public byte* Sketch(int bytes) => _sketch.Take(bytes);

    /// <summary>Room for numbers of rows, until it is asked for again.</summary>
    public Span<uint> Numbers(int count) => Room(ref _numbers, count);

    /// <summary>Room for scores, until it is asked for again.</summary>
    public Span<float> Scores(int count) => Room(ref _scores, count);

    /// <summary>Room for found neighbours, until it is asked for again.</summary>
    public Span<Neighbour> Neighbours(int count) => Room(ref _neighbours, count);

    /// <summary>Room for the neighbours of a node, at an address, until it is asked for again.</summary>
    protected uint* Batch(int count) => (uint*)_batch.Take(count * sizeof(uint));

    private static Span<T> Room<T>(ref T[] room, int count)
    {
        if (room.Length < count) room = new T[BitOperations.RoundUpToPowerOf2((uint)Math.Max(64, count))];
        return room.AsSpan(0, count);
    }

    /// <summary>Asks for a row before it is needed. Of a long one the beginning will do: the processor sees the pattern and goes on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static void Prefetch(byte* row, int bytes)
    {
        const int most = 16 * CacheLine;
        if (!Sse.IsSupported) return;
        for (var i = 0; i < Math.Min(bytes, most); i += CacheLine) Sse.Prefetch0(row + i);
    }
}
