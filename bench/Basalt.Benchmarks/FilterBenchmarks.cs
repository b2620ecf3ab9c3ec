using Basalt.Filters;
using Basalt.Records;
using BenchmarkDotNet.Attributes;

namespace Basalt.Benchmarks;

/// <summary>A filter over records of one shape: the definition against the compiled form. One operation is one record.</summary>
[MemoryDiagnoser]
public class FilterBenchmarks
{
    private const int Count = 10_000;
    private readonly Record[] _records = new Record[Count];
    private Filter _filter = Filter.True;
    private Predicate<Record> _compiled = static _ => true;

    [Params("year = 1990", "genre = 'Drama'", "year >= 1990 and rating > 7.5 and genre in ('Drama', 'Comedy')", "title like '%the%'")]
    public string Text { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        string[] genres = ["Drama", "Comedy", "Action", "Horror"];
        for (var i = 0; i < Count; i++)
        {
            _records[i] = new Record { Id = $"{i}", ["title"] = $"film {i} the best", ["year"] = random.Next(1950, 2020), ["rating"] = random.NextDouble() * 10, ["genre"] = genres[random.Next(4)] };
        }

        _filter = Filter.Parse(Text);
        _compiled = _filter.Compile();
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public int Definition()
    {
        var matches = 0;
        foreach (var record in _records)
            if (_filter.Matches(record)) matches++;
        return matches;
    }

    [Benchmark(OperationsPerInvoke = Count)]
    public int Compiled()
    {
        var matches = 0;
        foreach (var record in _records)
            if (_compiled(record)) matches++;
        return matches;
    }
}
