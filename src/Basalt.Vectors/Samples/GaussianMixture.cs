namespace Basalt.Vectors.Samples;

/// <summary>
/// Vectors to measure with, the same bits on every machine: clusters of their own widths in a latent space, mapped into more dimensions by a random matrix, with a little noise.
/// Vectors without such structure have no neighbours worth finding.
/// <code>
/// mix64(z): z ^= z>>30; z *= 0xBF58476D1CE4E5B9; z ^= z>>27; z *= 0x94D049BB133111EB; z ^= z>>31
/// row r of stream s: state = mix64(mix64(seed + s) + r); next(): state += 0x9E3779B97F4A7C15; return mix64(state)
/// gauss(): the four 16-bit parts of each of 3 next(), added up; (sum - 393210) / 65536        unit(): (next() >> 11) * 2^-53
/// stream 1, row k, a cluster:          latent x gauss(), then its width = spread * (0.5 + unit())
/// stream 2, row j, an output:          latent x gauss(), each over sqrt(latent)
/// stream 3 (base) or 4 (query), row i: k = next() % clusters; z = centre of k + width * gauss(), in order; then for each output j
///                                      (float)(sum over l of P[j][l] * z[l] + noise * gauss()), in double without fused additions
/// </code>
/// It never changes; any number of threads may use it.
/// </summary>
public sealed class GaussianMixture
{
    private const ulong BaseStream = 3;
    private const ulong QueryStream = 4;
    private readonly ulong _seed;
    private readonly double _noise;
    private readonly double[][] _centres;
    private readonly double[] _widths;
    private readonly double[][] _outputs;

    /// <summary>A mixture. The defaults are those of the sets <c>s100k</c> and <c>s1m</c>.</summary>
    /// <param name="dimension">Elements of a vector.</param>
    /// <param name="clusters">How many clusters.</param>
    /// <param name="latent">Dimensions that the clusters lie in.</param>
    /// <param name="spread">The width of the clusters, where their centres are spread by 1.</param>
    /// <param name="noise">Added to every element.</param>
    /// <param name="seed">Chooses the mixture and all its vectors.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is less than one.</exception>
    public GaussianMixture(int dimension = 128, int clusters = 1000, int latent = 24, double spread = 1.0, double noise = 0.05, ulong seed = 42)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(clusters, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(latent, 1);
        (_seed, _noise, _centres, _widths, _outputs) = (seed, noise, new double[clusters][], new double[clusters], new double[dimension][]);
        for (var k = 0; k < clusters; k++)
        {
            var numbers = new Numbers(seed, 1, (ulong)k);
            _centres[k] = numbers.Gauss(latent);
            _widths[k] = spread * (0.5 + numbers.Unit());
        }

        var scale = Math.Sqrt(latent);
        for (var j = 0; j < dimension; j++) _outputs[j] = Array.ConvertAll(new Numbers(seed, 2, (ulong)j).Gauss(latent), number => number / scale);
    }

    /// <summary>Elements of a vector.</summary>
    public int Dimension => _outputs.Length;

    /// <summary>A vector to be found.</summary>
    /// <exception cref="ArgumentException">The room has another length than <see cref="Dimension"/>.</exception>
    public void Base(long row, Span<float> vector) => Write(BaseStream, row, vector);

    /// <summary>A vector to search with.</summary>
    /// <exception cref="ArgumentException">The room has another length than <see cref="Dimension"/>.</exception>
    public void Query(long row, Span<float> vector) => Write(QueryStream, row, vector);

    /// <summary>An attribute that knows nothing of the vectors, 0 to 99: "attribute less than p" is true of p percent of the ordinals.</summary>
    public static int Attribute(int ordinal) => (int)(Mix((ulong)ordinal + 0x5EED) % 100);

    private void Write(ulong stream, long row, Span<float> vector)
    {
        if (vector.Length != Dimension) throw new ArgumentException($"There is room for {vector.Length} elements, and a vector has {Dimension}.", nameof(vector));
        var numbers = new Numbers(_seed, stream, (ulong)row);
        var cluster = (int)(numbers.Next() % (ulong)_centres.Length);
        var centre = _centres[cluster];
        Span<double> z = centre.Length <= 256 ? stackalloc double[centre.Length] : new double[centre.Length];
        for (var l = 0; l < z.Length; l++) z[l] = centre[l] + _widths[cluster] * numbers.Gauss();
        for (var j = 0; j < vector.Length; j++)
        {
            var output = _outputs[j];
            var y = 0.0;
            for (var l = 0; l < z.Length; l++) y += output[l] * z[l];
            vector[j] = (float)(y + _noise * numbers.Gauss());
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
        z = (z ^ z >> 27) * 0x94D049BB133111EB;
        return z ^ z >> 31;
    }

    private struct Numbers(ulong seed, ulong stream, ulong row)
    {
        private ulong _state = Mix(Mix(seed + stream) + row);

        public ulong Next() => Mix(_state += 0x9E3779B97F4A7C15);

        public double Unit() => (Next() >> 11) * Math.Pow(2, -53);

        public double Gauss()
        {
            var sum = 0UL;
            for (var i = 0; i < 3; i++)
            {
                var bits = Next();
                sum += (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48);
            }

            return ((double)sum - 393_210) / 65_536;
        }

        public double[] Gauss(int count)
        {
            var numbers = new double[count];
            for (var i = 0; i < count; i++) numbers[i] = Gauss();
            return numbers;
        }
    }
}
