using Basalt.Engine.Nearest;
using Basalt.Vectors;
using Basalt.Vectors.Flat;
using Basalt.Vectors.Hnsw;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Engine.Nearest;

/// <summary>
/// Keys whose newest versions lie in any of several segments or in the tail, with older versions in other segments: some known to be dead, the others found out by asking.
/// Beside it one flat index of what is alive, in the order of keys.
/// </summary>
internal sealed class ScatteredVectors : IDisposable
{
    private readonly List<HeldSegment> _held = [];
    private readonly List<List<int>> _keys = [];
    private readonly float[]?[] _newest;
    private readonly int[] _home;
    private readonly List<int> _alive = [];
    private readonly List<VectorBuffer> _rows = [];
    private readonly List<int> _tail = [];
    private readonly HashSet<int> _deadRows = [];
    private readonly FlatIndex _flat;

    public ScatteredVectors(Random random, Metric metric, int keys, int segments, double tailShare, double oldShare, double emptyShare, Func<float[]> next, Func<int, GraphOptions?> options)
    {
        Metric = metric;
        (_newest, _home) = (new float[]?[keys], new int[keys]);
        for (var key = 0; key < keys; key++)
        {
            _home[key] = segments == 0 || random.NextDouble() < tailShare ? Hit.Tail : random.Next(segments);
            _newest[key] = random.NextDouble() < emptyShare ? null : next();
        }

        for (var part = 0; part < segments; part++)
        {
            var (numbers, entries) = (new List<int>(), new List<float[]?>());
            var dead = new OrdinalSet(keys);
            for (var key = 0; key < keys; key++)
            {
                var isNewest = _home[key] == part;
                if (!isNewest && random.NextDouble() >= oldShare) continue;
                if (!isNewest && random.Next(2) == 0) dead.Add(numbers.Count);
                numbers.Add(key);
                entries.Add(isNewest ? _newest[key] : random.NextDouble() < emptyShare ? null : next());
            }

            _keys.Add(numbers);
            _held.Add(HeldSegment.Of(entries, metric, entries.Exists(static e => e is not null) ? options(part) : null, dimension: next().Length));
            Dead.Add(dead);
        }

        _flat = new FlatIndex(metric, next().Length);
        FillRows(random, oldShare, next);
        for (var key = 0; key < keys; key++)
        {
            if (_newest[key] is not { } vector) continue;
            _alive.Add(key);
            _flat.Add(vector);
        }

        Search = new NearestSearch(metric, ElementType.Float32, _flat.Dimension);
    }

    public Metric Metric { get; }

    public NearestSearch Search { get; }

    public List<OrdinalSet> Dead { get; } = [];

    public IEnumerable<HeldSegment> Held => _held;

    public int KeyOf(Hit hit) => hit.Part == Hit.Tail ? _tail[hit.Ordinal] : _keys[hit.Part][hit.Ordinal];

    public bool IsNewest(int part, int ordinal) => part == Hit.Tail ? !_deadRows.Contains(ordinal) : _home[_keys[part][ordinal]] == part;

    public NearestOptions Options(bool isExact = false, Func<int, bool>? passes = null) => new()
    {
        Exact = isExact,
        Verify = (part, ordinal) => IsNewest(part, ordinal) && (part != Hit.Tail || passes?.Invoke(_tail[ordinal]) != false),
        KeyOrder = (left, right) => KeyOf(left).CompareTo(KeyOf(right)),
    };

    public List<SegmentPart> Parts(Func<int, bool>? passes)
    {
        var parts = new List<SegmentPart>();
        for (var part = 0; part < _held.Count; part++)
        {
            OrdinalSet? allowed = null;
            if (passes is not null)
            {
                allowed = new OrdinalSet(_keys[part].Count);
                for (var i = 0; i < allowed.Capacity; i++)
                    if (passes(_keys[part][i])) allowed.Add(i);
            }

            parts.Add(new SegmentPart(_held[part].Segment, allowed, Dead[part].Count == 0 ? null : Dead[part]));
        }

        return parts;
    }

    /// <summary>Two lists of rows in no order of keys, with older versions among them, and vectors that are given one by one.</summary>
    public Tail Tail(Func<int, bool>? passes) => new([.. _rows.Select(static rows => rows.Rows)], Late(passes));

    /// <summary>All that is alive and passes, by distance, then by key.</summary>
    public List<(int Key, float Distance)> Expected(float[] query, Func<int, bool>? passes)
    {
        var all = new Neighbour[_alive.Count];
        var found = _flat.Search(query, all, default, out _);
        return [.. all.Take(found).Order().Select(n => (_alive[n.Ordinal], n.Distance)).Where(n => passes?.Invoke(n.Item1) != false)];
    }

    public void Dispose()
    {
        foreach (var held in _held) held.Dispose();
        foreach (var rows in _rows) rows.Dispose();
        _flat.Dispose();
    }

    private void FillRows(Random random, double oldShare, Func<float[]> next)
    {
        var late = new List<int>();
        var arrivals = new List<(int Key, bool IsDead)>();
        foreach (var key in Enumerable.Range(0, _newest.Length).Where(key => _home[key] == Hit.Tail))
        {
            if (_newest[key] is not null)
            {
                if (random.Next(3) == 0) late.Add(key);
                else arrivals.Add((key, false));
            }

            if (random.NextDouble() < oldShare) arrivals.Add((key, true));
        }

        var shuffled = arrivals.ToArray();
        random.Shuffle(shuffled);
        var first = random.Next(shuffled.Length + 1);
        for (var i = 0; i < shuffled.Length; i++)
        {
            if (i == 0 || i == first) _rows.Add(new VectorBuffer(ElementType.Float32, _flat.Dimension));
            _rows[^1].Add(shuffled[i].IsDead ? next() : _newest[shuffled[i].Key]!, Metric);
            if (shuffled[i].IsDead) _deadRows.Add(i);
            _tail.Add(shuffled[i].Key);
        }

        _tail.AddRange(late);
    }

    private IEnumerable<TailVector> Late(Func<int, bool>? passes) =>
        Enumerable.Range(_rows.Sum(static rows => rows.Count), _tail.Count - _rows.Sum(static rows => rows.Count)).Where(number => passes?.Invoke(_tail[number]) != false).Select(number => new TailVector(number, _newest[_tail[number]]));

    public static GraphOptions SmallGraph(HnswCodes codes) => new() { Kind = GraphKind.Hnsw, M = 4, EfConstruction = 20, Ef = 8, Codes = codes };
}
