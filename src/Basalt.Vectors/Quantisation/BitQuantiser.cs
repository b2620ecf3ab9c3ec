namespace Basalt.Vectors.Quantisation;

/// <summary>
/// One bit an element: the sign of a randomly rotated residual, with an unbiased estimate of products and a bound of its error (RaBitQ: Gao and Long 2024).
/// Four elements make a subspace of 4 bits, so codes are scanned like product codes.
/// </summary>
/// <remarks>
/// With s the signs over sqrt(D) and a = s.r / |r|, the product y.r is estimated as (|r| / a) (s.y). The estimate is off by at most
/// |y| |r| sqrt(1/a^2 - 1) * epsilon / sqrt(D - 1), with a probability that grows fast in epsilon and does not depend on the data.
/// Immutable; safe for many threads.
/// </remarks>
internal sealed unsafe class BitQuantiser : IRowCode
{
    /// <summary>The epsilon of the bound, the value that the authors use: few estimates are farther off.</summary>
    public const float Epsilon = 1.9f;

    private readonly float _unit;

    /// <summary>For vectors of so many elements, a multiple of 8 from <see cref="SizeOf"/>.</summary>
    public BitQuantiser(int size)
    {
        Size = size;
        _unit = 1 / MathF.Sqrt(size);
    }

    public int Size { get; }

    public int Subspaces => Size / 4;

    public int Bits => 4;

    public int Terms => 3;

    /// <summary>What the bound of an estimate is multiplied by to hold for certain (Cauchy and Schwarz).</summary>
    public float Certain => MathF.Sqrt(Size - 1) / Epsilon;

    /// <summary>Floats of a vector with the padding that columns of codes need.</summary>
    public static int SizeOf(int dimension) => (dimension + 7) / 8 * 8;

    public void Encode(float* rows, float* residuals, int count, bool isDot, byte* codes, float* terms)
    {
        for (var i = 0; i < count; i++, rows += Size, residuals += Size, codes += Subspaces, terms += Terms)
        {
            var (square, absolute, centre) = (0.0, 0.0, 0.0);
            for (var j = 0; j < Subspaces; j++) codes[j] = 0;
            for (var j = 0; j < Size; j++)
            {
                var x = residuals[j];
                square += (double)x * x;
                absolute += Math.Abs(x);
                var c = (double)rows[j] - x;
                if (x >= 0) codes[j / 4] |= (byte)(1 << j % 4);
                centre += x >= 0 ? c : -c;
            }

            // A residual of zero needs no sum and has no error.
            var along = absolute * _unit;
            var scale = along > 0 ? square / along : 0;
            var error = along > 0 ? Math.Sqrt(Math.Max(0, square * square / (along * along) - square)) * Epsilon / Math.Sqrt(Size - 1) : 0;
            terms[0] = isDot ? 0 : (float)(square + 2 * scale * centre * _unit);
            terms[1] = (float)scale;
            terms[2] = (float)(isDot ? error : 2 * error);
        }
    }

    public void Decode(byte* code, float* terms, float* residual)
    {
        for (var j = 0; j < Size; j++) residual[j] = (code[j / 4] >> j % 4 & 1) != 0 ? terms[1] * _unit : -terms[1] * _unit;
    }

    public void ProductTables(float* query, float factor, float* tables)
    {
        for (var j = 0; j < Subspaces; j++, query += 4, tables += 16)
        {
            float a = query[0] * factor * _unit, b = query[1] * factor * _unit, c = query[2] * factor * _unit, d = query[3] * factor * _unit;
            for (var entry = 0; entry < 16; entry++) tables[entry] = ((entry & 1) != 0 ? a : -a) + ((entry & 2) != 0 ? b : -b) + (((entry & 4) != 0 ? c : -c) + ((entry & 8) != 0 ? d : -d));
        }
    }

    public void Dispose()
    {
        // Nothing is owned; product codes own memory.
    }
}
