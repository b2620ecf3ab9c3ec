using System.Runtime.InteropServices;
using Basalt.Vectors.Ivf;
using Basalt.Vectors.Memory;

namespace Basalt.Tests.Vectors.Ivf;

/// <summary>An inverted file opened in memory that ends where the bytes end.</summary>
internal sealed unsafe class MappedIvf : IDisposable
{
    private readonly byte* _memory;

    public MappedIvf(ReadOnlySpan<byte> bytes, VectorRows vectors = default)
    {
        _memory = (byte*)NativeMemory.AlignedAlloc((nuint)Math.Max(1, bytes.Length), 64);
        bytes.CopyTo(new Span<byte>(_memory, bytes.Length));
        try
        {
            Index = IvfPqIndex.Open(_memory, bytes.Length, vectors);
        }
        catch
        {
            NativeMemory.AlignedFree(_memory);
            throw;
        }
    }

    public IvfPqIndex Index { get; }

    public void Dispose()
    {
        Index.Dispose();
        NativeMemory.AlignedFree(_memory);
    }
}
