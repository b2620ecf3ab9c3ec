using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Hnsw;

/// <summary>Rows in at most two places, such as a mapped file and what was added since: the second numbers go on where the first end.</summary>
internal readonly unsafe struct RowTable(VectorRows first, VectorRows second)
{
    public int Count => first.Count + second.Count;

    public int Stride => second.Count > 0 ? second.Stride : first.Stride;

    public byte* this[uint number] => number < (uint)first.Count ? first[(int)number] : second[(int)number - first.Count];
}
