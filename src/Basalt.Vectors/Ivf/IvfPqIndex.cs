using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Ivf;

/// <summary>
/// An inverted file: vectors are dealt out to lists by the nearest of trained centres, and a list keeps a short code of each. A search scans the codes of the lists
/// nearest to the query and measures the best again by their full vectors.
/// </summary>
/// <remarks>
/// The training is done once (<see cref="Train"/>); vectors are added later at any time. Same rows, options and seed give the same bytes for any number
/// of threads. Vectors that come to be distributed unlike the training rows are found all the same, with lower recall.
/// </remarks>
public sealed unsafe partial class IvfPqIndex : IVectorIndex
{
    private readonly IvfPqOptions _options;
    private readonly IvfModel _model;
    private readonly InvertedList[] _lists;
    private readonly VectorBuffer? _buffer;
    private readonly VectorRows _mapped;
    private readonly ElementType _elementType;
    private readonly RowScorer? _scorer;
    private readonly bool _isOpened;
    private ulong[] _removed = [];
    private int _removedCount;
    private int _total;

    private IvfPqIndex(IvfPqOptions options, IvfModel model, ElementType elementType)
    {
        (_options, _model, _elementType, _lists) = (options, model, elementType, EmptyLists(model));
        if (!options.KeepVectors) return;
        _buffer = new VectorBuffer(elementType, model.Dimension);
        _scorer = RowScorer.For(options.Metric, elementType);
    }

    private IvfPqIndex(IvfPqOptions options, IvfModel model, VectorRows rows)
    {
        (_options, _model, _elementType, _lists) = (options, model, rows.ElementType, EmptyLists(model));
        (_mapped, _scorer) = (rows, RowScorer.For(options.Metric, rows.ElementType));
    }

    /// <inheritdoc/>
    public Metric Metric => _model.Metric;

    /// <inheritdoc/>
    public int Dimension => _model.Dimension;

    /// <inheritdoc/>
    public int Count => Volatile.Read(ref _total) - Volatile.Read(ref _removedCount);

    /// <summary>How many lists it has.</summary>
    public int Lists => _lists.Length;

    /// <inheritdoc/>
    public long Bytes
    {
        get
        {
            var bytes = (_buffer?.Bytes ?? 0) + _removed.Length * (long)sizeof(ulong) + ((long)_model.Lists * _model.Size + _model.Rotation.MatrixFloats) * sizeof(float);
            for (var i = 0; i < _lists.Length; i++) bytes += Volatile.Read(ref _lists[i]).Bytes;
            return bytes;
        }
    }

    /// <summary>The full vectors that candidates are measured by; none when the index has codes alone.</summary>
    private VectorRows Vectors => _buffer?.Rows ?? _mapped;

    /// <summary>
    /// Trains an empty index on some of the rows: the lists, the axes and the codes. It takes at most 1 GiB and twice the sample, whatever the number of rows.
    /// </summary>
    /// <param name="rows">Float32, float16 or bfloat16; of length one under the cosine. What the rows of a sample have in common with all is what counts, not their number.</param>
    /// <param name="options">How to make it.</param>
    /// <param name="threads">How many threads work; 1 or more. The outcome does not depend on it.</param>
    /// <param name="progress">Told of the share that is done, 0 to 1.</param>
    /// <param name="cancellationToken">Ends the training.</param>
    /// <exception cref="ArgumentException">The options cannot be met, there are fewer rows than lists or than centres of a subspace, or a row has a <see cref="VectorFault"/>.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public static IvfPqIndex Train(VectorRows rows, IvfPqOptions options, int threads = 1, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        var model = TrainModel(rows, options, threads, progress, cancellationToken);
        return new IvfPqIndex(options, model, rows.ElementType);
    }

    /// <summary>
    /// Trains on rows that somebody else owns, such as a mapped file, and adds their codes; they are measured where they lie. Nothing can be added later. What else is
    /// said of <see cref="Train"/> holds.
    /// </summary>
    /// <param name="rows">Float32, float16 or bfloat16; of length one under the cosine. They must stay valid and unchanged as long as the index is used.</param>
    /// <param name="options">How to make it. No vectors are copied.</param>
    /// <param name="threads">How many threads work; 1 or more. The outcome does not depend on it.</param>
    /// <param name="progress">Told of the share that is done, 0 to 1.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">As of <see cref="Train"/>.</exception>
    /// <exception cref="OperationCanceledException">The token asked for it.</exception>
    public static IvfPqIndex Build(VectorRows rows, IvfPqOptions options, int threads = 1, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        var model = TrainModel(rows, options, threads, progress is null ? null : new PartProgress(progress, 0, 0.5), cancellationToken);
        var index = new IvfPqIndex(options with { KeepVectors = false }, model, rows);
        try
        {
            index.AddRows(rows, threads, progress is null ? null : new PartProgress(progress, 0.5, 1), cancellationToken);
            return index;
        }
        catch
        {
            index.Dispose();
            throw;
        }
    }

    private static IvfModel TrainModel(VectorRows rows, IvfPqOptions options, int threads, IProgress<double>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        if (options.Fault(rows.Dimension) is { } fault) throw new ArgumentException(fault, nameof(options));
        if (rows.ElementType is not (ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16)) throw new ArgumentException($"An inverted file takes float32, float16 or bfloat16, not {rows.ElementType}.", nameof(rows));
        var least = Math.Max(options.Lists, options.Code == IvfCode.Bit ? 1 : 1 << (int)options.Code);
        var count = Math.Min(rows.Count, options.TrainingRowsFor(rows.Dimension));
        if (count < least) throw new ArgumentException($"{options.Lists} lists of {options.Code} codes are trained on at least {least} rows, got {count}: ask for fewer lists or shorter codes, or give more rows.", nameof(rows));
        CheckRows(rows, options.Metric, threads, cancellationToken);
        return new IvfTraining(options, threads, progress, cancellationToken).Train(rows);
    }

    /// <summary>Takes a vector out of all later answers. Its code and its memory stay taken until the index is written.</summary>
    /// <returns>False when there is no such vector.</returns>
    public bool Remove(int ordinal)
    {
        if ((uint)ordinal >= (uint)_total || IsRemoved(_removed, ordinal)) return false;
        var words = _removed;
        if (words.Length <= ordinal >> 6)
        {
            Array.Resize(ref words, Math.Max((ordinal >> 6) + 1, (_total + 63) >> 6));
            words[ordinal >> 6] |= 1UL << ordinal;
            Volatile.Write(ref _removed, words);
        }
        else Volatile.Write(ref words[ordinal >> 6], words[ordinal >> 6] | 1UL << ordinal);

        Volatile.Write(ref _removedCount, _removedCount + 1);
        return true;
    }

    /// <summary>Whether the vector was removed, or never was.</summary>
    public bool IsRemoved(int ordinal) => (uint)ordinal >= (uint)Volatile.Read(ref _total) || IsRemoved(Volatile.Read(ref _removed), ordinal);

    /// <summary>How many vectors are in the fullest list over how many would be in each if all were equal: what a search pays for uneven lists.</summary>
    public double Imbalance()
    {
        var (greatest, sum) = (0L, 0L);
        for (var i = 0; i < _lists.Length; i++)
        {
            var count = Volatile.Read(ref _lists[i]).Count;
            greatest = Math.Max(greatest, count);
            sum += count;
        }

        return sum == 0 ? 1 : (double)greatest * _lists.Length / sum;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _buffer?.Dispose();
        _model.Dispose();
    }

    private static InvertedList[] EmptyLists(IvfModel model)
    {
        var lists = new InvertedList[model.Lists];
        for (var i = 0; i < lists.Length; i++) lists[i] = InvertedList.WithRoom(model.Shape, 0);
        return lists;
    }

    private static bool IsRemoved(ulong[] words, int ordinal) => ordinal >> 6 < words.Length && (words[ordinal >> 6] >> ordinal & 1) != 0;
}
