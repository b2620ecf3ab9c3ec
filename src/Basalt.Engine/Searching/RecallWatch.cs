using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Basalt.Engine.Indexes;
using Basalt.Engine.Nearest;
using Basalt.Indexes;
using Basalt.Lsm;
using Basalt.Search;
using Basalt.Telemetry;

namespace Basalt.Engine.Searching;

/// <summary>
/// Runs one search by vector of so many once more, exactly and over what the first run saw, and keeps for each index how much was found. A thread of its own does it and rests nineteen times as long as it
/// works, so that it takes at most a twentieth of one processor. At most <see cref="MostWaiting"/> searches of an index wait, and hold a snapshot each meanwhile; others are not measured. Thread-safe.
/// </summary>
internal sealed class RecallWatch : IDisposable
{
    private const int MostWaiting = 2;
    private const int Window = 1000;
    private const int RestPerWork = 19;
    private static readonly TimeSpan LongestRest = TimeSpan.FromMinutes(1);
    private readonly int _every;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<uint, Watched> _watched = [];
    private readonly CancellationTokenSource _closing = new();
    private readonly AutoResetEvent _offered = new(false);
    private readonly Meter _meter = new(Operation.SourceName);
    private readonly Thread _thread;

    /// <param name="every">One search of so many is measured, the first with them; 1 or more.</param>
    /// <param name="time">What rests are measured by.</param>
    public RecallWatch(int every, TimeProvider time)
    {
        (_every, _time) = (every, time);
        _meter.CreateObservableGauge("basalt.search.recall", Measurements, "1", "The mean share of the exact neighbours that searches by vector found lately.");
        _thread = new Thread(Run) { Name = "Basalt.Engine recall", IsBackground = true };
        _thread.Start();
    }

    private sealed record Watched(string Collection, string Index, RecallMeter Meter);

    /// <summary>Takes a search if it is its turn and it can be told by the distances of its answer how much it found.</summary>
    /// <returns>Whether the snapshot was taken over, to be disposed of later.</returns>
    public bool Offer(CollectionSearch search, SearchRequest request, SearchAnswer answer, LsmSnapshot snapshot)
    {
        if (search.VectorIndex is not { } index || request.IsExact || request.K == 0 || request is not { Text: null, Diversity: null, GroupBy: null }) return false;
        var meter = _watched.GetOrAdd(index.Number, static (_, about) => new Watched(about.Collection, about.Name, new RecallMeter(about.Every, Window, MostWaiting)), (Collection: search.Collection, index.Definition.Name, Every: _every)).Meter;
        if (!meter.IsTurn()) return false;
        if (answer.Plan.IsExact)
        {
            meter.Note(1);
            return false;
        }

        // Both answers are of ids; each gets a number when it is met first.
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        List<Hit> Numbered(SearchAnswer found) => [.. found.Hits.Select(hit => new Hit(0, numbers.TryAdd(hit.Record.Id, numbers.Count) ? numbers.Count - 1 : numbers[hit.Record.Id], (float)hit.Distance!.Value))];
        var isTaken = meter.Offer(Numbered(answer), cancellationToken =>
        {
            using (snapshot) return Numbered(search.Run(request with { IsExact = true, Effort = null, Fields = [] }, cancellationToken));
        }, snapshot.Dispose);
        if (isTaken) _offered.Set();
        return isTaken;
    }

    /// <summary>What is known of an index; null before the first of its searches was measured.</summary>
    public IndexRecall? Of(IndexEntry index)
    {
        if (!_watched.TryGetValue(index.Number, out var watched) || watched.Meter.Estimate() is not { Searches: > 0 } known) return null;
        return new IndexRecall(known.Recall, known.Low, known.High, known.Searches, known.Dropped, known.Failed);
    }

    /// <summary>Measures what waits now, on this thread.</summary>
    public void Measure(CancellationToken cancellationToken)
    {
        foreach (var (_, watched) in _watched)
            while (MeasureNext(watched.Meter, cancellationToken)) cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        _closing.Cancel();
        _thread.Join();
        foreach (var (_, watched) in _watched) watched.Meter.Clear();
        _meter.Dispose();
        _offered.Dispose();
        _closing.Dispose();
    }

    private void Run()
    {
        var either = new[] { _offered, _closing.Token.WaitHandle };
        while (!_closing.IsCancellationRequested)
        {
            WaitHandle.WaitAny(either);
            foreach (var (_, watched) in _watched)
            {
                for (var started = _time.GetTimestamp(); !_closing.IsCancellationRequested && MeasureNext(watched.Meter, _closing.Token); started = _time.GetTimestamp())
                {
                    var rest = _time.GetElapsedTime(started) * RestPerWork;
                    _closing.Token.WaitHandle.WaitOne(rest < LongestRest ? rest : LongestRest);
                }
            }
        }
    }

    /// <summary>A search whose index is gone, or whose table is damaged, is counted as failed by the meter; who searches is told of it.</summary>
    private static bool MeasureNext(RecallMeter meter, CancellationToken cancellationToken)
    {
        try
        {
            return meter.MeasureNext(cancellationToken);
        }
        catch (Exception e) when (e is BasaltException or OperationCanceledException || EngineFaults.IsOfWorld(e))
        {
            return true;
        }
    }

    private IEnumerable<Measurement<double>> Measurements()
    {
        foreach (var (_, (collection, index, meter)) in _watched)
            if (meter.Estimate() is { Searches: > 0 } known) yield return new Measurement<double>(known.Recall, new("db.collection.name", collection), new("basalt.index", index));
    }
}
