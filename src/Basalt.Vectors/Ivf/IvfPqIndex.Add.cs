using Basalt.Vectors.Clustering;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Ivf;

public sealed unsafe partial class IvfPqIndex
{
    /// <summary>Rows that are encoded before they are dealt out to the lists: bounds the memory of adding.</summary>
    private const int RunRows = 65_536;

    private const int ChunkRows = 96 * Panels.TileRows;

    /// <summary>How far the squared length of a row under the cosine may be from one.</summary>
    private const double UnitTolerance = 1e-2;

    /// <summary>Adds a vector.</summary>
    /// <returns>Its ordinal.</returns>
    /// <exception cref="ArgumentException">The vector has a <see cref="VectorFault"/>; nothing is added.</exception>
    /// <exception cref="InvalidOperationException">It is full, or was opened over memory of somebody else.</exception>
    public int Add(ReadOnlySpan<float> vector)
    {
        VectorRules.ThrowIf(VectorRules.Check(vector, Dimension, Metric, _elementType), vector.Length, Dimension, nameof(vector));
        using var row = new Scratch(VectorRows.StrideOf(_elementType, Dimension) / sizeof(float));
        RowCodec.Encode(vector, Metric, _elementType, (byte*)row.Floats);
        return Append(new VectorRows((byte*)row.Floats, 1, Dimension, _elementType), 1, null, CancellationToken.None);
    }

    /// <summary>Adds rows, which are encoded by the training that was done; nothing is trained again.</summary>
    /// <param name="rows">Of the element type that was trained on; of length one under the cosine.</param>
    /// <param name="threads">How many threads work; 1 or more. The outcome does not depend on it.</param>
    /// <param name="progress">Told of the share that is done, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the adding between runs of 65,536 rows; those before stay added.</param>
    /// <returns>The ordinal of the first row; the others follow.</returns>
    /// <exception cref="ArgumentException">The rows do not fit the index, or a row has a <see cref="VectorFault"/>; nothing is added.</exception>
    /// <exception cref="InvalidOperationException">There is not room for all, or it was opened over memory of somebody else; nothing is added.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public int Add(VectorRows rows, int threads = 1, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (rows.Dimension != Dimension || rows.ElementType != _elementType) throw new ArgumentException($"Rows of {rows.Dimension} x {rows.ElementType} do not fit {Dimension} x {_elementType}.", nameof(rows));
        CheckRows(rows, Metric, threads, cancellationToken);
        return Append(rows, threads, progress, cancellationToken);
    }

    private static void CheckRows(VectorRows rows, Metric metric, int threads, CancellationToken cancellationToken) => Chunks.Run(rows.Count, 16 * ChunkRows, threads, (from, to) =>
    {
        var vector = new float[rows.Dimension];
        for (var i = from; i < to; i++)
        {
            RowCodec.Decode(rows[i], rows.ElementType, vector);
            var fault = VectorRules.CheckQuery(vector, rows.Dimension, metric, rows.ElementType);
            if (fault != VectorFault.None) throw new ArgumentException($"Row {i}: {VectorRules.Describe(fault, vector.Length, rows.Dimension)}", nameof(rows));
            if (metric == Metric.Cosine && Math.Abs(Square(vector) - 1) > UnitTolerance) throw new ArgumentException($"Row {i} has not length one, which the cosine needs.", nameof(rows));
        }
    }, cancellationToken);

    private static double Square(float[] vector)
    {
        var square = 0.0;
        foreach (var x in vector) square += (double)x * x;
        return square;
    }

    private int Append(VectorRows rows, int threads, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        if (_isOpened || _mapped.Count > 0) throw new InvalidOperationException("The index lies over memory of somebody else; nothing can be added to it.");
        return AddRows(rows, threads, progress, cancellationToken);
    }

    private int AddRows(VectorRows rows, int threads, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        var first = _total;
        if (rows.Count > int.MaxValue - first || _buffer is not null && rows.Count > _buffer.Capacity - first) throw new InvalidOperationException($"The index has {first} vectors and cannot take {rows.Count} more.");
        using var run = new EncodedRun(_model, Math.Min(rows.Count, RunRows));
        for (var at = 0; at < rows.Count; at += RunRows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var part = new VectorRows(rows[at], Math.Min(RunRows, rows.Count - at), rows.Dimension, rows.ElementType);
            run.Encode(part, threads, cancellationToken);
            // Full vectors come first: whoever finds a code finds its vector.
            _buffer?.Append(part);
            run.Deal(_lists, first + at, threads);
            Volatile.Write(ref _total, first + at + part.Count);
            progress?.Report((double)(at + part.Count) / rows.Count);
        }

        return first;
    }
}
