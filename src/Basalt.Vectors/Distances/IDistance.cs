using System.Runtime.Intrinsics;

namespace Basalt.Vectors.Distances;

/// <summary>
/// A kernel: one metric over one element type. Code that is generic over a struct of this kind is compiled once for each, with the kernel inlined.
/// It works on whole strides as <see cref="Memory.VectorRows"/> lays them out, zeros behind the elements included, which add nothing to any score.
/// A score orders like the distance: L2 is squared, dot (and cosine, of vectors of length one) negated. <see cref="Scores"/> turns it into a distance.
/// </summary>
internal unsafe interface IDistance
{
    /// <summary>Whether a row can be passed as a query as it lies. Otherwise a query is float32 and <see cref="QueryOfRow"/> makes one.</summary>
    static abstract bool RowIsQuery { get; }

    /// <summary>Bytes of a query, which is compared with rows of this stride; a multiple of 64 for all but short rows of bits.</summary>
    static abstract int QueryStride(int stride);

    /// <summary>Makes a query of a row: a copy, or float32 of what is stored.</summary>
    static abstract void QueryOfRow(byte* row, byte* query, int stride);

    /// <summary>The score of a query against one row.</summary>
    static abstract float Score(byte* query, byte* row, int stride);

    /// <summary>The scores of a query against four rows that may lie anywhere; the same bits as four single scores on one machine are not promised, only the same bound.</summary>
    static abstract Vector128<float> ScoreFour(byte* query, byte* row0, byte* row1, byte* row2, byte* row3, int stride);

    /// <summary>The scores of four queries against four rows, both one behind the other: 16 of them, those of the first query first.</summary>
    static abstract void ScoreTile(byte* queries, byte* rows, int stride, float* scores);
}
