using System.Runtime.Intrinsics;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Clustering;

/// <summary>What <see cref="KMeans"/> found.</summary>
/// <param name="Centres">Centre after centre, dimension floats each.</param>
/// <param name="Objectives">The mean squared distance to the nearest centre that each step saw before it moved the centres.</param>
/// <param name="Repaired">How often an empty cluster was given a row that lay far from its centre.</param>
internal sealed record KMeansResult(float[] Centres, IReadOnlyList<double> Objectives, int Repaired);

/// <summary>
/// k-means: seeding by k-means++ (Arthur, Vassilvitskii 2007) on a sample, several draws a round for large k, then Lloyd steps over all rows or
/// mini-batches (Sculley 2010). Deterministic for a seed, whatever the number of threads and the width of the registers.
/// </summary>
/// <remarks>
/// Memory beside the rows: 12 bytes a row and two copies of the centres. A full step never raises the objective: an empty cluster
/// takes the row that lies farthest from its centre. Rows with fewer distinct values than centres leave duplicates among the centres.
/// </remarks>
internal sealed unsafe class KMeans : IDisposable
{
    private const int ChunkRows = 96 * Panels.TileRows;

    private readonly float* _rows;
    private readonly long _stride;
    private readonly int _dimension;
    private readonly int _count;
    private readonly KMeansOptions _options;
    private readonly CancellationToken _cancellationToken;
    private readonly float[] _centres;
    private readonly Panels _panels;
    private readonly int[] _nearest;
    private readonly float[] _distances;
    private readonly int[] _order;
    private SplitMix64 _random;
    private int _repaired;

    private KMeans(float* rows, int count, int dimension, long stride, int centres, KMeansOptions options, CancellationToken cancellationToken)
    {
        _rows = rows;
        (_count, _dimension, _stride, _options, _cancellationToken) = (count, dimension, stride, options, cancellationToken);
        _centres = new float[checked(centres * dimension)];
        _panels = new Panels(centres, dimension);
        (_nearest, _distances, _order) = (new int[count], new float[count], new int[count]);
        _random = new SplitMix64(options.Seed);
    }

    private int K => _panels.Count;

    /// <summary>
    /// Trains <paramref name="centres"/> centres on <paramref name="count"/> finite rows, <paramref name="stride"/> floats apart. At least as many rows as centres. Progress
    /// goes from 0 to 1.
    /// </summary>
    public static KMeansResult Train(float* rows, int count, int dimension, long stride, int centres, KMeansOptions options, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        if (!options.IsSound) throw new ArgumentException($"Iterations, batch rows and tolerance are 0 or more, rows per centre and threads 1 or more: {options}", nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(centres, 1);
        if (count < centres) throw new ArgumentException($"{centres} centres need at least as many rows to train on, got {count}: ask for fewer centres or give more rows", nameof(count));
        using var training = new KMeans(rows, count, dimension, stride, centres, options, cancellationToken);
        return training.Run(progress);
    }

    public void Dispose() => _panels.Dispose();

    private KMeansResult Run(IProgress<double>? progress)
    {
        Seed();
        var objectives = new List<double>(_options.Iterations);
        var batch = _options.BatchRows == 0 || _options.BatchRows >= _count ? 0 : _options.BatchRows;
        var seen = batch == 0 ? null : new long[K];
        var walk = new RowWalk(_count, ref _random);
        for (var i = 0; i < _options.Iterations; i++)
        {
            progress?.Report((i + 1.0) / (_options.Iterations + 1));
            Fill();
            objectives.Add(batch == 0 ? LloydStep() : BatchStep(batch, ref walk, seen!));
            if (i > 0 && objectives[i - 1] - objectives[i] < _options.Tolerance * objectives[i - 1]) break;
        }

        progress?.Report(1);
        return new KMeansResult(_centres, objectives, _repaired);
    }

    private void Fill()
    {
        for (var i = 0; i < K; i++) _panels.SetNearest(i, Centre(i));
    }

    private Span<float> Centre(int i) => _centres.AsSpan(i * _dimension, _dimension);

    private ReadOnlySpan<float> Row(long i) => new(_rows + i * _stride, _dimension);

    /// <summary>Assigns the rows that <c>_order</c> names; distances are taken anew from the difference, so that they do not suffer from cancellation.</summary>
    private void Assign(int count, bool gathered)
    {
        Chunks.Run(count, ChunkRows, _options.Threads, (from, to) =>
        {
            using var scratch = new Scratch(Panels.ScratchFloats(_dimension) + (gathered ? (long)(to - from) * _dimension : 0));
            var rows = _rows + from * _stride;
            var stride = _stride;
            if (gathered)
            {
                rows = scratch.Floats + Panels.ScratchFloats(_dimension);
                stride = _dimension;
                for (var i = from; i < to; i++) Row(_order[i]).CopyTo(new Span<float>(rows + (long)(i - from) * stride, _dimension));
            }

            fixed (int* nearest = _nearest)
            fixed (float* distances = _distances)
                _panels.Nearest(rows, to - from, stride, nearest + from, distances + from, scratch.Floats);
            for (var i = from; i < to; i++) _distances[i] = SquaredDistance(new ReadOnlySpan<float>(rows + (i - from) * stride, _dimension), Centre(_nearest[i]));
        }, _cancellationToken);
    }

    private double LloydStep()
    {
        Assign(_count, gathered: false);
        var starts = GroupByCentre();
        Chunks.Run(K, 16, _options.Threads, (from, to) =>
        {
            var sum = new double[_dimension];
            for (var c = from; c < to; c++)
                if (starts[c + 1] > starts[c]) Mean(_order.AsSpan(starts[c], starts[c + 1] - starts[c]), sum, Centre(c));
        }, _cancellationToken);
        for (var (c, taken) = (0, 0); c < K; c++)
            if (starts[c + 1] == starts[c] && !Repair(c, ref taken)) break;
        return Mean(_distances);
    }

    private double BatchStep(int count, ref RowWalk walk, long[] seen)
    {
        for (var i = 0; i < count; i++) _order[i] = (int)walk.Next();
        Assign(count, gathered: true);
        for (var i = 0; i < count; i++)
        {
            var centre = Centre(_nearest[i]);
            var row = Row(_order[i]);
            var rate = 1f / ++seen[_nearest[i]];
            for (var j = 0; j < centre.Length; j++) centre[j] += rate * (row[j] - centre[j]);
        }

        return Mean(_distances.AsSpan(0, count));
    }

    /// <summary>Sorts the rows by centre, in the order of the rows: sums over them do not depend on threads. Gives where each centre's rows start.</summary>
    private int[] GroupByCentre()
    {
        var starts = new int[K + 1];
        foreach (var c in _nearest) starts[c + 1]++;
        for (var c = 0; c < K; c++) starts[c + 1] += starts[c];
        var next = starts.AsSpan(0, K).ToArray();
        for (var i = 0; i < _count; i++) _order[next[_nearest[i]]++] = i;
        return starts;
    }

    private void Mean(ReadOnlySpan<int> members, double[] sum, Span<float> centre)
    {
        Array.Clear(sum);
        foreach (var i in members)
        {
            var row = Row(i);
            for (var j = 0; j < row.Length; j++) sum[j] += row[j];
        }

        for (var j = 0; j < centre.Length; j++) centre[j] = (float)(sum[j] / members.Length);
    }

    /// <summary>Moves an empty cluster's centre to the row farthest from its own; false when every row lies on its centre.</summary>
    private bool Repair(int centre, ref int taken)
    {
        var farthest = 0;
        for (var i = 1; i < _count; i++)
            if (_distances[i] > _distances[farthest]) farthest = i;
        if (_distances[farthest] <= 0 || taken == _count) return false;
        Row(farthest).CopyTo(Centre(centre));
        // The row now has a centre of its own, so the next empty cluster looks elsewhere. The objective keeps what the step saw.
        _distances[farthest] = -_distances[farthest];
        taken++;
        _repaired++;
        return true;
    }

    private static double Mean(ReadOnlySpan<float> distances)
    {
        var sum = 0.0;
        foreach (var d in distances) sum += Math.Abs(d);
        return sum / distances.Length;
    }

    /// <summary>Draws centres with a chance in proportion to the squared distance from those drawn before, a sixty-fourth of them a round.</summary>
    private void Seed()
    {
        var sample = (int)Math.Min(_count, Math.Max((long)K * _options.SeedRowsPerCentre, 1024));
        var walk = new RowWalk(_count, ref _random);
        for (var i = 0; i < sample; i++) _order[i] = (int)walk.Next();
        var nearest = _distances.AsSpan(0, sample);
        nearest.Fill(float.MaxValue);
        Row(_order[0]).CopyTo(Centre(0));
        var perRound = Math.Clamp(K / 64, 1, Panels.Width);
        for (var (known, drawn) = (0, 1); drawn < K;)
        {
            Approach(known, drawn, sample);
            known = drawn;
            var round = Math.Min(perRound, K - drawn);
            for (var i = 0; i < round; i++) Row(_order[Draw(sample, drawn)]).CopyTo(Centre(drawn++));
        }
    }

    /// <summary>Lowers the distances of the sample to those from the centres [known, drawn).</summary>
    private void Approach(int known, int drawn, int sample)
    {
        using var panels = new Panels(drawn - known, _dimension);
        for (var c = known; c < drawn; c++) panels.SetNearest(c - known, Centre(c));
        Chunks.Run(sample, ChunkRows, _options.Threads, (from, to) =>
        {
            var scratchFloats = Panels.ScratchFloats(_dimension);
            using var scratch = new Scratch(scratchFloats + (long)(to - from) * (_dimension + 2));
            var rows = scratch.Floats + scratchFloats;
            var nearest = (int*)(rows + (long)(to - from) * _dimension);
            for (var i = from; i < to; i++) Row(_order[i]).CopyTo(new Span<float>(rows + (long)(i - from) * _dimension, _dimension));
            panels.Nearest(rows, to - from, _dimension, nearest, (float*)nearest + (to - from), scratch.Floats);
            for (var i = from; i < to; i++)
            {
                var distance = SquaredDistance(Row(_order[i]), Centre(known + nearest[i - from]));
                if (distance < _distances[i]) _distances[i] = distance;
            }
        }, _cancellationToken);
    }

    /// <summary>A place in the sample by its distance; when all lie on centres, the next row in turn.</summary>
    private int Draw(int sample, int drawn)
    {
        var total = 0.0;
        for (var i = 0; i < sample; i++) total += _distances[i];
        if (total <= 0) return drawn % sample;
        var target = _random.NextUnit() * total;
        for (var i = 0; i < sample; i++)
            if ((target -= _distances[i]) < 0) return Taken(i);
        return Taken(sample - 1);
    }

    /// <summary>A row that was drawn is not drawn again in the same round.</summary>
    private int Taken(int place)
    {
        _distances[place] = 0;
        return place;
    }

    private static float SquaredDistance(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var sum = Vector512<float>.Zero;
        var i = 0;
        for (; i <= a.Length - 16; i += 16)
        {
            var difference = Vector512.Create(a[i..]) - Vector512.Create(b[i..]);
            sum = Vector512.FusedMultiplyAdd(difference, difference, sum);
        }

        var rest = 0f;
        for (; i < a.Length; i++) rest = MathF.FusedMultiplyAdd(a[i] - b[i], a[i] - b[i], rest);
        // Folded by hand: the order of a library's sum depends on the width of the registers.
        var half = sum.GetLower() + sum.GetUpper();
        var quarter = half.GetLower() + half.GetUpper();
        return quarter[0] + quarter[1] + (quarter[2] + quarter[3]) + rest;
    }
}
