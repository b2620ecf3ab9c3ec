namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    private const int ProbeBytes = 1 << 20;
    private static readonly TimeSpan ProbePause = TimeSpan.FromSeconds(1);

    /// <summary>Taken to look for space, and to close: nothing is written behind the end of the store.</summary>
    private readonly Lock _probing = new();
    private Exception? _full;
    private ITimer? _probeTimer;

    /// <summary>Whether there is no space on the disk: writes are refused at once, and space is looked for every second.</summary>
    public bool IsFull => Volatile.Read(ref _full) is not null;

    /// <summary>
    /// A step was taken back because there is no space. From now on writes fail at once, as half of what they would write may fit; the log is as it was before the step, and
    /// so is all that was acknowledged.
    /// </summary>
    private LsmException BecomeFull(Exception cause)
    {
        Volatile.Write(ref _full, cause);
        lock (_probing)
        {
            if (!_isClosed)
            {
                _probeTimer ??= _options.TimeProvider.CreateTimer(_ => Probe(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _probeTimer.Change(ProbePause, Timeout.InfiniteTimeSpan);
            }
        }

        // Who waits for room goes on, and is told.
        _admission.Ring();
        return LsmException.DiskFull(_names.Folder, cause);
    }

    /// <summary>Looks whether there is space again, by taking some.</summary>
    internal void Probe()
    {
        lock (_probing)
        {
            if (_isClosed || !IsFull) return;
            try
            {
                using (var file = _disk.Create(_names.ProbePath))
                {
                    file.Append(new byte[ProbeBytes]);
                    file.Sync();
                }

                _disk.Delete(_names.ProbePath);
                Volatile.Write(ref _full, null);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                TryDelete(_names.ProbePath);
                _probeTimer?.Change(ProbePause, Timeout.InfiniteTimeSpan);
                return;
            }
        }

        // What could not be written out meanwhile.
        _flusher.Forgive();
        _merger.Forgive();
        if (!_options.RunsMaintenanceInline && (IsMemoryFull || Volatile.Read(ref _frozen) is not null)) _flusher.Ask();
    }

    private void StopProbing()
    {
        lock (_probing) _probeTimer?.Dispose();
    }

    private void ThrowIfFull()
    {
        if (Volatile.Read(ref _full) is { } cause) throw LsmException.DiskFull(_names.Folder, cause);
    }
}
