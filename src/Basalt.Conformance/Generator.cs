namespace Basalt.Conformance;

/// <summary>
/// Draws records, filters and queries over a few fields that hold mixed types, from pools that are small enough for filters to match. The same seed
/// draws the same. Not thread-safe.
/// </summary>
public sealed class Generator
{
    /// <summary>The environment variable that repeats a run: the seed that a failure printed.</summary>
    public const string SeedVariable = "BASALT_SEED";

    private static readonly string[] Names = ["n", "text", "mixed", "when", "tags", "or", "odd name.\"x\"", "nested"];
    private static readonly string[] Patterns = ["%", "", "a%", "%a", "%a%", "_", "__", "%\\%%", "a_%", "%\n%", "A%", "\\\\%", "%ä", "%'%", "it_s"];

    private readonly Random _random;

    /// <summary>A generator that draws what this seed means.</summary>
    public Generator(int seed)
    {
        Seed = seed;
        _random = new Random(seed);
    }

    /// <summary>What it draws from.</summary>
    public int Seed { get; }

    /// <summary>The seed of this run: that of <see cref="SeedVariable"/>, or a new one.</summary>
    public static int SeedOfRun { get; } =
        Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } text ? int.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : Random.Shared.Next();

    /// <summary>A number from 0 up to, and not including, the bound.</summary>
    public int Next(int bound) => _random.Next(bound);

    /// <summary>One of the items.</summary>
    public T Pick<T>(IReadOnlyList<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        return items[_random.Next(items.Count)];
    }

    /// <summary>A record with that id; every field may be missing.</summary>
    public Record Record(string id)
    {
        var fields = new ValueMapBuilder();
        foreach (var name in Names)
            if (_random.Next(5) > 0) fields.Set(name, ValueFor(name));
        return new Record(id, fields.Build());
    }

    /// <summary>Any value, nested up to that depth.</summary>
    public Value Value(int depth = 2) => _random.Next(depth > 0 ? 10 : 8) switch
    {
        < 3 => Pick(Specimens.Numbers),
        < 6 => Pick(Specimens.Texts),
        < 8 => Pick(Specimens.Others),
        8 => Records.Value.FromList(Enumerable.Range(0, _random.Next(4)).Select(_ => Value(depth - 1))),
        _ => Map(depth - 1),
    };

    /// <summary>A condition of at most that depth.</summary>
    public Filter Filter(int depth = 3) => depth == 0 ? Leaf() : _random.Next(6) switch
    {
        0 => Basalt.Filters.Filter.And(Terms(depth)),
        1 => Basalt.Filters.Filter.Or(Terms(depth)),
        2 => !Filter(depth - 1),
        3 when _random.Next(6) == 0 => _random.Next(2) == 0 ? Basalt.Filters.Filter.True : Basalt.Filters.Filter.False,
        _ => Leaf(),
    };

    /// <summary>A query without a cursor.</summary>
    public Query Query() => new()
    {
        Filter = _random.Next(5) == 0 ? Basalt.Filters.Filter.True : Filter(),
        Sort = [.. Enumerable.Range(0, _random.Next(3)).Select(_ => new SortKey(Path(), _random.Next(2) == 0))],
        Fields = _random.Next(3) == 0 ? [.. Enumerable.Range(0, _random.Next(4)).Select(_ => Path())] : null,
        Limit = _random.Next(2) == 0 ? _random.Next(12) : null,
        Offset = _random.Next(3) == 0 ? _random.Next(12) : 0,
    };

    /// <summary>A path to a field that records may have, or to one of the store's own properties.</summary>
    public FieldPath Path() => _random.Next(14) switch
    {
        0 => FieldPath.Id,
        1 => FieldPath.Of("nested", "x"),
        2 => FieldPath.Of("nested", "y", "z"),
        3 => FieldPath.Of("missing"),
        _ => FieldPath.Of(Pick(Names)),
    };

    private Filter[] Terms(int depth) => [.. Enumerable.Range(0, 1 + _random.Next(3)).Select(_ => Filter(depth - 1))];

    private Filter Leaf()
    {
        var path = Path();
        var name = path.Segments.Count > 0 ? path.Segments[0] : "text";
        return _random.Next(11) switch
        {
            0 => new NullFilter(path, _random.Next(2) == 0),
            1 => new InFilter(path, Literals(name), _random.Next(2) == 0),
            2 => new HasFilter(path, Literals("mixed"), _random.Next(2) == 0),
            3 => new LikeFilter(path, Pick(Patterns), _random.Next(2) == 0, _random.Next(2) == 0),
            4 => new TextFilter(path, Pick(Enum.GetValues<TextPosition>()), Pick(Specimens.Texts)),
            5 => Between(path, name),
            _ => new CompareFilter(path, Pick(Enum.GetValues<Comparison>()), Literal(name)),
        };
    }

    private BetweenFilter Between(FieldPath path, string name)
    {
        while (true)
        {
            var (low, high) = (Literal(name), Literal(name));
            if (low.Kind == high.Kind || (low.IsNumber && high.IsNumber)) return new BetweenFilter(path, low, high, _random.Next(2) == 0);
        }
    }

    private Value[] Literals(string name) => [.. Enumerable.Range(0, _random.Next(4)).Select(_ => Literal(name))];

    private Value Literal(string name)
    {
        while (true)
        {
            var value = _random.Next(4) == 0 ? Value(1) : ValueFor(name);
            if (!value.IsNull) return value;
        }
    }

    private Value ValueFor(string name) => name switch
    {
        "n" => Pick(Specimens.Numbers),
        "text" => Pick(Specimens.Texts),
        "when" => Pick(Specimens.Others),
        "tags" => Records.Value.FromList(Enumerable.Range(0, _random.Next(3)).Select(_ => Value(0))),
        "nested" => _random.Next(6) == 0 ? Value(1) : Map(1),
        "or" => _random.Next(3),
        _ => Value(1),
    };

    private Value Map(int depth)
    {
        var map = new ValueMapBuilder();
        if (_random.Next(3) > 0) map.Set("x", Value(depth));
        if (_random.Next(3) > 0) map.Set("y", depth > 0 ? new ValueMapBuilder().Set("z", Value(0)).Build() : Value(0));
        return map.Build();
    }
}
