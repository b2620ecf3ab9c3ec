using System.Runtime.InteropServices;
using Basalt.Engine.Scalars;
using Basalt.Filters;
using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;
using Basalt.Records;
using Basalt.Vectors;
using BenchmarkDotNet.Attributes;

namespace Basalt.Benchmarks;

/// <summary>A scalar index of a million entries: building it, a range of a hundredth, one value, an estimate, the first hundred in order. Its bytes are printed.</summary>
public unsafe class ScalarIndexBenchmarks
{
    private const int Count = 1_000_000;
    private readonly Value[] _values = new Value[Count];
    private readonly OrdinalSet _found = new(Count);
    private LeafFilter _range = new NullFilter("f");
    private LeafFilter _one = new NullFilter("f");
    private LeafFilter _pattern = new NullFilter("f");
    private ScalarSection? _section;
    private void* _memory;

    [Params("double", "time", "integer", "genre", "flag", "title")]
    public string Field { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        for (var i = 0; i < Count; i++)
        {
            _values[i] = Field switch
            {
                "double" => random.NextDouble(),
                "time" => DateTimeOffset.UnixEpoch.AddMilliseconds(i * 250L),
                "integer" => random.Next(Count),
                "genre" => $"genre {random.Next(100)}",
                "flag" => random.Next(2) == 0,
                _ => $"The title of film {random.Next(Count / 2)}, part {random.Next(4)}",
            };
        }

        var sorted = (Value[])_values.Clone();
        Array.Sort(sorted);
        _range = new BetweenFilter("f", sorted[Count / 2], sorted[Count / 2 + Count / 100]);
        _one = new CompareFilter("f", Comparison.Equal, sorted[Count / 3]);
        _pattern = new TextFilter("f", TextPosition.Anywhere, "film 77");
        var disk = new MemoryFileSystem();
        Write(disk);
        using var file = disk.Open("f");
        var bytes = new byte[file.Length];
        file.Read(0, bytes);
        _memory = NativeMemory.AlignedAlloc((nuint)bytes.Length, 4096);
        bytes.CopyTo(new Span<byte>(_memory, bytes.Length));
        _section = ScalarSection.Open((byte*)_memory, bytes.Length, Count);
        Console.WriteLine($"// {Field}: {bytes.Length} bytes, {_section.Distinct} values");
    }

    [GlobalCleanup]
    public void Cleanup() => NativeMemory.AlignedFree(_memory);

    [Benchmark]
    public void Build() => Write(new MemoryFileSystem());

    [Benchmark]
    public int Range() => Find(_range);

    [Benchmark]
    public int One() => Find(_one);

    [Benchmark]
    public int Pattern() => Find(_pattern);

    [Benchmark]
    public (long Least, long Most) Estimate() => _section!.Estimate(_range);

    [Benchmark]
    public long FirstHundred()
    {
        var sum = 0L;
        var cursor = _section!.Walk(new NullFilter("f", negated: true), descending: true)!;
        for (var i = 0; i < 100 && cursor.Read(); i++) sum += cursor.Ordinal;
        return sum;
    }

    private int Find(LeafFilter leaf)
    {
        _found.Clear();
        _section!.Find(leaf, _found);
        return _found.Count;
    }

    private void Write(MemoryFileSystem disk)
    {
        var builder = new ScalarBuilder();
        for (var i = 0; i < Count; i++) builder.Add(i, _values[i]);
        using var file = new TableFile(disk.Create("f"));
        builder.Finish(new SectionWriter(file, null), Count);
        file.Sync();
    }
}
