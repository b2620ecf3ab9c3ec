using System.Runtime.InteropServices;
using Basalt.Conformance;
using Basalt.Engine.Scalars;
using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;
using Basalt.Records;
using Basalt.Vectors;

namespace Basalt.Tests.Engine.Scalars;

/// <summary>A section over given values, one an entry, in memory that ends with it.</summary>
internal sealed unsafe class ScalarSample : IDisposable
{
    private readonly void* _memory;

    public ScalarSample(IReadOnlyList<Value> values)
        : this(Write(values), values.Count)
    {
    }

    public ScalarSample(ReadOnlySpan<byte> bytes, int entries)
    {
        _memory = NativeMemory.AlignedAlloc((nuint)Math.Max(1, bytes.Length), 4096);
        bytes.CopyTo(new Span<byte>(_memory, bytes.Length));
        Bytes = bytes.Length;
        try
        {
            Section = ScalarSection.Open((byte*)_memory, bytes.Length, entries);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public ScalarSection Section { get; }

    public int Bytes { get; }

    public static byte[] Write(IReadOnlyList<Value> values)
    {
        var builder = new ScalarBuilder();
        for (var i = 0; i < values.Count; i++) builder.Add(i, values[i]);
        return Finish(builder, values.Count);
    }

    public static byte[] Finish(ScalarBuilder builder, int entries)
    {
        var disk = new MemoryFileSystem();
        using (var file = new TableFile(disk.Create("f")))
        {
            builder.Finish(new SectionWriter(file, null), entries);
            file.Sync();
        }

        using var written = disk.Open("f");
        var bytes = new byte[written.Length];
        written.Read(0, bytes);
        return bytes;
    }

    /// <summary>Values at which keys are cut, by a hair, and apart from others behind the cut alone.</summary>
    public static IReadOnlyList<Value> LongValues { get; } =
    [
        .. new[] { 1022, 1023, 1024, 1025, 1026, 3000 }.SelectMany(static length => new Value[] { new string('a', length), new string('a', length - 1) + "b", new string('é', length / 2) + "x" }),
        new string('a', 2000) + "😀", string.Concat(Enumerable.Repeat("😀", 600)), new string('a', 1026) + "\U0010FFFF",
        new byte[1023], new byte[1024], new byte[1100], (byte[])[.. new byte[1100], 1],
        new float[255], new float[256], new float[300], (float[])[.. new float[300], 1],
        Value.FromList(Enumerable.Repeat<Value>(1L, 102)), Value.FromList(Enumerable.Repeat<Value>(1L, 103)), Value.FromList(Enumerable.Repeat<Value>(1L, 500)), Value.FromList([.. Enumerable.Repeat<Value>(1L, 500), 2L]),
        Value.FromList([new string('a', 1019)]), Value.FromList([new string('a', 1020)]), Value.FromList([new string('a', 2000)]), Value.FromList([new string('\0', 600)]), Value.FromList([new byte[2000]]),
        new ValueMapBuilder().Set(new string('n', 1100), 1L).Build(), new ValueMapBuilder().Set(new string('n', 1100), 2L).Build(),
    ];

    public static List<int> Walk(OrdinalSet set)
    {
        var walked = new List<int>();
        for (var at = set.Next(0); at >= 0; at = set.Next(at + 1)) walked.Add(at);
        return walked;
    }

    public static string Seed => $"{Generator.SeedVariable}={Generator.SeedOfRun}";

    public void Dispose() => NativeMemory.AlignedFree(_memory);
}
