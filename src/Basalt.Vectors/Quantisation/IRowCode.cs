namespace Basalt.Vectors.Quantisation;

/// <summary>
/// A code for the residual of a row against the centre of its list, such that sums of table entries over its bytes estimate the distance of a query with
/// tables that depend on the query alone. With y the query, c the centre and r the residual, all in the frame of the code:
/// <c>|y - c - r|^2 = |y - c|^2 + (|r|^2 + 2 c.r) - 2 y.r</c>; the bracket is a term kept with the row, the last part comes from the tables.
/// </summary>
/// <remarks>
/// A row has <see cref="Terms"/> floats beside its code: what is added, then (1-bit codes) what the sum is multiplied by and the error for a query at distance 1.
/// Under the dot product only <c>- y.r</c> is estimated and nothing is added.
/// </remarks>
internal unsafe interface IRowCode : IDisposable
{
    /// <summary>Floats of a vector in the frame, padding included.</summary>
    int Size { get; }

    int Subspaces { get; }

    /// <summary>Bits of a subspace, 4 or 8.</summary>
    int Bits { get; }

    /// <summary>Floats of a row beside its code, 1 or 3.</summary>
    int Terms { get; }

    /// <summary>Encodes residuals of rows, both <see cref="Size"/> floats each; a code has one byte a subspace.</summary>
    void Encode(float* rows, float* residuals, int count, bool isDot, byte* codes, float* terms);

    /// <summary>The residual that a code stands for.</summary>
    void Decode(byte* code, float* terms, float* residual);

    /// <summary>Fills the tables of a query in the frame: <c>2^Bits</c> floats a subspace, times the factor.</summary>
    void ProductTables(float* query, float factor, float* tables);
}
