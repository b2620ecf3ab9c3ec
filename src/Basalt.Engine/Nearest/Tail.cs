using Basalt.Vectors.Memory;

namespace Basalt.Engine.Nearest;

/// <summary>
/// The vectors that lie in no segment: rows, numbered from zero, list behind list, and vectors that come one by one. In one list they need not be in the order of keys: where that counts, the
/// options' <see cref="NearestOptions.KeyOrder"/> is asked.
/// </summary>
/// <param name="Rows">Rows of the search's type and dimension. Whether one counts is asked of the options' <see cref="NearestOptions.Verify"/>, with <see cref="Hit.Tail"/> for the part.</param>
/// <param name="Late">Vectors that have been verified, with numbers behind those of the rows. Walked once.</param>
internal sealed record Tail(IReadOnlyList<VectorRows> Rows, IEnumerable<TailVector> Late)
{
    /// <summary>Vectors one by one.</summary>
    public static Tail Of(IEnumerable<TailVector> late) => new([], late);
}

/// <summary>A vector that lies in no table yet. Whoever gives it has checked that it passes the filter, is alive, and has no <see cref="Vectors.VectorFault"/>.</summary>
/// <param name="Key">The caller's number for its key, each given once.</param>
/// <param name="Vector">Its elements.</param>
internal readonly record struct TailVector(int Key, ReadOnlyMemory<float> Vector);
