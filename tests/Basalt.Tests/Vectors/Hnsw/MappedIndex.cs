using Basalt.Vectors.Hnsw;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Vectors.Hnsw;

/// <summary>An index opened in memory that ends where the bytes end.</summary>
internal sealed unsafe class MappedIndex : IDisposable
{
    private readonly byte* _memory;

    public MappedIndex(ReadOnlySpan<byte> bytes, VectorRows vectors = default)
    {
        _memory = (byte*)System.Runtime.InteropServices.NativeMemory.AlignedAlloc((nuint)Math.Max(1, bytes.Length), 64);
        bytes.CopyTo(new Span<byte>(_memory, bytes.Length));
        try
        {
            Index = HnswIndex.Open(_memory, bytes.Length, vectors);
        }
        catch
        {
            System.Runtime.InteropServices.NativeMemory.AlignedFree(_memory);
            throw;
        }
    }

    public HnswIndex Index { get; }

    public void Dispose()
    {
        Index.Dispose();
        System.Runtime.InteropServices.NativeMemory.AlignedFree(_memory);
    }
}
