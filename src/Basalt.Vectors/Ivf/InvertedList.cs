using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Ivf;

/// <summary>
/// The rows of one list: the codes of all blocks, then the terms of all blocks, then the ordinals of all blocks. One thread appends while others read: a row is
/// there once <see cref="Count"/> covers it. A full list is not grown but replaced by a larger copy, so whoever reads keeps what it has.
/// </summary>
internal sealed unsafe class InvertedList
{
    private readonly AlignedBytes? _memory;
    private int _count;

    private InvertedList(ListShape shape, byte* start, int blocks, AlignedBytes? memory)
    {
        (Shape, Blocks, _memory) = (shape, blocks, memory);
        Codes = start;
        Terms = (float*)(start + (long)blocks * shape.CodeBytes);
        Ordinals = (int*)((byte*)Terms + (long)blocks * shape.TermBytes);
    }

    /// <summary>A list with room for so many blocks, zeroed.</summary>
    public static InvertedList WithRoom(ListShape shape, int blocks)
    {
        var memory = new AlignedBytes();
        var bytes = (long)blocks * shape.BlockBytes;
        var start = memory.Take(bytes);
        new Span<byte>(start, checked((int)bytes)).Clear();
        return new InvertedList(shape, start, blocks, memory);
    }

    /// <summary>A list in memory of somebody else, full.</summary>
    public static InvertedList Over(ListShape shape, byte* start, int count, float radius, float error) =>
        new(shape, start, CodeBlock.Count(count), null) { _count = count, Radius = radius, Error = error };

    public ListShape Shape { get; }

    public int Blocks { get; }

    public byte* Codes { get; }

    /// <summary>Per block the first terms of its 64 rows, then the second ones, then the third ones.</summary>
    public float* Terms { get; }

    public int* Ordinals { get; }

    /// <summary>How far the farthest row lies from the centre. Never too small.</summary>
    public float Radius { get; private set; }

    /// <summary>How far the farthest row lies from what its code stands for. Never too small.</summary>
    public float Error { get; private set; }

    public int Count => Volatile.Read(ref _count);

    public int Room => Blocks * CodeBlock.Rows - _count;

    /// <summary>Bytes of memory of its own.</summary>
    public long Bytes => _memory is null ? 0 : (long)Blocks * Shape.BlockBytes;

    /// <summary>A copy with room for more rows.</summary>
    public InvertedList Grown(int more)
    {
        var blocks = Math.Max(CodeBlock.Count(_count + more), Blocks + Blocks / 4);
        var grown = WithRoom(Shape, blocks);
        grown.CopyBlocks(this);
        return grown;
    }

    /// <summary>Adds a row that there is room for. Readers see it when <see cref="Publish"/> is called.</summary>
    public void Put(int at, ReadOnlySpan<byte> code, float* terms, int ordinal)
    {
        var (block, row) = (at / CodeBlock.Rows, at % CodeBlock.Rows);
        CodeBlock.Put(Codes + (long)block * Shape.CodeBytes, row, code, Shape.Bits);
        for (var t = 0; t < Shape.Terms; t++) Terms[(long)block * Shape.TermFloats + t * CodeBlock.Rows + row] = terms[t];
        Ordinals[at] = ordinal;
    }

    /// <summary>Shows rows up to <paramref name="count"/> to readers.</summary>
    public void Publish(int count, float radius, float error)
    {
        Radius = Math.Max(Radius, radius);
        Error = Math.Max(Error, error);
        Volatile.Write(ref _count, count);
    }

    /// <summary>Reads a row back: its code, one byte a subspace, and its terms.</summary>
    public void Get(int at, Span<byte> code, float* terms)
    {
        var (block, row) = (at / CodeBlock.Rows, at % CodeBlock.Rows);
        CodeBlock.Get(Codes + (long)block * Shape.CodeBytes, row, code, Shape.Bits);
        for (var t = 0; t < Shape.Terms; t++) terms[t] = Terms[(long)block * Shape.TermFloats + t * CodeBlock.Rows + row];
    }

    private void CopyBlocks(InvertedList from)
    {
        Buffer.MemoryCopy(from.Codes, Codes, (long)Blocks * Shape.CodeBytes, (long)from.Blocks * Shape.CodeBytes);
        Buffer.MemoryCopy(from.Terms, Terms, (long)Blocks * Shape.TermBytes, (long)from.Blocks * Shape.TermBytes);
        Buffer.MemoryCopy(from.Ordinals, Ordinals, (long)Blocks * ListShape.OrdinalBytes, (long)from.Blocks * ListShape.OrdinalBytes);
        (_count, Radius, Error) = (from._count, from.Radius, from.Error);
    }
}
