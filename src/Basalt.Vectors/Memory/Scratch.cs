using System.Runtime.InteropServices;

namespace Basalt.Vectors.Memory;

/// <summary>Aligned native floats that live as long as a step of work. Their content is undefined.</summary>
internal readonly unsafe struct Scratch(long floats) : IDisposable
{
    public float* Floats { get; } = (float*)NativeMemory.AlignedAlloc(checked((nuint)floats * sizeof(float)), 64);

    public void Dispose() => NativeMemory.AlignedFree(Floats);
}
