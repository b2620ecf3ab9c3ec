namespace Basalt.Engine.Nearest;

/// <summary>
/// How much of what is nearest searches find: every n-th one is kept until somebody has time to search once more, exactly, and compares. It holds at most so many searches
/// that wait, and the outcomes of the last ones, 4 bytes each. Thread-safe.
/// </summary>
internal sealed class RecallMeter
{
    // Scores are summed in another order here and there, so equal distances may differ in the last bits.
    private const float Tolerance = 1e-5f;
    private readonly Lock _gate = new();
    private readonly Queue<Sample> _waiting = new();
    private readonly int _every;
    private readonly int _mostWaiting;
    private readonly float[] _recalls;
    private ulong _asked;
    private long _measured;
    private long _dropped;
    private long _failed;

    /// <param name="every">Which searches are sampled: the first, then every so many, 1 or more; 1 takes all.</param>
    /// <param name="window">How many measured searches the estimate is of, the latest; 1 or more.</param>
    /// <param name="mostWaiting">How many searches may wait to be measured, 1 or more; what comes while so many wait is counted and not kept.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is less than one.</exception>
    public RecallMeter(int every, int window = 1000, int mostWaiting = 16)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(every, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(window, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(mostWaiting, 1);
        (_every, _mostWaiting, _recalls) = (every, mostWaiting, new float[window]);
    }

    /// <summary>Counts a search, and says whether it is to be offered. The n-th call has the n-th turn, whichever thread makes it.</summary>
    public bool IsTurn() => (Interlocked.Increment(ref _asked) - 1) % (uint)_every == 0;

    /// <summary>Keeps a search until it is measured.</summary>
    /// <param name="found">What it found.</param>
    /// <param name="exact">Searches for the same once more, exactly, in what the first search saw; it may keep a snapshot alive until it was called.</param>
    /// <param name="drop">Called when it will not be measured; null when nothing is held.</param>
    /// <returns>False when too many wait already.</returns>
    public bool Offer(IReadOnlyList<Hit> found, Func<CancellationToken, IReadOnlyList<Hit>> exact, Action? drop = null)
    {
        ArgumentNullException.ThrowIfNull(found);
        ArgumentNullException.ThrowIfNull(exact);
        lock (_gate)
        {
            if (_waiting.Count == _mostWaiting)
            {
                _dropped++;
                return false;
            }

            _waiting.Enqueue(new Sample(found, exact, drop));
            return true;
        }
    }

    /// <summary>Measures the search that waits longest.</summary>
    /// <returns>False when none waits.</returns>
    /// <exception cref="OperationCanceledException">The token asked for it; the search is counted as failed, as what else the exact search throws.</exception>
    public bool MeasureNext(CancellationToken cancellationToken = default)
    {
        Sample sample;
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out sample)) return false;
        }

        var isMeasured = false;
        try
        {
            var exact = sample.Exact(cancellationToken);
            Note(exact.Count == 0 ? 1 : (float)Common(sample.Found, exact) / exact.Count);
            return isMeasured = true;
        }
        finally
        {
            if (!isMeasured)
                lock (_gate) _failed++;
        }
    }

    /// <summary>What is known now.</summary>
    public RecallEstimate Estimate()
    {
        lock (_gate)
        {
            var count = (int)Math.Min(_measured, _recalls.Length);
            var sum = 0.0;
            for (var i = 0; i < count; i++) sum += _recalls[i];
            var recall = count == 0 ? double.NaN : sum / count;
            var (low, high) = count == 0 ? (0, 1) : WilsonInterval(recall, count);
            return new RecallEstimate(recall, low, high, count, _measured, _waiting.Count, _dropped, _failed);
        }
    }

    /// <summary>
    /// The 95 % score interval of a mean of numbers from 0 to 1 (Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927). A number between them varies less
    /// than one that is either, so the interval is rather too wide than too narrow.
    /// </summary>
    public static (double Low, double High) WilsonInterval(double mean, long count)
    {
        const double z = 1.959963984540054;
        var square = z * z / count;
        var centre = (mean + square / 2) / (1 + square);
        var half = z / (1 + square) * Math.Sqrt(mean * (1 - mean) / count + square / (4 * count));
        return (Math.Max(0, centre - half), Math.Min(1, centre + half));
    }

    /// <summary>How many of the exact ones, or others that are as near, were found.</summary>
    private static int Common(IReadOnlyList<Hit> found, IReadOnlyList<Hit> exact)
    {
        var farthest = exact[^1].Distance;
        var limit = farthest + Math.Abs(farthest) * Tolerance;
        var wanted = exact.Select(static hit => (hit.Part, hit.Ordinal)).ToHashSet();
        var common = found.DistinctBy(static hit => (hit.Part, hit.Ordinal)).Count(hit => wanted.Contains((hit.Part, hit.Ordinal)) || hit.Distance <= limit);
        return Math.Min(common, exact.Count);
    }

    /// <summary>Lets go of the searches that wait.</summary>
    public void Clear()
    {
        lock (_gate)
            while (_waiting.TryDequeue(out var sample)) sample.Drop?.Invoke();
    }

    /// <summary>Takes a search that is known to have found such a share.</summary>
    public void Note(float recall)
    {
        lock (_gate) _recalls[_measured++ % _recalls.Length] = recall;
    }

    private readonly record struct Sample(IReadOnlyList<Hit> Found, Func<CancellationToken, IReadOnlyList<Hit>> Exact, Action? Drop);
}

/// <summary>A recall as it was measured lately.</summary>
/// <param name="Recall">The mean share of the exact neighbours that searches found; NaN before the first was measured.</param>
/// <param name="Low">The lower end of its 95 % confidence interval.</param>
/// <param name="High">The upper end.</param>
/// <param name="Searches">How many searches it is of.</param>
/// <param name="Measured">How many were ever measured.</param>
/// <param name="Waiting">How many wait.</param>
/// <param name="Dropped">How many were not kept, as too many waited.</param>
/// <param name="Failed">How many exact searches threw.</param>
internal readonly record struct RecallEstimate(double Recall, double Low, double High, int Searches, long Measured, int Waiting, long Dropped, long Failed);
