using Basalt.Vectors.Distances;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Quantisation;

/// <summary>
/// Makes int8 codes of float32 vectors: an element becomes the nearest of 255 levels, -127 to 127 steps from a middle. Where the levels lie is learned from a sample,
/// and the farthest elements of it are clipped to the last level, since a few outliers would make all steps coarse. It never changes; any number of threads may use it.
/// Codes lie as <see cref="VectorRows"/> of <see cref="ElementType.Int8"/>.
/// </summary>
public sealed unsafe partial class ScalarQuantiser
{
    private const int Levels = 127;
    private const int Group = 16;
    private readonly float[] _middles;
    private readonly float[] _steps;
    private readonly float[] _levelsAStep;

    private ScalarQuantiser(Metric metric, QuantiserRange range, float[] middles, float[] steps)
    {
        (Metric, Range, _middles, _steps) = (metric, range, middles, steps);
        _levelsAStep = Array.ConvertAll(steps, static step => 1 / step);
    }

    /// <summary>What it was made for. Codes of one metric mean nothing to another.</summary>
    public Metric Metric { get; }

    /// <summary>What the levels are spread over.</summary>
    public QuantiserRange Range { get; }

    /// <summary>Elements of a vector.</summary>
    public int Dimension => _middles.Length;

    /// <summary>Bytes from a code to the next.</summary>
    public int Stride => VectorRows.StrideOf(ElementType.Int8, Dimension);

    /// <summary>The largest step between two levels.</summary>
    public float Step => _steps.Max();

    /// <summary>Bytes of a query as <see cref="EncodeQuery"/> writes it.</summary>
    internal int QueryStride => Range == QuantiserRange.Global ? Stride : Stride * 2 * sizeof(float);

    /// <summary>Runs the user with the kernel that compares queries with codes.</summary>
    internal TResult Use<TUser, TResult>(TUser user) where TUser : IDistanceUser<TResult> => (Range, Metric) switch
    {
        (QuantiserRange.Global, _) => DistanceChoice.Use<TUser, TResult>(Metric == Metric.Cosine ? Metric.L2 : Metric, ElementType.Int8, user),
        (_, Metric.L2 or Metric.Cosine) => user.With<ScaledInt8Distance<L2Step>>(),
        (_, Metric.L1) => user.With<ScaledInt8Distance<L1Step>>(),
        _ => user.With<ScaledInt8Distance<DotStep>>(),
    };

    /// <summary>Writes the code of a stored float32 vector (of length one under the cosine), zeros behind the elements included.</summary>
    /// <exception cref="ArgumentException">The vector has another dimension, or the room another length than <see cref="Stride"/>.</exception>
    public void Encode(ReadOnlySpan<float> vector, Span<sbyte> code)
    {
        CheckLength(vector.Length);
        if (code.Length != Stride) throw new ArgumentException($"The room has {code.Length} bytes, and a code {Stride}.", nameof(code));
        for (var i = 0; i < vector.Length; i++) code[i] = Level((vector[i] - _middles[i]) * _levelsAStep[i]);
        code[vector.Length..].Clear();
    }

    /// <summary>Gives back the vector in the middle of all those that have this code.</summary>
    /// <exception cref="ArgumentException">The room has another dimension, or the code another length than <see cref="Stride"/>.</exception>
    public void Decode(ReadOnlySpan<sbyte> code, Span<float> vector)
    {
        CheckLength(vector.Length);
        if (code.Length != Stride) throw new ArgumentException($"The code has {code.Length} bytes, and not {Stride}.", nameof(code));
        for (var i = 0; i < vector.Length; i++) vector[i] = _middles[i] + code[i] * _steps[i];
    }

    /// <summary>
    /// Writes a query (of length one under the cosine) for the kernel of <see cref="Use{TUser, TResult}"/>: <see cref="QueryStride"/> bytes, aligned to 64. With one step for
    /// all dimensions it is a code, too: on the grid of the codes, which clips a query outside the sample's range; under the dot product on a grid of its own,
    /// so that its length does not matter. Vectors of length one are compared by L2, which orders them like the cosine.
    /// </summary>
    /// <returns>What a kernel's score is multiplied by, and what is added then, to be near the score of the full vectors.</returns>
    internal (float Factor, float Offset) EncodeQuery(ReadOnlySpan<float> vector, byte* query)
    {
        CheckLength(vector.Length);
        if (Range == QuantiserRange.PerDimension)
        {
            var offset = WriteScaled(vector, (float*)query);
            return Metric == Metric.Cosine ? (0.5f, -1) : (1, offset);
        }

        var code = new Span<sbyte>(query, Stride);
        if (Metric != Metric.Dot)
        {
            Encode(vector, code);
            return OnGrid();
        }

        var largest = 0f;
        foreach (var element in vector) largest = Math.Max(largest, Math.Abs(element));
        var levels = largest > 0 ? Levels / largest : 0;
        for (var i = 0; i < vector.Length; i++) code[i] = Level(vector[i] * levels);
        code[vector.Length..].Clear();
        return (levels > 0 ? _steps[0] / levels : 0, 0);
    }

    /// <summary>Makes a query of a code, at the price of what the code has lost.</summary>
    internal (float Factor, float Offset) QueryOfCode(ReadOnlySpan<sbyte> code, byte* query)
    {
        if (Range == QuantiserRange.Global)
        {
            code.CopyTo(new Span<sbyte>(query, Stride));
            return OnGrid();
        }

        Span<float> vector = Dimension <= 1024 ? stackalloc float[Dimension] : new float[Dimension];
        Decode(code, vector);
        return EncodeQuery(vector, query);
    }

    // Steps of zero behind the elements, so that whatever is there adds nothing.
    private float WriteScaled(ReadOnlySpan<float> vector, float* query)
    {
        var isDot = Metric == Metric.Dot;
        var product = 0.0;
        for (var i = 0; i < Stride; i++)
        {
            var at = i / Group * 2 * Group + i % Group;
            var isElement = i < vector.Length;
            query[at] = !isElement ? 0 : isDot ? vector[i] : vector[i] - _middles[i];
            query[at + Group] = isElement ? _steps[i] : 0;
            if (isElement) product += (double)vector[i] * _middles[i];
        }

        return isDot ? (float)-product : 0;
    }

    // Half the squared difference of vectors of length one is one minus their cosine.
    private (float Factor, float Offset) OnGrid() => Metric switch
    {
        Metric.L1 => (_steps[0], 0),
        Metric.Cosine => (_steps[0] * _steps[0] / 2, -1),
        _ => (_steps[0] * _steps[0], 0),
    };

    private static sbyte Level(float steps) => (sbyte)Math.Clamp(MathF.Round(steps), -Levels, Levels);

    private void CheckLength(int length)
    {
        if (length != Dimension) throw new ArgumentException($"A vector of {length} elements does not fit a quantiser of {Dimension} dimensions.", nameof(length));
    }
}
