using Basalt.Engine.Nearest;
using Basalt.Vectors;
using Basalt.Vectors.Flat;
using Basalt.Vectors.Hnsw;

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

    public int KeyOf(Hit hit) => hit.Part == Hit.Tail ? hit.Ordinal : _keys[hit.Part][hit.Ordinal];

    public bool IsNewest(int part, int ordinal) => _home[_keys[part][ordinal]] == part;

    public NearestOptions Options(bool isExact = false) => new() { Exact = isExact, Verify = IsNewest, KeyOrder = (left, right) => KeyOf(left).CompareTo(KeyOf(right)) };

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

    public IEnumerable<TailVector> Tail(Func<int, bool>? passes) =>
        Enumerable.Range(0, _newest.Length).Where(key => _home[key] == Hit.Tail && _newest[key] is not null && passes?.Invoke(key) != false).Select(key => new TailVector(key, _newest[key]));

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
        _flat.Dispose();
    }

    public static GraphOptions SmallGraph(HnswCodes codes) => new() { Kind = GraphKind.Hnsw, M = 4, EfConstruction = 20, Ef = 8, Codes = codes };
}
