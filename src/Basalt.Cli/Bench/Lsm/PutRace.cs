using System.Runtime.ExceptionServices;

namespace Basalt.Cli.Bench.Lsm;

/// <summary>Threads that write single entries for a while, at most as many as were loaded, each entry once, with indexes that follow each other.</summary>
internal sealed class PutRace(Workload workload, KeyOrder order, TimeProvider time)
{
    private long _next, _end;
    private volatile bool _isOver;
    private ExceptionDispatchInfo? _fault;

    /// <summary>Entries per second, and the index behind the last one written.</summary>
    public (double PerSecond, long Next) Run(WritingWay way, int threads, long first, CancellationToken cancellationToken)
    {
        (_next, _end, _isOver, _fault) = (first, first + workload.Count, false, null);
        var writers = new List<IEntryWriter>();
        try
        {
            for (var i = 0; i < threads; i++) writers.Add(way.Open());
            using var start = new ManualResetEventSlim();
            var runners = writers.ConvertAll(writer => new Thread(() => Write(writer, start, cancellationToken)));
            foreach (var runner in runners) runner.Start();
            var started = time.GetTimestamp();
            start.Set();
            using var over = time.CreateTimer(_ => _isOver = true, null, workload.PutTime, Timeout.InfiniteTimeSpan);
            foreach (var runner in runners) runner.Join();
            var elapsed = time.GetElapsedTime(started);
            _fault?.Throw();
            cancellationToken.ThrowIfCancellationRequested();
            var next = Math.Min(_next, _end);
            return ((next - first) / elapsed.TotalSeconds, next);
        }
        finally
        {
            foreach (var writer in writers) writer.Dispose();
        }
    }

    private void Write(IEntryWriter writer, ManualResetEventSlim start, CancellationToken cancellationToken)
    {
        try
        {
            var entries = new EntrySource(workload, order);
            start.Wait(cancellationToken);
            while (!_isOver && !cancellationToken.IsCancellationRequested)
            {
                // Whoever took an index writes it: the entries have no gap.
                var index = Interlocked.Increment(ref _next) - 1;
                if (index >= _end) return;
                entries.Make(index);
                writer.Put(entries.Key, entries.Value);
            }
        }
        catch (Exception e)
        {
            // Told to the one who waits; the others stop.
            Interlocked.CompareExchange(ref _fault, ExceptionDispatchInfo.Capture(e), null);
            _isOver = true;
        }
    }
}
