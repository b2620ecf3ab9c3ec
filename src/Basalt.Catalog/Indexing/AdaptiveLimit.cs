namespace Basalt.Catalog.Indexing;

/// <summary>
/// How many files may be read at once: additive increase, multiplicative decrease, as TCP does it (Chiu and Jain, Analysis of the increase and decrease algorithms, 1989). A refusal halves the number
/// once for all that were under way; as many successes as the number is add one.
/// </summary>
internal sealed class AdaptiveLimit(int start, int most) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _free = new(start);
    private int _limit = start;
    private int _owed;
    private int _successes;
    private int _underWayAtCut;

    public int Limit
    {
        get
        {
            lock (_gate) return _limit;
        }
    }

    public Task EnterAsync(CancellationToken cancellationToken) => _free.WaitAsync(cancellationToken);

    /// <summary>Ends what was entered.</summary>
    public void Leave(bool wasRefused)
    {
        lock (_gate)
        {
            if (_underWayAtCut > 0) _underWayAtCut--;
            else if (wasRefused) Cut();
            if (!wasRefused && ++_successes >= _limit && _limit < most) Grow();
            // What is owed is taken from those that leave.
            if (_owed > 0) _owed--;
            else _free.Release();
        }
    }

    public void Dispose() => _free.Dispose();

    private void Cut()
    {
        var lower = Math.Max(1, _limit / 2);
        _owed += _limit - lower;
        _underWayAtCut = _limit - 1;
        (_limit, _successes) = (lower, 0);
    }

    private void Grow()
    {
        _limit++;
        _successes = 0;
        if (_owed > 0) _owed--;
        else _free.Release();
    }
}
