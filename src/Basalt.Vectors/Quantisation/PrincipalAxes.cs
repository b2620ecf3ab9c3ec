using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Quantisation;

/// <summary>The principal axes of a symmetric, positive semidefinite matrix by one-sided Jacobi rotations (Hestenes 1958), which work on whole rows.</summary>
internal static class PrincipalAxes
{
    private const int MostSweeps = 16;
    private const double Negligible = 1e-9;

    /// <summary>
    /// Axes and variances, the greatest variance first. The axes are the rows of an orthogonal matrix; that holds to rounding even if the sweeps end before
    /// the axes are exact, which costs quality alone.
    /// </summary>
    public static (double[] Axes, double[] Variances) Of(double[] matrix, int size, CancellationToken cancellationToken)
    {
        var product = (double[])matrix.Clone();
        var axes = new double[size * size];
        for (var i = 0; i < size; i++) axes[i * size + i] = 1;
        for (var (sweep, turned) = (0, true); turned && sweep < MostSweeps; sweep++)
        {
            turned = false;
            for (var i = 0; i < size - 1; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                for (var j = i + 1; j < size; j++) turned |= Orthogonalise(product, axes, i * size, j * size, size);
            }
        }

        var variances = new double[size];
        for (var i = 0; i < size; i++) variances[i] = Math.Sqrt(Dot(product.AsSpan(i * size, size), product.AsSpan(i * size, size)));
        var order = Enumerable.Range(0, size).OrderByDescending(i => variances[i]).ToArray();
        var sorted = new double[size * size];
        for (var i = 0; i < size; i++) axes.AsSpan(order[i] * size, size).CopyTo(sorted.AsSpan(i * size));
        return (sorted, [.. order.Select(i => variances[i])]);
    }

    /// <summary>Turns two rows until they are orthogonal, and the axes with them; false when they were.</summary>
    private static bool Orthogonalise(double[] product, double[] axes, int i, int j, int size)
    {
        var a = product.AsSpan(i, size);
        var b = product.AsSpan(j, size);
        var (aa, bb, ab) = (Dot(a, a), Dot(b, b), Dot(a, b));
        if (Math.Abs(ab) <= Negligible * Math.Sqrt(aa * bb)) return false;
        var zeta = (bb - aa) / (2 * ab);
        var tangent = Math.CopySign(1, zeta) / (Math.Abs(zeta) + Math.Sqrt(1 + zeta * zeta));
        var cosine = 1 / Math.Sqrt(1 + tangent * tangent);
        Turn(a, b, cosine, cosine * tangent);
        Turn(axes.AsSpan(i, size), axes.AsSpan(j, size), cosine, cosine * tangent);
        return true;
    }

    private static void Turn(Span<double> a, Span<double> b, double cosine, double sine)
    {
        var i = 0;
        for (; i <= a.Length - Vector512<double>.Count; i += Vector512<double>.Count)
        {
            var (x, y) = (Vector512.Create<double>(a[i..]), Vector512.Create<double>(b[i..]));
            (x * cosine - y * sine).CopyTo(a[i..]);
            (x * sine + y * cosine).CopyTo(b[i..]);
        }

        for (; i < a.Length; i++) (a[i], b[i]) = (a[i] * cosine - b[i] * sine, a[i] * sine + b[i] * cosine);
    }

    public static double Dot(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        var sum = Vector512<double>.Zero;
        var i = 0;
        for (; i <= a.Length - Vector512<double>.Count; i += Vector512<double>.Count) sum += Vector512.Create(a[i..]) * Vector512.Create(b[i..]);
        var total = 0.0;
        for (var lane = 0; lane < Vector512<double>.Count; lane++) total += sum[lane];
        for (; i < a.Length; i++) total += a[i] * b[i];
        return total;
    }
}
