using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Hnsw;

/// <summary>
/// The best candidates of a walk, sorted, at most so many. A candidate is one number: the score, made to order as an unsigned number, above the node and
/// a bit for "expanded"; so one comparison orders by score, then by node, and the order never depends on who came first. Insertion moves whole
/// registers, which is quicker than a heap for the few hundred candidates of a search, and the worst candidate and the next one to expand are at hand.
/// </summary>
internal sealed unsafe class CandidatePool
{
    private const int Lanes = 8;
    private const ulong Expanded = 1;
    private ulong[] _memory = [];
    private ulong* _keys;
    private int _limit;

    /// <summary>How many candidates it has.</summary>
    public int Count { get; private set; }

    /// <summary>A key from here on is not among the best.</summary>
    public ulong Bound { get; private set; }

    /// <summary>Where the first candidate is that was not expanded yet; <see cref="Count"/> when all were.</summary>
    public int Next { get; private set; }

    /// <summary>The candidate's number in the order of scores, then of nodes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong KeyOf(float score, uint node)
    {
        var bits = BitConverter.SingleToInt32Bits(score);
        // Negative numbers order the other way round, below the positive ones.
        var ordered = (uint)(bits ^ (bits >> 31 | int.MinValue));
        return (ulong)ordered << 32 | (ulong)node << 1;
    }

    public static uint NodeOf(ulong key) => (uint)key >> 1;

    public static float ScoreOf(ulong key)
    {
        var ordered = (int)(key >> 32);
        return BitConverter.Int32BitsToSingle(ordered ^ (~ordered >> 31 | int.MinValue));
    }

    /// <summary>Empties it for at most so many candidates.</summary>
    public void Begin(int limit)
    {
        if (_memory.Length < limit + 2 * Lanes)
        {
            _memory = GC.AllocateUninitializedArray<ulong>(Math.Max(256, (int)BitOperations.RoundUpToPowerOf2((uint)limit + 2 * Lanes)), pinned: true);
            _keys = (ulong*)Unsafe.AsPointer(ref _memory[0]);
        }

        // Behind the last candidate lie only keys that are larger than any.
        _memory.AsSpan(0, limit + 2 * Lanes).Fill(ulong.MaxValue);
        (_limit, Count, Next, Bound) = (limit, 0, 0, ulong.MaxValue);
    }

    /// <summary>Takes a candidate whose key is below <see cref="Bound"/>, and drops the worst one when full.</summary>
    /// <returns>Whether it is now the next one to expand.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Add(ulong key)
    {
        var keys = _keys;
        var at = 0;
        var wanted = Vector512.Create(key);
        for (var i = 0; i < Count; i += Lanes) at += BitOperations.PopCount(Vector512.LessThan(Vector512.Load(keys + i), wanted).ExtractMostSignificantBits());
        var from = keys + at;
        for (var i = (Count - at - 1) & -Lanes; i >= 0; i -= Lanes) Vector512.Load(from + i).Store(from + i + 1);
        *from = key;
        if (Count < _limit) Count++;
        else keys[_limit] = ulong.MaxValue;
        if (Count == _limit) Bound = keys[_limit - 1];
        if (at > Next) return false;
        Next = at;
        return true;
    }

    /// <summary>The next candidate to expand, which counts as expanded from now on.</summary>
    public uint Take()
    {
        var node = NodeOf(_keys[Next]);
        _keys[Next] |= Expanded;
        do Next++;
        while (Next < Count && (_keys[Next] & Expanded) != 0);
        return node;
    }

    /// <summary>The candidates, the nearest first.</summary>
    public ReadOnlySpan<ulong> Keys => new(_keys, Count);
}
