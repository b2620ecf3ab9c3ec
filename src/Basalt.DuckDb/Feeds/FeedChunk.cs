using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Native;

namespace Basalt.DuckDb.Feeds;

/// <summary>A chunk that a feed fills: the vectors of the projected columns.</summary>
internal ref struct FeedChunk
{
    private readonly nint _chunk;

    public FeedChunk(nint chunk) => _chunk = chunk;

    /// <summary>How many rows there is room for.</summary>
    public static int Capacity => ChunkBuilder.Capacity;

    /// <summary>How many rows were filled in.</summary>
    public int Count { get; set; }

    /// <summary>Has the writers write into this chunk.</summary>
    public readonly void Attach(ReadOnlySpan<ValueWriter> writers)
    {
        for (var i = 0; i < writers.Length; i++) writers[i].Attach(NativeMethods.ChunkVector(_chunk, (ulong)i));
    }
}
