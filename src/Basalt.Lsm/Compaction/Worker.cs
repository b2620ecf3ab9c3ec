namespace Basalt.Lsm.Compaction;

/// <summary>
/// A background thread for one kind of work: asked, it works until nothing is due, then sleeps. It starts when it is first asked. A failure
/// is kept, and the work tried again after pauses that double from 100 ms up to 30 s; success forgets it. Thread-safe.
/// </summary>
internal sealed class Worker(string name, Action work, Action failed, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private readonly Bell _bell = new(clock);
    private Thread? _thread;
    private bool _isAsked;
    private bool _isStopped;
    private Exception? _failure;
    private TimeSpan _pause;
    private long _failedAt;

    /// <summary>Why the work could not be done when it was last tried.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    /// <summary>Asks for the work to be done, or looked for, once more.</summary>
    public void Ask()
    {
        using (_bell.Lock())
        {
            if (_isStopped) return;
            _isAsked = true;
            if (_thread is null)
            {
                _thread = new Thread(Run) { Name = name, IsBackground = true };
                _thread.Start();
            }

            if (Failure is null) _bell.Ring();
        }
    }

    /// <summary>The work was done by somebody else, so what hindered it is gone.</summary>
    public void Forgive()
    {
        if (Failure is null) return;
        using (_bell.Lock())
        {
            Forget();
            _bell.Ring();
        }
    }

    /// <summary>Waits for the thread to end. The work itself must have been told before.</summary>
    public void Dispose()
    {
        using (_bell.Lock())
        {
            _isStopped = true;
            _bell.Ring();
        }

        // A callback of the work may close the store.
        if (_thread != Thread.CurrentThread) _thread?.Join();
    }

    private void Run()
    {
        while (WaitUntilAsked())
        {
            try
            {
                work();
                using (_bell.Lock()) Forget();
            }
            catch (Exception e)
            {
                using (_bell.Lock())
                {
                    _pause = _failure is null ? FirstPause : _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
                    _failedAt = clock.GetTimestamp();
                    Volatile.Write(ref _failure, e);
                    _isAsked = true;
                }

                failed();
            }
        }
    }

    private bool WaitUntilAsked()
    {
        using (_bell.Lock())
        {
            while (!_isStopped)
            {
                // A poisoned store stays so until it is opened again.
                var left = _failure is null ? TimeSpan.Zero : _failure is LsmException { Code: LsmErrorCode.Poisoned } ? TimeSpan.MaxValue : _pause - clock.GetElapsedTime(_failedAt);
                if (_isAsked && left <= TimeSpan.Zero)
                {
                    _isAsked = false;
                    return true;
                }

                _bell.Wait(_isAsked && left < TimeSpan.MaxValue ? left : null, default);
            }

            return false;
        }
    }

    private void Forget() => (_pause, _) = (TimeSpan.Zero, Interlocked.Exchange(ref _failure, null));
}
