using System.Numerics;
using System.Runtime.Intrinsics;
using Basalt.Vectors.Clustering;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Search;

namespace Basalt.Vectors.Ivf;

/// <summary>The lists in the order in which a query looks at them: as many as are asked for, and the rest only when they do not give enough.</summary>
internal sealed unsafe class ProbeOrder
{
    private readonly AlignedBytes _scores = new();
    private readonly CandidateReservoir _nearest = new();
    private ulong[] _all = [];
    private int[] _order = [];
    private int _known;
    private int _lists;

    /// <summary>The start + product of the query with each centre; the greatest is the nearest.</summary>
    public float* Scores { get; private set; }

    /// <summary>Scores all centres and finds the nearest <paramref name="probes"/>.</summary>
    /// <param name="model">Whose centres.</param>
    /// <param name="query">In the frame.</param>
    /// <param name="probes">At least one.</param>
    public void Reset(IvfModel model, float* query, int probes)
    {
        (_lists, _known) = (model.Lists, Math.Min(probes, model.Lists));
        Scores = (float*)_scores.Take((long)model.Centres.PanelCount * Panels.Width * sizeof(float));
        if (_order.Length < _lists) _order = new int[_lists];
        model.Centres.Scores(query, Scores);
        // The dot product itself ranks the lists of the dot metric, not the distance from the centre.
        if (model.IsDot)
            for (var i = 0; i < _lists; i++) Scores[i] -= model.Centres.Start(i);
        _nearest.Reset(_known, _lists);
        for (var i = 0; i < _lists; i += 16) Offer(i, Math.Min(16, _lists - i));
        var sorted = _nearest.Sorted();
        // A score that is no number, as damaged centres give, is not among the nearest; those lists come last.
        _known = sorted.Length;
        for (var i = 0; i < _known; i++) _order[i] = CandidateReservoir.NumberOf(sorted[i]);
    }

    /// <summary>The list of a rank, from 0; -1 past the last.</summary>
    public int this[int rank]
    {
        get
        {
            if (rank >= _lists) return -1;
            if (rank >= _known) SortAll();
            return _order[rank];
        }
    }

    private void Offer(int first, int count)
    {
        var within = Vector512.GreaterThanOrEqual(Vector512.LoadAligned(Scores + first), Vector512.Create(-_nearest.Limit)).ExtractMostSignificantBits();
        for (; within != 0; within &= within - 1)
        {
            var i = BitOperations.TrailingZeroCount(within);
            if (i < count) _nearest.Offer(first + i, -Scores[first + i]);
        }
    }

    private void SortAll()
    {
        if (_all.Length < _lists) _all = new ulong[_lists];
        for (var i = 0; i < _lists; i++) _all[i] = CandidateReservoir.KeyOf(i, -Scores[i]);
        _all.AsSpan(0, _lists).Sort();
        for (var i = 0; i < _lists; i++) _order[i] = CandidateReservoir.NumberOf(_all[i]);
        _known = _lists;
    }
}
