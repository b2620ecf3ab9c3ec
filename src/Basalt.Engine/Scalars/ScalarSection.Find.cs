using System.Numerics;
using Basalt.Filters;
using Basalt.Vectors;

namespace Basalt.Engine.Scalars;

/// <summary>Answering leaves.</summary>
internal sealed partial class ScalarSection
{
    // So many spans or keys are looked at to estimate; what is behind them is bounded.
    private const int MostEstimated = 256;

    /// <summary>Adds the entries whose value matches, by the meaning of <see cref="LeafFilter.Test"/>.</summary>
    /// <param name="leaf">Of any path: it is taken for that of the section.</param>
    /// <param name="into">Has room for all entries of the table.</param>
    /// <returns>Null when that is exact. Else entries that were not added and may match: their values are longer than what the section knows of them.</returns>
    public OrdinalSet? Find(LeafFilter leaf, OrdinalSet into)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        Require(into);
        var keys = LeafKeys.Of(leaf, this);
        if (keys.Nulls) AddNulls(into);
        AddSpans(keys.Spans, into);
        OrdinalSet? unsure = null;
        if (keys.Tested.Count > 0) AddTested(keys.Tested, keys.Test, into, ref unsure);
        foreach (var rank in keys.Unsure) Move(new KeySpan(rank, rank + 1), unsure ??= new OrdinalSet(Entries), remove: false);
        return unsure;
    }

    /// <summary>How many entries match, at least and at most. Reads the index of blocks and a few blocks of keys, no lists of ordinals; takes microseconds.</summary>
    public (long Least, long Most) Estimate(LeafFilter leaf)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        if (leaf is InFilter { Values.Count: > MostEstimated }) return (0, NonNull);
        var keys = LeafKeys.Of(leaf, this);
        long sure = keys.Nulls ? Entries - NonNull : 0;
        foreach (var span in keys.Spans) sure += CountOf(span);
        long unsure = 0;
        foreach (var rank in keys.Unsure) unsure += CountOf(new KeySpan(rank, rank + 1));
        if (keys.Tested.Count > MostEstimated) return (sure, sure + unsure + CountOf(keys.Tested));
        var (found, open) = keys.Tested.Count == 0 ? (0, 0) : CountTested(keys.Tested, keys.Test);
        return (sure + found, sure + unsure + found + open);
    }

    /// <summary>The entries in the order of their values, nulls first, ties by ordinal; or backwards, nulls last, ties by ordinal all the same.</summary>
    /// <param name="descending">Backwards.</param>
    /// <param name="from">Only from this key on, itself included; empty for that of null. Null: from the beginning.</param>
    public ScalarCursor Walk(bool descending, byte[]? from = null) => Walk([new KeySpan(0, Distinct)], withNulls: true, descending, from);

    /// <summary>The entries that match, in that order; null when the order of keys alone does not answer the leaf.</summary>
    /// <inheritdoc cref="Walk(bool, byte[])"/>
    public ScalarCursor? Walk(LeafFilter leaf, bool descending, byte[]? from = null)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        var keys = LeafKeys.Of(leaf, this);
        return keys.Tested.Count > 0 || keys.Unsure.Count > 0 ? null : Walk(keys.Spans, keys.Nulls, descending, from);
    }

    private ScalarCursor Walk(List<KeySpan> spans, bool withNulls, bool descending, byte[]? from)
    {
        if (from is null) return new ScalarCursor(this, spans, withNulls, descending);
        // Nulls are at the lower end, wherever one comes from.
        if (from.Length == 0) return new ScalarCursor(this, descending ? [] : spans, withNulls, descending);
        var (rank, isFound) = Find(from);
        var within = descending ? new KeySpan(0, isFound ? rank + 1 : rank) : new KeySpan(rank, Distinct);
        return new ScalarCursor(this, [.. spans.Select(span => new KeySpan(Math.Max(span.From, within.From), Math.Min(span.To, within.To)))], withNulls && descending, descending);
    }

    internal void AddNulls(OrdinalSet into)
    {
        var nulls = new OrdinalSet(Entries);
        AddValued(nulls);
        nulls.Complement();
        into.UnionWith(nulls);
    }

    // Of most entries those are taken away that do not match: bits are cheaper than lists.
    private void AddSpans(List<KeySpan> spans, OrdinalSet into)
    {
        long count = 0;
        foreach (var span in spans) count += CountOf(span);
        if (count == 0) return;
        if (count <= NonNull / 2)
        {
            foreach (var span in spans) Move(span, into, remove: false);
            return;
        }

        var valued = new OrdinalSet(Entries);
        AddValued(valued);
        foreach (var span in new KeySpan(0, Distinct).Without(spans)) Move(span, valued, remove: true);
        into.UnionWith(valued);
    }

    private void Move(KeySpan span, OrdinalSet set, bool remove)
    {
        if (span.Count == 0) return;
        for (var block = span.From / ScalarFormat.BlockKeys; block <= (span.To - 1) / ScalarFormat.BlockKeys; block++) ReadBlock(block).Move(span.MaskIn(block), set, remove);
    }

    private void AddTested(KeySpan span, KeyTest test, OrdinalSet into, ref OrdinalSet? unsure)
    {
        Span<byte> buffer = stackalloc byte[KeyWriter.CutBytes];
        for (var block = span.From / ScalarFormat.BlockKeys; block <= (span.To - 1) / ScalarFormat.BlockKeys; block++)
        {
            var content = ReadBlock(block);
            var (found, open) = TestKeys(content, span.MaskIn(block), test, buffer);
            content.Move(found, into, remove: false);
            if (open != 0) content.Move(open, unsure ??= new OrdinalSet(Entries), remove: false);
        }
    }

    private (long Found, long Open) CountTested(KeySpan span, KeyTest test)
    {
        var (sum, sumOpen) = (0L, 0L);
        Span<byte> buffer = stackalloc byte[KeyWriter.CutBytes];
        Span<ListPlace> places = stackalloc ListPlace[ScalarFormat.BlockKeys];
        for (var block = span.From / ScalarFormat.BlockKeys; block <= (span.To - 1) / ScalarFormat.BlockKeys; block++)
        {
            var content = ReadBlock(block);
            var (found, open) = TestKeys(content, span.MaskIn(block), test, buffer);
            content.ReadPlaces(places);
            for (; found != 0; found &= found - 1) sum += places[BitOperations.TrailingZeroCount(found)].Count;
            for (; open != 0; open &= open - 1) sumOpen += places[BitOperations.TrailingZeroCount(open)].Count;
        }

        return (sum, sumOpen);
    }

    /// <summary>Which keys of the mask match, and which were cut.</summary>
    private static (ulong Found, ulong Open) TestKeys(ScalarBlock block, ulong mask, KeyTest test, Span<byte> buffer)
    {
        var (found, open) = (0UL, 0UL);
        var walk = block.Walk(buffer);
        for (var i = 0; i < block.Count && mask >> i != 0; i++)
        {
            walk.Read();
            var bit = 1UL << i;
            if ((mask & bit) == 0) continue;
            if (KeyWriter.IsCut(walk.Key)) open |= bit;
            else if (test(walk.Key)) found |= bit;
        }

        return (found, open);
    }
}
