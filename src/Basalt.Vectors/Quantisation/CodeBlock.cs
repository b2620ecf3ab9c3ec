namespace Basalt.Vectors.Quantisation;

/// <summary>
/// The layout of codes that are scanned: blocks of 64 rows, column after column of 64 bytes, one byte a row. A column holds one subspace of 8 bits, or
/// two subspaces of 4 bits: the even one in the low half of each byte, the odd one in the high half.
/// </summary>
/// <remarks>
/// Row r of a block has byte 2r of each column for r below 32 and byte 2(r - 32) + 1 otherwise. Sums of 16 bits that are taken of the even and of the odd
/// bytes then come in the order of the rows.
/// </remarks>
internal static unsafe class CodeBlock
{
    /// <summary>Rows of a block.</summary>
    public const int Rows = 64;

    public static int Columns(int subspaces, int bits) => bits == 8 ? subspaces : (subspaces + 1) / 2;

    public static int Bytes(int subspaces, int bits) => Columns(subspaces, bits) * Rows;

    /// <summary>Blocks that so many rows fill, the last one in part.</summary>
    public static int Count(int rows) => (int)(((long)rows + Rows - 1) / Rows);

    /// <summary>The byte of a row in each column.</summary>
    public static int ByteOf(int row) => row < Rows / 2 ? row * 2 : (row - Rows / 2) * 2 + 1;

    /// <summary>Writes the code of a row, one byte a subspace, into its block. Touches no byte of another row.</summary>
    public static void Put(byte* block, int row, ReadOnlySpan<byte> code, int bits)
    {
        var to = block + ByteOf(row);
        if (bits == 8)
            for (var j = 0; j < code.Length; j++) to[j * Rows] = code[j];
        else
            for (var j = 0; j < code.Length; j += 2) to[j / 2 * Rows] = (byte)(code[j] | (j + 1 < code.Length ? code[j + 1] << 4 : 0));
    }

    /// <summary>Reads the code of a row, one byte a subspace.</summary>
    public static void Get(byte* block, int row, Span<byte> code, int bits)
    {
        var from = block + ByteOf(row);
        if (bits == 8)
            for (var j = 0; j < code.Length; j++) code[j] = from[j * Rows];
        else
            for (var j = 0; j < code.Length; j++) code[j] = (byte)(from[j / 2 * Rows] >> (j & 1) * 4 & 15);
    }
}
