using Basalt.Engine.Indexes;
using Basalt.Engine.Nearest;
using Basalt.Engine.Records;
using Basalt.Filters;
using Basalt.Lsm;
using Basalt.Records;
using Basalt.Search;
using Basalt.Vectors;

namespace Basalt.Engine.Searching;

/// <summary>A record that was found, with its score: more is better.</summary>
internal readonly record struct Found(Record Record, double Score);

/// <summary>The records of a view that are nearest to a vector, by the segments of an index and, where these are not there yet, one by one.</summary>
internal sealed class VectorSearch(SearchView view, HeldSections held, Matching matching, IndexEntry index, SearchRequest request)
{
    private const double FewPass = 0.25;
    private const int EffortWhereFewPass = 160;
    private readonly int _dimension = index.Definition.Dimension!.Value;
    private readonly List<int> _parts = [];
    private readonly List<SegmentPart> _segments = [];
    private readonly List<TailPart> _memory = [];
    private readonly List<Record> _late = [];
    private int _memoryRows;
    private bool _isGathered;

    /// <summary>Whether nothing nearer can have been missed by the last run.</summary>
    public bool IsExact { get; private set; }

    /// <summary>The k nearest.</summary>
    /// <param name="query">As many elements as the index has dimensions.</param>
    /// <param name="k">How many.</param>
    /// <param name="steps">Takes what was done, in words.</param>
    public List<Found> Run(ReadOnlyMemory<float> query, int k, SearchSteps steps)
    {
        Gather();
        var isPlain = request.Like is null && view.Filter == Filter.True && _memory.Count == 0 && _parts.TrueForAll(view.IsNewestOfAll);
        var options = new NearestOptions
        {
            Exact = request.IsExact,
            Effort = request.Effort ?? UsualEffort(),
            Verify = isPlain ? null : (at, ordinal) => at == Hit.Tail ? Counts(ordinal) : view.Read(_parts[at], ordinal) is { } record && record.Id != request.Like,
            // So that the answer does not depend on which table a record is in.
            KeyOrder = (left, right) => Text.Compare(Id(left), Id(right)),
            CancellationToken = view.CancellationToken,
        };
        var search = held.Search(index);
        var tail = _memory.Count + _late.Count == 0 ? null : new Tail(_memory.ConvertAll(static part => part.Rows), Vectors());
        var answer = request.MaxDistance is { } far ? search.Within(query.Span, far, _segments, tail, options) : search.Nearest(query.Span, k, _segments, tail, options);
        IsExact = answer.IsExact;
        Tell(answer, steps);
        var found = new List<Found>(Math.Min(k, answer.Hits.Count));
        if (isPlain && _late.Count == 0 && _parts.Count > 0)
        {
            var records = view.ReadCounting(_parts[0], [.. answer.Hits.Take(k).Select(static hit => hit.Ordinal)]);
            for (var i = 0; i < records.Length; i++) found.Add(new Found(records[i]!, -answer.Hits[i].Distance));
            return found;
        }

        // What was verified has been read already.
        foreach (var hit in answer.Hits.Take(k)) found.Add(new Found(hit.Part == Hit.Tail ? ReadTail(hit.Ordinal) : view.Read(_parts[hit.Part], hit.Ordinal)!, -hit.Distance));
        return found;
    }

    /// <summary>Where few pass, a walk from what passes to what passes sees less of the surroundings, and finds as much with more candidates. Zero: each graph's own number.</summary>
    private int UsualEffort()
    {
        var (allowed, rows) = (0L, 0L);
        foreach (var part in _segments.Where(static part => part.Segment.Graph is not null)) (allowed, rows) = (allowed + (part.Allowed?.Count ?? part.Segment.Entries), rows + part.Segment.Entries);
        return allowed < rows * FewPass ? EffortWhereFewPass : 0;
    }

    private void Gather()
    {
        if (_isGathered) return;
        _isGathered = true;
        _late.AddRange(view.Own.Where(record => record.Id != request.Like));
        foreach (var memtable in view.Memory)
        {
            var part = view.Rows(memtable, index);
            if (part.Rows.Count > 0) _memory.Add(part);
            _memoryRows += part.Rows.Count;
            // What the account of memory had no room for.
            for (var place = part.Read; memtable.TryNext(ref place);)
                if (Counts(memtable, place)) _late.Add(view.ReadMemory(memtable, place));
        }

        for (var part = 0; part < view.Tables.Count; part++)
        {
            if (held.Of(part, index)?.Segment is { } segment)
            {
                _parts.Add(part);
                _segments.Add(new SegmentPart(segment, matching.ForSearch(part), view.Gone(part)));
            }
            else _late.AddRange(view.Entries(part).Where(record => record.Id != request.Like));
        }
    }

    private bool Counts(int number) => Place(number) is var (part, place) && Counts(part.Memtable, place);

    /// <summary>Whether an entry in memory is the newest of its key, and its record matches.</summary>
    private bool Counts(LsmMemtable memtable, MemoryPlace place) =>
        memtable.Counts(place) && !view.Hides(memtable.Key(place)) && view.Matches(memtable.Key(place), memtable.Value(place)) && (request.Like is null || RecordReader.Id(memtable.Key(place)) != request.Like);

    private Record ReadTail(int number)
    {
        if (number >= _memoryRows) return _late[number - _memoryRows];
        var (part, place) = Place(number);
        return view.ReadMemory(part.Memtable, place);
    }

    /// <summary>Where the row of a number is.</summary>
    private (TailPart Part, MemoryPlace Place) Place(int number)
    {
        var at = 0;
        for (; number >= _memory[at].Rows.Count; at++) number -= _memory[at].Rows.Count;
        return (_memory[at], _memory[at].Places[number]);
    }

    private string Id(Hit hit)
    {
        if (hit.Part != Hit.Tail) return view.Id(_parts[hit.Part], hit.Ordinal);
        if (hit.Ordinal >= _memoryRows) return _late[hit.Ordinal - _memoryRows].Id;
        var (part, place) = Place(hit.Ordinal);
        return RecordReader.Id(part.Memtable.Key(place));
    }

    private IEnumerable<TailVector> Vectors()
    {
        for (var i = 0; i < _late.Count; i++)
        {
            if (index.Definition.Path.Resolve(_late[i]) is { Kind: ValueKind.Vector } value && VectorRules.Check(value.AsVector.Span, _dimension, index.Metric, ElementType.Float32) == VectorFault.None)
                yield return new TailVector(_memoryRows + i, value.AsVector);
        }
    }

    private void Tell(NearestAnswer answer, SearchSteps steps)
    {
        for (var i = 0; i < _parts.Count; i++)
        {
            var (report, table) = (answer.Segments[i], view.Tables[_parts[i]].Number);
            var parts = _segments[i].Segment.Graph is { Count: > 1 } several ? $" in {several.Count} parts" : "";
            steps.Add(() => $"vector {index.Definition.Path}, table {table}: {report.Way} of {report.Matching} of {report.Rows} vectors{parts}, {report.Statistics.Distances} distances, {report.Statistics.Rescored} measured again, {report.Verified} records looked at, {report.Dropped} of them did not count");
        }

        if (answer.TailVectors > 0) steps.Add(() => $"vector {index.Definition.Path}: {answer.TailVectors} that are not in an index measured one by one");
    }
}
