using System.Numerics;
using Basalt.Lsm.IO;
using Basalt.Vectors;

namespace Basalt.Engine.Scalars;

/// <summary>Where the list of a key lies in its block.</summary>
internal readonly record struct ListPlace(int At, int Length, int Count, PostingsForm Form);

/// <summary>A block as it lies in the section: see <see cref="BlockBuilder"/>.</summary>
/// <param name="keys">The keys.</param>
/// <param name="postings">What is behind them.</param>
/// <param name="count">How many keys.</param>
/// <param name="entries">How many entries have one of them.</param>
/// <param name="total">How many entries the table has.</param>
internal readonly ref struct ScalarBlock(ReadOnlySpan<byte> keys, ReadOnlySpan<byte> postings, int count, int entries, int total)
{
    private readonly ReadOnlySpan<byte> _keys = keys;
    private readonly ReadOnlySpan<byte> _postings = postings;

    public int Count => count;

    public KeyWalk Walk(Span<byte> buffer) => new(_keys, buffer);

    /// <summary>How many entries have one of the first keys.</summary>
    public int EntriesBefore(int key)
    {
        if (key == count) return entries;
        if (HasSingles) return key;
        Span<ListPlace> places = stackalloc ListPlace[ScalarFormat.BlockKeys];
        ReadPlaces(places);
        var before = 0;
        foreach (var place in places[..key]) before += place.Count;
        return before;
    }

    /// <summary>Where the lists lie; all are within the block, and there are as many ordinals as the index says.</summary>
    public void ReadPlaces(Span<ListPlace> places)
    {
        if (HasSingles)
        {
            var size = Postings.PlainBytes(total);
            for (var i = 0; i < count; i++) places[i] = new ListPlace(1 + i * size, size, 1, PostingsForm.Plain);
            return;
        }

        var reader = new ByteReader(_postings[1..]);
        var (at, sum) = (0L, 0L);
        for (var i = 0; i < count; i++)
        {
            var (ordinals, length) = (reader.ReadVarint(), reader.ReadVarint());
            if (ordinals == 0 || ordinals > (uint)entries || length / 2 > (uint)_postings.Length) throw Damage();
            places[i] = new ListPlace((int)at, (int)(length / 2), (int)ordinals, (length & 1) == 0 ? PostingsForm.Gaps : PostingsForm.Bitmap);
            at += (long)(length / 2);
            sum += (long)ordinals;
            if (at > _postings.Length) throw Damage();
        }

        var begin = 1 + reader.Position;
        if (!reader.IsSound || begin + at != _postings.Length || sum != entries) throw Damage();
        for (var i = 0; i < count; i++) places[i] = places[i] with { At = begin + places[i].At };
    }

    public Postings Open(ListPlace place) => new(_postings.Slice(place.At, place.Length), place.Form, place.Count, total);

    /// <summary>Adds the entries of those keys to a set, or removes them from it.</summary>
    /// <param name="mask">Bit i is key i.</param>
    /// <param name="set">Has room for all entries.</param>
    /// <param name="remove">Whether they are removed.</param>
    public void Move(ulong mask, OrdinalSet set, bool remove)
    {
        if (mask == 0) return;
        if (HasSingles)
        {
            MoveSingles(mask, set, remove);
            return;
        }

        Span<ListPlace> places = stackalloc ListPlace[ScalarFormat.BlockKeys];
        ReadPlaces(places);
        for (; mask != 0; mask &= mask - 1) Open(places[BitOperations.TrailingZeroCount(mask)]).MoveTo(set, remove);
    }

    private void MoveSingles(ulong mask, OrdinalSet set, bool remove)
    {
        var size = Postings.PlainBytes(total);
        while (mask != 0)
        {
            var from = BitOperations.TrailingZeroCount(mask);
            var run = BitOperations.TrailingZeroCount(~(mask >> from));
            new Postings(_postings.Slice(1 + from * size, run * size), PostingsForm.Plain, run, total).MoveTo(set, remove);
            mask = from + run == 64 ? 0 : mask >> (from + run) << (from + run);
        }
    }

    private bool HasSingles
    {
        get
        {
            if (_postings.IsEmpty || _postings[0] > BlockBuilder.Lists) throw Damage();
            if (_postings[0] == BlockBuilder.Lists) return false;
            return entries == count && _postings.Length == 1 + count * Postings.PlainBytes(total) ? true : throw Damage();
        }
    }

    private static InvalidDataException Damage() => new("The lists of a block of the scalar index are damaged.");
}
