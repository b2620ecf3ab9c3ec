using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Flat;

/// <summary>
/// All vectors, compared one by one: exact, and the oracle of every other index. A search is bound by how fast memory can be read; a batch reads it once for many queries.
/// The effort of a search means nothing to it, since it looks at everything; rescoring does where it keeps codes.
/// </summary>
public sealed unsafe partial class FlatIndex : IVectorIndex
{
    private readonly VectorBuffer? _buffer;
    private readonly VectorRows _given;
    private readonly RowScorer _scorer;
    private readonly ScalarQuantiser? _quantiser;
    private readonly VectorBuffer? _codes;
    private readonly VectorRows _givenCodes;
    private readonly RowScorer? _codeScorer;
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

    /// <summary>
    /// An empty index that also keeps an int8 code of each vector. A search reads the codes, a quarter of the memory, and measures the best
    /// <see cref="SearchOptions.Rescore"/> of them (four times as many as are asked for unless given) again by their float32 vectors. It is exact no longer, unless a search asks for it.
    /// </summary>
    /// <param name="quantiser">Makes the codes; the metric and the dimension are its own.</param>
    /// <param name="capacity">How many vectors it can ever hold; 0 for what <see cref="VectorBuffer.DefaultReservation"/> has room for.</param>
    /// <exception cref="ArgumentOutOfRangeException">The capacity is negative.</exception>
    public FlatIndex(ScalarQuantiser quantiser, int capacity = 0)
        : this((quantiser ?? throw new ArgumentNullException(nameof(quantiser))).Metric, quantiser.Dimension, ElementType.Float32, capacity)
    {
        _quantiser = quantiser;
        _codes = new VectorBuffer(ElementType.Int8, quantiser.Dimension, capacity);
        _codeScorer = quantiser.Use<RowScorer.Choice, RowScorer>(default);
    }

    /// <summary>An index with codes over rows that somebody else owns, such as a mapped file: what a search keeps touching is the codes.</summary>
    /// <param name="quantiser">Makes the codes; the metric and the dimension are its own.</param>
    /// <param name="rows">Float32; of length one under the cosine.</param>
    /// <param name="codes">The codes of the rows, when somebody keeps them, too; made here when it has no rows.</param>
    /// <exception cref="ArgumentException">Rows or codes are not of the quantiser's layout, or not as many.</exception>
    public FlatIndex(ScalarQuantiser quantiser, VectorRows rows, VectorRows codes = default)
        : this((quantiser ?? throw new ArgumentNullException(nameof(quantiser))).Metric, rows)
    {
        if (rows.ElementType != ElementType.Float32 || rows.Dimension != quantiser.Dimension) throw new ArgumentException($"The quantiser takes float32 vectors of {quantiser.Dimension} dimensions.", nameof(rows));
        (_quantiser, _codeScorer, _givenCodes) = (quantiser, quantiser.Use<RowScorer.Choice, RowScorer>(default), codes);
        if (codes.Count > 0)
        {
            if (codes.ElementType != ElementType.Int8 || codes.Dimension != rows.Dimension || codes.Count != rows.Count) throw new ArgumentException($"{codes.Count} codes of {codes.Dimension} x {codes.ElementType} are not those of {rows.Count} rows.", nameof(codes));
            return;
        }

        _codes = new VectorBuffer(ElementType.Int8, Dimension, Math.Max(1, rows.Count));
        for (var i = 0; i < rows.Count; i++) AddCode(rows[i]);
    }

    /// <summary>An index over rows that somebody else owns, such as a mapped file. Nothing can be added to it. Under the cosine they must have length one.</summary>
    /// <exception cref="ArgumentException">The metric does not go with the element type.</exception>
    public FlatIndex(Metric metric, VectorRows rows)
    {
        VectorRules.ThrowUnlessSupported(metric, rows.ElementType, rows.Dimension);
        (Metric, Dimension, ElementType, _scorer, _given) = (metric, rows.Dimension, rows.ElementType, RowScorer.For(metric, rows.ElementType), rows);
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
    public long Bytes => (_buffer?.Bytes ?? 0) + (_codes?.Bytes ?? 0) + _removed.Length * (long)sizeof(ulong);

    /// <summary>The rows, removed ones included; not counted in <see cref="Bytes"/> when somebody else owns them.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public VectorRows Rows => _buffer?.Rows ?? _given;

    /// <summary>The codes of the rows; none when it keeps none.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public VectorRows Codes => _codes?.Rows ?? _givenCodes;

    /// <summary>What makes the codes; null when it keeps none.</summary>
    public ScalarQuantiser? Quantiser => _quantiser;

    /// <summary>Adds a vector.</summary>
    /// <returns>Its ordinal.</returns>
    /// <exception cref="ArgumentException">The vector has a <see cref="VectorFault"/>; nothing is added.</exception>
    /// <exception cref="InvalidOperationException">It is full, or made over rows of somebody else.</exception>
    public int Add(ReadOnlySpan<float> vector)
    {
        VectorRules.ThrowIf(VectorRules.Check(vector, Dimension, Metric, ElementType), vector.Length, Dimension, nameof(vector));
        var buffer = _buffer ?? throw new InvalidOperationException("The index is made over rows of somebody else; nothing can be added to it.");
        var row = buffer.Next();
        RowCodec.Encode(vector, Metric, ElementType, row);
        // The code first: whoever sees the vector sees its code.
        if (_codes is not null) AddCode(row);
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
    public void Dispose()
    {
        _codes?.Dispose();
        _buffer?.Dispose();
    }

    private void AddCode(byte* row)
    {
        _quantiser!.Encode(new ReadOnlySpan<float>(row, Dimension), new Span<sbyte>(_codes!.Next(), _codes.Stride));
        _codes.Publish();
    }

    internal static bool IsRemoved(ulong[] words, int ordinal) => ordinal >> 6 < words.Length && (words[ordinal >> 6] >> ordinal & 1) != 0;
}
