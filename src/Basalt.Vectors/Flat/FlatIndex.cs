using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Flat;

/// <summary>
/// All vectors, compared one by one: exact, and the oracle of every other index. A search is bound by how fast memory can be read; a batch reads it once for many queries.
/// Effort and rescoring mean nothing to it, since it looks at everything at the precision of the rows.
/// </summary>
public sealed unsafe partial class FlatIndex : IVectorIndex
{
    private readonly VectorBuffer? _buffer;
    private readonly VectorRows _mapped;
    private readonly RowScorer _scorer;
    private ulong[] _removed = [];
    private int _removedCount;

    /// <summary>An empty index with memory of its own.</summary>
    /// <param name="metric">How far vectors are apart.</param>
    /// <param name="dimension">Elements of a vector, from 1 to <see cref="VectorRows.MaxDimension"/>.</param>
    /// <param name="elementType">What is stored of an element.</param>
    /// <param name="capacity">How many vectors it can ever hold; 0 for what <see cref="VectorBuffer.DefaultReservation"/> has room for.</param>
    /// <exception cref="ArgumentException">The metric does not go with the element type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    public FlatIndex(Metric metric, int dimension, ElementType elementType = ElementType.Float32, int capacity = 0)
    {
        VectorRules.ThrowUnlessSupported(metric, elementType, dimension);
        (Metric, Dimension, ElementType, _scorer) = (metric, dimension, elementType, RowScorer.For(metric, elementType));
        _buffer = new VectorBuffer(elementType, dimension, capacity);
    }

    /// <summary>An index over rows that somebody else owns, such as a mapped file. Nothing can be added to it. Under the cosine they must have length one.</summary>
    /// <exception cref="ArgumentException">The metric does not go with the element type.</exception>
    public FlatIndex(Metric metric, VectorRows rows)
    {
        VectorRules.ThrowUnlessSupported(metric, rows.ElementType, rows.Dimension);
        (Metric, Dimension, ElementType, _scorer, _mapped) = (metric, rows.Dimension, rows.ElementType, RowScorer.For(metric, rows.ElementType), rows);
    }

    /// <inheritdoc/>
    public Metric Metric { get; }

    /// <inheritdoc/>
    public int Dimension { get; }

    /// <summary>What is stored of an element.</summary>
    public ElementType ElementType { get; }

    /// <inheritdoc/>
    public int Count => Rows.Count - Volatile.Read(ref _removedCount);

    /// <inheritdoc/>
    public long Bytes => Rows.Bytes + _removed.Length * (long)sizeof(ulong);

    /// <summary>The rows, removed ones included.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public VectorRows Rows => _buffer?.Rows ?? _mapped;

    /// <summary>Adds a vector.</summary>
    /// <returns>Its ordinal.</returns>
    /// <exception cref="ArgumentException">The vector has a <see cref="VectorFault"/>; nothing is added.</exception>
    /// <exception cref="InvalidOperationException">It is full, or made over rows of somebody else.</exception>
    public int Add(ReadOnlySpan<float> vector)
    {
        VectorRules.ThrowIf(VectorRules.Check(vector, Dimension, Metric, ElementType), vector.Length, Dimension, nameof(vector));
        var buffer = _buffer ?? throw new InvalidOperationException("The index is made over rows of somebody else; nothing can be added to it.");
        RowCodec.Encode(vector, Metric, ElementType, buffer.Next());
        return buffer.Publish();
    }

    /// <summary>Takes a vector out of all later answers. Its memory stays taken.</summary>
    /// <returns>False when there is no such vector.</returns>
    public bool Remove(int ordinal)
    {
        if ((uint)ordinal >= (uint)Rows.Count || IsRemoved(_removed, ordinal)) return false;
        var words = _removed;
        if (words.Length <= ordinal >> 6)
        {
            Array.Resize(ref words, Math.Max((ordinal >> 6) + 1, (Rows.Count + 63) >> 6));
            words[ordinal >> 6] |= 1UL << ordinal;
            Volatile.Write(ref _removed, words);
        }
        else Volatile.Write(ref words[ordinal >> 6], words[ordinal >> 6] | 1UL << ordinal);

        Volatile.Write(ref _removedCount, _removedCount + 1);
        return true;
    }

    /// <summary>Whether the vector was removed, or never was.</summary>
    public bool IsRemoved(int ordinal) => (uint)ordinal >= (uint)Rows.Count || IsRemoved(Volatile.Read(ref _removed), ordinal);

    /// <summary>The elements of a vector as they are stored, removed or not; of length one under the cosine.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such vector.</exception>
    /// <exception cref="ArgumentException">The room has not the length of a vector.</exception>
    public void Read(int ordinal, Span<float> vector)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ordinal, Rows.Count);
        if (vector.Length != Dimension) throw new ArgumentException($"The room has {vector.Length} elements, and the index {Dimension} dimensions.", nameof(vector));
        RowCodec.Decode(Rows[ordinal], ElementType, vector);
    }

    /// <inheritdoc/>
    public void Dispose() => _buffer?.Dispose();

    private static bool IsRemoved(ulong[] words, int ordinal) => ordinal >> 6 < words.Length && (words[ordinal >> 6] >> ordinal & 1) != 0;
}
