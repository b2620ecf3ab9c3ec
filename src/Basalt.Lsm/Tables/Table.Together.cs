using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Basalt.Lsm.Memory;

namespace Basalt.Lsm.Tables;

internal sealed unsafe partial class Table
{
    /// <summary>How many entries are read side by side: about as many cache misses as a core has under way.</summary>
    private const int MostTogether = 16;

    /// <summary>
    /// Reads entries by their ordinals, through the cache, as <see cref="ReadAt"/> does each. One alone waits for memory some ten times, as each look says where to look next; here the
    /// blocks of all are found first, and what will be read of them is fetched ahead, so that they wait together.
    /// </summary>
    public void ReadEach(ReadOnlySpan<int> ordinals, EntryVisitor visit)
    {
        var key = new ArrayBufferWriter<byte>(64);
        Span<BlockPlace> places = stackalloc BlockPlace[MostTogether];
        Held held = default;
        for (var first = 0; first < ordinals.Length; first += MostTogether)
        {
            var together = ordinals[first..Math.Min(ordinals.Length, first + MostTogether)];
            try
            {
                for (var i = 0; i < together.Length; i++)
                {
                    places[i] = FindBlock(together[i], out var entries);
                    held[i] = _blocks.Read(places[i], new DataCheck());
                    FetchAhead(held[i]!.Content, (int)(together[i] - places[i].FirstOrdinal), entries);
                }

                for (var i = 0; i < together.Length; i++)
                {
                    key.ResetWrittenCount();
                    var value = new Block(held[i]!.Content, Path, places[i].Offset).ReadAt(together[i] - places[i].FirstOrdinal, key, out var kind);
                    visit(first + i, key.WrittenSpan, value, kind.IsTombstone);
                }
            }
            finally
            {
                for (var i = 0; i < together.Length; i++)
                {
                    held[i]?.Release();
                    held[i] = null;
                }
            }
        }
    }

    /// <summary>The data block of an ordinal, and how many entries it has.</summary>
    private BlockPlace FindBlock(long ordinal, out long entries)
    {
        var partition = Root.FindOrdinal(ordinal, Meta.Entries);
        var end = EndOf(partition);
        var leaf = ReadLeaf(partition);
        try
        {
            var index = new BlockIndex(leaf.Content);
            var at = index.FindOrdinal(ordinal, end);
            var place = index[at];
            entries = (at + 1 < index.Count ? index[at + 1].FirstOrdinal : end) - place.FirstOrdinal;
            return place;
        }
        finally
        {
            leaf.Release();
        }
    }

    /// <summary>Fetches what a block is read for into the processor's cache, as far as that can be guessed: its end, the heads of the entries on the way, and the entry itself.</summary>
    private static void FetchAhead(ReadOnlySpan<byte> content, int index, long entries)
    {
        const int line = 64;
        const int longest = 4096;
        if (!Sse.IsSupported) return;
        fixed (byte* start = content)
        {
            Sse.Prefetch0(start + content.Length - 1);
            var size = (int)(content.Length / Math.Max(1, entries));
            for (var entry = index / BlockFormat.RestartInterval * BlockFormat.RestartInterval; entry < index; entry++) Sse.Prefetch0(start + (long)entry * size);
            // A request past the end is harmless.
            for (var at = 0; at < Math.Min(size, longest) + line; at += line) Sse.Prefetch0(start + (long)index * size + at);
        }
    }

    [InlineArray(MostTogether)]
    private struct Held
    {
        private CachedBlock? _first;
    }
}
