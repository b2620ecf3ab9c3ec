namespace Basalt.Vectors.Memory;

/// <summary>
/// Vectors in memory of its own outside the managed heap. It grows in place within addresses reserved at the start, so rows that were taken stay valid
/// until <see cref="Dispose"/>. One thread adds at a time; any number read.
/// </summary>
public sealed unsafe class VectorBuffer : IDisposable
{
    /// <summary>The addresses that a buffer reserves unless told: 64 GiB, of which only what is written takes memory.</summary>
    public const long DefaultReservation = 64L << 30;

    private const long CommitStep = 4L << 20;
    private const long LargePagesFrom = 4L << 20;
    private readonly ReservedMemory _memory;
    private long _committed;
    private bool _hasLargePages;
    private int _count;

    /// <summary>An empty buffer.</summary>
    /// <param name="elementType">What an element is.</param>
    /// <param name="dimension">Elements of a row, from 1 to <see cref="VectorRows.MaxDimension"/>.</param>
    /// <param name="capacity">How many rows it can ever hold; 0 takes what <see cref="DefaultReservation"/> has room for.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    /// <exception cref="InsufficientMemoryException">The addresses cannot be reserved.</exception>
    public VectorBuffer(ElementType elementType, int dimension, int capacity = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(capacity);
        (ElementType, Dimension, Stride) = (elementType, dimension, VectorRows.StrideOf(elementType, dimension));
        Capacity = capacity > 0 ? capacity : (int)Math.Min(DefaultReservation / Stride, Array.MaxLength);
        _memory = new ReservedMemory((long)Capacity * Stride);
        if ((long)Capacity * Stride >= LargePagesFrom && capacity > 0) PreferLargePages(0);
    }

    /// <summary>What an element is.</summary>
    public ElementType ElementType { get; }

    /// <summary>Elements of a row.</summary>
    public int Dimension { get; }

    /// <summary>Bytes from a row to the next.</summary>
    public int Stride { get; }

    /// <summary>How many rows it can ever hold.</summary>
    public int Capacity { get; }

    /// <summary>How many rows it has.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>The bytes of the rows that it has.</summary>
    public long Bytes => (long)Count * Stride;

    /// <summary>The rows that it has now; later ones are in a later answer.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    public VectorRows Rows
    {
        get
        {
            ObjectDisposedException.ThrowIf(_memory.IsClosed, this);
            return new VectorRows(_memory.Start, Count, Dimension, ElementType);
        }
    }

    /// <summary>The zeroed bytes of the row behind the last one, to be written before <see cref="Publish"/> shows it to readers.</summary>
    /// <exception cref="InvalidOperationException">The buffer is full.</exception>
    /// <exception cref="ObjectDisposedException">It was disposed of.</exception>
    /// <exception cref="InsufficientMemoryException">The machine has no more.</exception>
    public byte* Next()
    {
        ObjectDisposedException.ThrowIf(_memory.IsClosed, this);
        if (_count == Capacity) throw new InvalidOperationException($"The buffer was made for {Capacity} vectors of {Dimension} elements and is full.");
        var end = (_count + 1L) * Stride;
        if (end > _committed) Grow(end);
        return _memory.Start + (long)_count * Stride;
    }

    /// <summary>Adds a vector, scaled to length one for the cosine.</summary>
    /// <returns>Its ordinal.</returns>
    /// <exception cref="ArgumentException">The vector has a <see cref="VectorFault"/>; nothing is added.</exception>
    /// <exception cref="InvalidOperationException">The buffer is full.</exception>
    public int Add(ReadOnlySpan<float> vector, Metric metric)
    {
        VectorRules.ThrowIf(VectorRules.Check(vector, Dimension, metric, ElementType), vector.Length, Dimension, nameof(vector));
        RowCodec.Encode(vector, metric, ElementType, Next());
        return Publish();
    }

    /// <summary>Shows the row that <see cref="Next"/> gave to readers.</summary>
    /// <returns>Its ordinal.</returns>
    public int Publish()
    {
        Volatile.Write(ref _count, _count + 1);
        return _count - 1;
    }

    /// <summary>Adds rows that lie in the same layout: same type, same dimension, zeros behind the elements.</summary>
    /// <exception cref="ArgumentException">The layout is another.</exception>
    /// <exception cref="InvalidOperationException">There is not room for all; none is added.</exception>
    public void Append(VectorRows rows)
    {
        if (rows.ElementType != ElementType || rows.Dimension != Dimension) throw new ArgumentException($"Rows of {rows.Dimension} x {rows.ElementType} do not fit {Dimension} x {ElementType}.", nameof(rows));
        if (rows.Count > Capacity - _count) throw new InvalidOperationException($"The buffer was made for {Capacity} vectors, has {_count}, and cannot take {rows.Count} more.");
        ObjectDisposedException.ThrowIf(_memory.IsClosed, this);
        var end = (_count + (long)rows.Count) * Stride;
        if (end > _committed) Grow(end);
        Buffer.MemoryCopy(rows.Start, _memory.Start + (long)_count * Stride, rows.Bytes, rows.Bytes);
        Volatile.Write(ref _count, _count + rows.Count);
    }

    /// <summary>Gives the memory back at once. Rows that were taken must not be used any more.</summary>
    public void Dispose() => _memory.Dispose();

    private void Grow(long end)
    {
        var all = (long)Capacity * Stride;
        var committed = Math.Min(all, Math.Max(end, _committed + Math.Max(CommitStep, _committed / 8)));
        _memory.Commit(_committed, committed - _committed);
        _committed = committed;
        if (!_hasLargePages && end > LargePagesFrom) PreferLargePages(LargePagesFrom);
    }

    // A small buffer stays on small pages: a large one would take 2 MiB for a handful of vectors.
    private void PreferLargePages(long from)
    {
        _hasLargePages = true;
        _memory.PreferLargePages(from, (long)Capacity * Stride - from);
    }
}
