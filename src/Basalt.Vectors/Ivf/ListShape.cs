using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Ivf;

/// <summary>What a block of 64 rows of a list takes: its codes, its terms, its ordinals, each a multiple of 64 bytes.</summary>
/// <param name="Subspaces">Subspaces of a code.</param>
/// <param name="Bits">Bits of a subspace.</param>
/// <param name="Terms">Floats of a row beside its code.</param>
internal readonly record struct ListShape(int Subspaces, int Bits, int Terms)
{
    public int Columns => CodeBlock.Columns(Subspaces, Bits);

    public int CodeBytes => Columns * CodeBlock.Rows;

    public int TermFloats => Terms * CodeBlock.Rows;

    public int TermBytes => TermFloats * sizeof(float);

    public static int OrdinalBytes => CodeBlock.Rows * sizeof(int);

    public int BlockBytes => CodeBytes + TermBytes + OrdinalBytes;
}
