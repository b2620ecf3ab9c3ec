using System.Runtime.InteropServices;
using Basalt.Engine.Nearest;
using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;
using Basalt.Vectors;

namespace Basalt.Tests.Engine.Nearest;

/// <summary>Sections in native memory that begins at a page and ends where they end.</summary>
internal sealed unsafe class HeldSegment : IDisposable
{
    private byte* _rows;
    private byte* _graph;

    public HeldSegment(byte[] rows, byte[]? graph = null, int ef = 0)
    {
        (RowBytes, GraphBytes) = (rows, graph ?? []);
        _rows = Held(rows);
        _graph = graph is null ? null : Held(graph);
        try
        {
            Segment = VectorSegment.Open(_rows, rows.Length, _graph, GraphBytes.Length, ef);
        }
        catch
        {
            Free();
            throw;
        }
    }

    public VectorSegment Segment { get; }

    public byte[] RowBytes { get; }

    public byte[] GraphBytes { get; }

    /// <summary>The segment of a table whose entries have these vectors, with a graph when options say so.</summary>
    public static HeldSegment Of(IReadOnlyList<float[]?> entries, Metric metric, GraphOptions? options = null, ElementType type = ElementType.Float32, int dimension = 0)
    {
        var rows = RowsOf(entries, metric, type, dimension > 0 ? dimension : entries.First(static e => e is not null)!.Length);
        if (options is null) return new HeldSegment(rows);
        using var flat = new HeldSegment(rows);
        return new HeldSegment(rows, Written(section => GraphBuilder.Write(flat.Segment, options, section)));
    }

    public static byte[] RowsOf(IReadOnlyList<float[]?> entries, Metric metric, ElementType type, int dimension, Func<Stream>? spill = null, long memoryBytes = RowsBuilder.DefaultMemoryBytes)
    {
        using var builder = new RowsBuilder(metric, type, dimension, spill, memoryBytes);
        for (var i = 0; i < entries.Count; i++)
            if (entries[i] is { } vector) builder.Add(i, vector);
        return Written(section => builder.Finish(section, entries.Count));
    }

    /// <summary>What is written into a section.</summary>
    public static byte[] Written(Action<SectionWriter> write)
    {
        var disk = new MemoryFileSystem();
        using (var file = new TableFile(disk.Create("section")))
        {
            write(new SectionWriter(file, null));
            file.Sync();
        }

        using var read = disk.Open("section");
        var bytes = new byte[read.Length];
        read.Read(0, bytes);
        return bytes;
    }

    public void Dispose()
    {
        Segment.Dispose();
        Free();
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_rows);
        NativeMemory.AlignedFree(_graph);
        _rows = null;
        _graph = null;
    }

    private static byte* Held(byte[] bytes)
    {
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, bytes.Length), 4096);
        bytes.CopyTo(new Span<byte>(memory, bytes.Length));
        return memory;
    }
}
