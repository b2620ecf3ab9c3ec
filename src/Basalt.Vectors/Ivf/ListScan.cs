using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Ivf;

/// <summary>
/// Estimates the distances of one query to the rows of lists, many blocks at a time. An estimate is <c>base + added + scale (bias + step sum)</c>: the base is
/// of the list, added and scale are terms of the row (the scale is 1 for product codes), bias and step come from the tables, the sum from the code.
/// </summary>
internal sealed unsafe class ListScan
{
    /// <summary>Blocks whose sums are taken before they are looked at: codes and sums stay in the innermost cache.</summary>
    public const int TileBlocks = 16;

    private readonly AlignedBytes _tables = new();
    private readonly AlignedBytes _floats = new();
    private readonly AlignedBytes _sums = new();
    private byte* _cut;
    private ushort* _sum;
    private float _bias;
    private float _step;
    private float _squared;
    private IvfModel? _model;

    /// <summary>How far an estimate may be off because tables are cut to bytes, before the scale.</summary>
    public float CutError { get; private set; }

    /// <summary>Makes the tables of a query in the frame.</summary>
    public void Reset(IvfModel model, float* query)
    {
        var code = model.Code;
        var entries = code.Subspaces << code.Bits;
        var floats = (float*)_floats.Take((entries + code.Subspaces + 16L) * sizeof(float));
        _cut = _tables.Take(ScanTables.Bytes(code.Subspaces, code.Bits));
        _sum = (ushort*)_sums.Take(TileBlocks * CodeBlock.Rows * sizeof(ushort));
        code.ProductTables(query, model.IsDot ? -1 : -2, floats);
        (_bias, _step) = ScanTables.Cut(floats, code.Subspaces, code.Bits, _cut, floats + entries);
        CutError = _step * 0.5f * code.Subspaces;
        _squared = 0;
        for (var j = 0; j < model.Size; j++) _squared = MathF.FusedMultiplyAdd(query[j], query[j], _squared);
        _model = model;
    }

    /// <summary>The squared length of the query in the frame.</summary>
    public float Squared => _squared;

    /// <summary>What all estimates of a list begin with: the squared distance of its centre, or the negated product with it.</summary>
    /// <param name="score">Start + product of the centre, or the product under the dot metric.</param>
    public float BaseOf(float score) => _model!.IsDot ? -score : Math.Max(0, _squared - 2 * score);

    /// <summary>Sums the codes of up to <see cref="TileBlocks"/> blocks of a list.</summary>
    public void Sum(InvertedList list, int block, int count) =>
        CodeScan.Sum(list.Codes + (long)block * list.Shape.CodeBytes, count, list.Shape.Columns, list.Shape.Bits, _cut, _sum);

    /// <summary>Which of the 64 rows of a block of the tile have an estimate of at most the limit; with an <paramref name="error"/>, an estimate less that many times their error.</summary>
    /// <param name="tileBlock">Which block of the tile that was summed.</param>
    /// <param name="terms">The terms of the block.</param>
    /// <param name="limit">Without the base of the list.</param>
    /// <param name="error">Times the third term.</param>
    public ulong Within(int tileBlock, float* terms, float limit, float error)
    {
        var sums = _sum + tileBlock * CodeBlock.Rows;
        return _model!.Shape.Terms == 1 ? WithinPlain(sums, terms, limit - _bias) : WithinScaled(sums, terms, limit, error);
    }

    /// <summary>The estimate of a row of a block of the tile, without the base of the list.</summary>
    public float Estimate(int tileBlock, float* terms, int row)
    {
        var sum = _sum[tileBlock * CodeBlock.Rows + row];
        return _model!.Shape.Terms == 1
            ? MathF.FusedMultiplyAdd(_step, sum, terms[row]) + _bias
            : MathF.FusedMultiplyAdd(terms[CodeBlock.Rows + row], MathF.FusedMultiplyAdd(_step, sum, _bias), terms[row]);
    }

    private ulong WithinPlain(ushort* sums, float* added, float limit)
    {
        var (step, limits, within) = (Vector512.Create(_step), Vector512.Create(limit), 0UL);
        for (var i = 0; i < CodeBlock.Rows; i += 16)
        {
            var estimate = Vector512.FusedMultiplyAdd(step, Widened(sums + i), Vector512.LoadAligned(added + i));
            within |= Vector512.LessThanOrEqual(estimate, limits).ExtractMostSignificantBits() << i;
        }

        return within;
    }

    private ulong WithinScaled(ushort* sums, float* terms, float limit, float error)
    {
        var (step, bias, limits, errors, within) = (Vector512.Create(_step), Vector512.Create(_bias), Vector512.Create(limit), Vector512.Create(-error), 0UL);
        for (var i = 0; i < CodeBlock.Rows; i += 16)
        {
            var product = Vector512.FusedMultiplyAdd(step, Widened(sums + i), bias);
            var estimate = Vector512.FusedMultiplyAdd(Vector512.LoadAligned(terms + CodeBlock.Rows + i), product, Vector512.LoadAligned(terms + i));
            estimate = Vector512.FusedMultiplyAdd(errors, Vector512.LoadAligned(terms + 2 * CodeBlock.Rows + i), estimate);
            within |= Vector512.LessThanOrEqual(estimate, limits).ExtractMostSignificantBits() << i;
        }

        return within;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Widened(ushort* sums)
    {
        var (lower, upper) = Vector256.Widen(Vector256.Load(sums));
        return Vector512.ConvertToSingle(Vector512.Create(lower, upper).AsInt32());
    }
}
