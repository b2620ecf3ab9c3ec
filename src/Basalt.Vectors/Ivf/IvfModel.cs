using Basalt.Vectors.Clustering;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Ivf;

/// <summary>What training gives and adding needs: the frame, the centres of the lists in it, and the code of residuals. Immutable; safe for many threads.</summary>
internal sealed unsafe class IvfModel(Metric metric, IvfCode kind, Rotation rotation, Panels centres, IRowCode code) : IDisposable
{
    public Metric Metric { get; } = metric;

    public IvfCode Kind { get; } = kind;

    /// <summary>Into the frame.</summary>
    public Rotation Rotation { get; } = rotation;

    /// <summary>The centres of the lists; the greatest start + product is the nearest.</summary>
    public Panels Centres { get; } = centres;

    public IRowCode Code { get; } = code;

    public ListShape Shape { get; } = new(code.Subspaces, code.Bits, code.Terms);

    public int Dimension => Rotation.Dimension;

    /// <summary>Floats of a vector in the frame.</summary>
    public int Size => Rotation.Size;

    public int Lists => Centres.Count;

    /// <summary>Cosine is L2 of vectors of length one.</summary>
    public bool IsDot => Metric == Metric.Dot;

    /// <summary>What is kept of rows.</summary>
    /// <param name="rows">Rows as floats, a dimension each, without gaps.</param>
    /// <param name="count">How many.</param>
    /// <param name="lists">Takes the list of each.</param>
    /// <param name="codes">Takes a byte a subspace of each.</param>
    /// <param name="terms">Takes the terms of each.</param>
    /// <param name="spreads">Takes the distance from the centre and from what the code stands for of each.</param>
    public void Encode(float* rows, int count, int* lists, byte* codes, float* terms, float* spreads)
    {
        var size = (long)Size;
        var scratchFloats = Math.Max(Rotation.ScratchFloats(Dimension), Panels.ScratchFloats(Size));
        using var scratch = new Scratch(scratchFloats + (2 * size + 1) * count + size + 16);
        var frame = scratch.Floats + scratchFloats;
        var residuals = frame + size * count;
        var decoded = residuals + size * count;
        Rotation.Apply(rows, count, Dimension, frame, size, scratch.Floats);
        Centres.Nearest(frame, count, size, lists, decoded + size, scratch.Floats);
        for (var i = 0; i < count; i++)
        {
            Centres.Get(lists[i], new Span<float>(residuals + i * size, Size));
            for (var j = 0; j < size; j++) residuals[i * size + j] = frame[i * size + j] - residuals[i * size + j];
        }

        Code.Encode(frame, residuals, count, IsDot, codes, terms);
        for (var i = 0; i < count; i++)
        {
            Code.Decode(codes + (long)i * Code.Subspaces, terms + (long)i * Code.Terms, decoded);
            var (radius, error) = (0.0, 0.0);
            for (var j = 0; j < size; j++)
            {
                double r = residuals[i * size + j], e = r - decoded[j];
                radius += r * r;
                error += e * e;
            }

            spreads[2 * i] = MathF.BitIncrement((float)Math.Sqrt(radius));
            spreads[2 * i + 1] = MathF.BitIncrement((float)Math.Sqrt(error));
        }
    }

    public void Dispose()
    {
        Rotation.Dispose();
        Centres.Dispose();
        Code.Dispose();
    }
}
