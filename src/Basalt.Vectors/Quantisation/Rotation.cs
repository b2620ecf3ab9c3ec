using System.Runtime.Intrinsics;
using Basalt.Vectors.Clustering;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Quantisation;

/// <summary>
/// Moves vectors into the frame in which they are quantised: minus a mean, times an orthogonal matrix, padded with zeros. Distances stay what they were.
/// </summary>
/// <remarks>Immutable; safe for many threads.</remarks>
internal sealed unsafe class Rotation : IDisposable
{
    private readonly Panels? _rows;

    private readonly SignedHadamard? _spread;

    private Rotation(float[] mean, int size, Panels? rows = null, SignedHadamard? spread = null) => (Mean, Size, _rows, _spread) = (mean, size, rows, spread);

    /// <summary>What is subtracted first.</summary>
    public float[] Mean { get; }

    /// <summary>Elements of a vector before.</summary>
    public int Dimension => Mean.Length;

    /// <summary>Elements of a vector after.</summary>
    public int Size { get; }

    public RotationKind Kind => _rows is not null ? RotationKind.Principal : _spread is not null ? RotationKind.Spread : RotationKind.None;

    /// <summary>Floats of the matrix; 0 when there is none.</summary>
    public long MatrixFloats => _rows is null ? 0 : (long)Size * Dimension;

    /// <summary>What a spreading rotation was drawn by; 0 for the others.</summary>
    public ulong Seed => _spread?.Seed ?? 0;

    /// <summary>Subtracts and pads only.</summary>
    public static Rotation Move(float[] mean, int size) => new(mean, size);

    /// <summary>Turns by the rows of a matrix: <paramref name="size"/> rows of as many elements as the mean has. Rows past the dimension are zero.</summary>
    public static Rotation Turn(float[] mean, int size, ReadOnlySpan<float> matrix)
    {
        var rows = new Panels(size, mean.Length);
        for (var i = 0; i < size; i++) rows.Set(i, matrix.Slice(i * mean.Length, mean.Length), 0);
        return new Rotation(mean, size, rows);
    }

    /// <summary>
    /// Turns to the principal axes of the rows and deals the axes out to the subspaces such that each gets about the same product of variances: the
    /// parametric solution of optimised product quantisation (Ge, He, Ke, Sun 2013). The rows have the mean subtracted already.
    /// </summary>
    public static Rotation Principal(float[] mean, float* rows, int count, long stride, int subspaces, int width, CancellationToken cancellationToken)
    {
        var dimension = mean.Length;
        var (axes, variances) = PrincipalAxes.Of(Covariance(rows, count, stride, dimension), dimension, cancellationToken);
        var floor = Math.Max(variances[0] * 1e-7, 1e-300);
        var (filled, weight) = (new int[subspaces], new double[subspaces]);
        var matrix = new float[subspaces * width * dimension];
        for (var i = 0; i < dimension; i++)
        {
            var to = -1;
            for (var j = 0; j < subspaces; j++)
                if (filled[j] < width && (to < 0 || weight[j] < weight[to])) to = j;
            weight[to] += Math.Log(Math.Max(variances[i], floor) / floor);
            var row = matrix.AsSpan((to * width + filled[to]++) * dimension, dimension);
            for (var t = 0; t < dimension; t++) row[t] = (float)axes[i * dimension + t];
        }

        return Turn(mean, subspaces * width, matrix);
    }

    /// <summary>Spreads vectors evenly over all elements by a random rotation; see <see cref="SignedHadamard"/>.</summary>
    public static Rotation Spread(float[] mean, int size, ulong seed) => new(mean, size, null, new SignedHadamard(size, seed));

    /// <summary>The matrix, row after row; empty when nothing is turned.</summary>
    public float[] Matrix()
    {
        if (_rows is null) return [];
        var matrix = new float[Size * Dimension];
        for (var i = 0; i < Size; i++) _rows.Get(i, matrix.AsSpan(i * Dimension, Dimension));
        return matrix;
    }

    /// <summary>Floats of scratch that <see cref="Apply"/> needs.</summary>
    public static int ScratchFloats(int dimension) => Panels.ScratchFloats(dimension) + Panels.TileRows * dimension;

    /// <summary>Moves rows: <paramref name="to"/> takes <see cref="Size"/> floats a row. From rows that are <paramref name="centred"/> the mean was subtracted before.</summary>
    public void Apply(float* rows, int count, long stride, float* to, long toStride, float* scratch, bool centred = false)
    {
        var moves = scratch + Panels.ScratchFloats(Dimension);
        for (var i = 0; i < count; i += Panels.TileRows)
        {
            var n = Math.Min(Panels.TileRows, count - i);
            for (var r = 0; r < n; r++)
            {
                float* from = rows + (i + r) * stride, moved = _rows is null ? to + (i + r) * toStride : moves + r * Dimension;
                if (centred) new ReadOnlySpan<float>(from, Dimension).CopyTo(new Span<float>(moved, Dimension));
                else Subtract(from, moved);
                if (_rows is not null) continue;
                new Span<float>(moved + Dimension, Size - Dimension).Clear();
                _spread?.Apply(moved);
            }

            _rows?.Products(moves, n, Dimension, to + i * toStride, toStride, scratch);
        }
    }

    public void Dispose() => _rows?.Dispose();

    private static double[] Covariance(float* rows, int count, long stride, int dimension)
    {
        using var columns = new Scratch((long)count * dimension);
        for (var i = 0; i < count; i++)
        for (var j = 0; j < dimension; j++) columns.Floats[(long)j * count + i] = rows[i * stride + j];
        using var panels = new Panels(dimension, count);
        for (var j = 0; j < dimension; j++) panels.Set(j, new ReadOnlySpan<float>(columns.Floats + (long)j * count, count), 0);
        using var products = new Scratch((long)dimension * dimension);
        using var scratch = new Scratch(Panels.ScratchFloats(count));
        panels.Products(columns.Floats, dimension, count, products.Floats, dimension, scratch.Floats);
        var covariance = new double[dimension * dimension];
        for (var i = 0; i < dimension; i++)
        for (var j = 0; j < dimension; j++) covariance[i * dimension + j] = ((double)products.Floats[i * dimension + j] + products.Floats[j * dimension + i]) / (2.0 * count);
        return covariance;
    }

    private void Subtract(float* from, float* to)
    {
        var j = 0;
        for (; j <= Mean.Length - Vector512<float>.Count; j += Vector512<float>.Count) (Vector512.Load(from + j) - Vector512.Create(Mean.AsSpan(j))).Store(to + j);
        for (; j < Mean.Length; j++) to[j] = from[j] - Mean[j];
    }
}
