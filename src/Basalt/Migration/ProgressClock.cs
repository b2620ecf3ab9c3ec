namespace Basalt.Migration;

/// <summary>Reports the progress of one phase, not more often than ten times a second.</summary>
internal sealed class ProgressClock
{
    private static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);
    private readonly IProgress<MoveProgress>? _listener;
    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly MovePhase _phase;
    private readonly long _resumed;
    private TimeSpan _next;

    public ProgressClock(IProgress<MoveProgress>? listener, TimeProvider time, MovePhase phase, long resumedRecords = 0)
    {
        _listener = listener;
        _time = time;
        _phase = phase;
        _resumed = resumedRecords;
        _started = time.GetTimestamp();
        _next = Pace;
    }

    public void Report(long records, long bytes, long? totalRecords, long? totalBytes, bool isLast = false)
    {
        if (_listener is null) return;
        var elapsed = _time.GetElapsedTime(_started);
        if (elapsed < _next && !isLast) return;
        _next = elapsed + Pace;
        _listener.Report(new MoveProgress(_phase, records, bytes, totalRecords, totalBytes, elapsed) { ResumedRecords = _resumed });
    }
}
