using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Basalt.Vectors.Clustering;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Quantisation;

/// <summary>
/// Product quantisation (Jégou, Douze, Schmid 2011): a vector is cut into subspaces of equal width, and each part is replaced by the number of the nearest
/// of 16 or 256 centres of its subspace. A dimension that the subspaces do not divide is padded with zeros.
/// </summary>
/// <remarks>Immutable; safe for many threads. A code has one byte a subspace here; <see cref="CodeBlock"/> packs them.</remarks>
internal sealed unsafe class ProductQuantiser : IRowCode
{
    /// <summary>The most subspaces: their sum of bytes fits 16 bits with 7 bits an entry.</summary>
    public const int MaxSubspaces = 512;

    private readonly float* _books;
    private readonly Panels[] _panels;

    private ProductQuantiser(int dimension, int subspaces, int bits)
    {
        (Dimension, Subspaces, Bits) = (dimension, subspaces, bits);
        Width = (dimension + subspaces - 1) / subspaces;
        _books = (float*)NativeMemory.AlignedAlloc((nuint)BookFloats * sizeof(float), 64);
        _panels = new Panels[subspaces];
        for (var j = 0; j < subspaces; j++) _panels[j] = new Panels(Centres, Width);
    }

    /// <summary>Elements of a vector before padding.</summary>
    public int Dimension { get; }

    public int Subspaces { get; }

    /// <summary>4 or 8.</summary>
    public int Bits { get; }

    /// <summary>Elements of a subspace.</summary>
    public int Width { get; }

    /// <summary>Elements of a vector with the padding.</summary>
    public int Size => Width * Subspaces;

    public int Terms => 1;

    /// <summary>Centres of a subspace.</summary>
    public int Centres => 1 << Bits;

    /// <summary>Floats of all tables of a query.</summary>
    public int TableFloats => Subspaces * Centres;

    /// <summary>The centres: subspace after subspace, dimension after dimension of it, centre after centre. What is stored in a file.</summary>
    public ReadOnlySpan<float> Books => new(_books, BookFloats);

    private int BookFloats => Subspaces * Width * Centres;

    /// <summary>Refuses shapes that cannot be.</summary>
    /// <exception cref="ArgumentException">The bits are neither 4 nor 8, or there is no such number of subspaces.</exception>
    public static void Check(int dimension, int subspaces, int bits)
    {
        if (bits is not (4 or 8)) throw new ArgumentException($"A subspace takes 4 or 8 bits, not {bits}.", nameof(bits));
        if (subspaces < 1 || subspaces > Math.Min(dimension, MaxSubspaces))
            throw new ArgumentException($"{dimension} dimensions can be cut into 1 to {Math.Min(dimension, MaxSubspaces)} subspaces, not {subspaces}.", nameof(subspaces));
    }

    /// <summary>Trains the centres of each subspace on rows of <see cref="Size"/> finite floats.</summary>
    /// <exception cref="ArgumentException">The shape cannot be, or there are fewer rows than centres.</exception>
    public static ProductQuantiser Train(float* rows, int count, long stride, int dimension, int subspaces, int bits, KMeansOptions options, IProgress<double>? progress = null, CancellationToken cancellationToken = default)
    {
        Check(dimension, subspaces, bits);
        var quantiser = new ProductQuantiser(dimension, subspaces, bits);
        try
        {
            var done = 0;
            Chunks.Run(subspaces, 1, options.Threads, (j, _) =>
            {
                using var part = new Scratch((long)count * quantiser.Width);
                for (var i = 0; i < count; i++) new ReadOnlySpan<float>(rows + i * stride + j * quantiser.Width, quantiser.Width).CopyTo(new Span<float>(part.Floats + (long)i * quantiser.Width, quantiser.Width));
                var trained = KMeans.Train(part.Floats, count, quantiser.Width, quantiser.Width, quantiser.Centres, options with { Threads = 1, Seed = options.Seed + (ulong)j }, null, cancellationToken);
                quantiser.SetBook(j, trained.Centres);
                progress?.Report((double)Interlocked.Increment(ref done) / subspaces);
            }, cancellationToken);
            return quantiser;
        }
        catch
        {
            quantiser.Dispose();
            throw;
        }
    }

    /// <summary>Takes centres in the order of <see cref="Books"/>. The shape was checked; the centres are finite.</summary>
    public static ProductQuantiser Of(int dimension, int subspaces, int bits, ReadOnlySpan<float> books)
    {
        Check(dimension, subspaces, bits);
        var quantiser = new ProductQuantiser(dimension, subspaces, bits);
        var centres = new float[quantiser.Centres * quantiser.Width];
        for (var j = 0; j < subspaces; j++)
        {
            var book = books.Slice(j * centres.Length, centres.Length);
            for (var t = 0; t < quantiser.Width; t++)
            for (var c = 0; c < quantiser.Centres; c++) centres[c * quantiser.Width + t] = book[t * quantiser.Centres + c];
            quantiser.SetBook(j, centres);
        }

        return quantiser;
    }

    /// <summary>Encodes rows of <see cref="Size"/> floats: the nearest centre of each subspace, the lowest number of equal ones.</summary>
    public void Encode(float* rows, int count, long stride, byte* codes)
    {
        var scratchFloats = Panels.ScratchFloats(Width);
        using var scratch = new Scratch(scratchFloats + 2L * count);
        var nearest = (int*)(scratch.Floats + scratchFloats);
        for (var j = 0; j < Subspaces; j++)
        {
            _panels[j].Nearest(rows + j * Width, count, stride, nearest, (float*)nearest + count, scratch.Floats);
            for (var i = 0; i < count; i++) codes[(long)i * Subspaces + j] = (byte)nearest[i];
        }
    }

    public void Encode(float* rows, float* residuals, int count, bool isDot, byte* codes, float* terms)
    {
        Encode(residuals, count, Size, codes);
        using var scratch = new Scratch(Size);
        for (var i = 0; i < count; i++) terms[i] = isDot ? 0 : Added(rows + (long)i * Size, residuals + (long)i * Size, codes + (long)i * Subspaces, scratch.Floats);
    }

    public void Decode(byte* code, float* terms, float* residual) => Decode(code, residual);

    /// <summary>The vector that a code stands for, <see cref="Size"/> floats.</summary>
    public void Decode(byte* code, float* vector)
    {
        for (var j = 0; j < Subspaces; j++)
        {
            var centre = _books + (long)j * Width * Centres + code[j];
            for (var t = 0; t < Width; t++) vector[j * Width + t] = centre[t * Centres];
        }
    }

    /// <summary>
    /// Fills tables of <c>factor * (part of the query . centre)</c>: the sum of a code's entries is the factor times the product of the query and the decoded
    /// vector. The query has <see cref="Size"/> floats; the tables are aligned to 64 bytes.
    /// </summary>
    public void ProductTables(float* query, float factor, float* tables)
    {
        for (var j = 0; j < Subspaces; j++, tables += Centres)
        for (var c = 0; c < Centres; c += Vector512<float>.Count)
        {
            var book = _books + (long)j * Width * Centres + c;
            var sum = Vector512<float>.Zero;
            for (var t = 0; t < Width; t++, book += Centres) sum = Vector512.FusedMultiplyAdd(Vector512.Create(factor * query[j * Width + t]), Vector512.LoadAligned(book), sum);
            sum.StoreAligned(tables + c);
        }
    }

    /// <summary>The sum of a code's entries in the tables.</summary>
    public float Sum(float* tables, byte* code)
    {
        var sum = 0f;
        for (var j = 0; j < Subspaces; j++) sum += tables[j * Centres + code[j]];
        return sum;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_books);
        foreach (var panels in _panels) panels.Dispose();
    }

    /// <summary>Squared length of what the code stands for plus twice its product with the centre, which is the row less its residual.</summary>
    private float Added(float* row, float* residual, byte* code, float* decoded)
    {
        Decode(code, decoded);
        var sum = 0.0;
        for (var j = 0; j < Size; j++) sum += (double)decoded[j] * (decoded[j] + 2.0 * ((double)row[j] - residual[j]));
        return (float)sum;
    }

    private void SetBook(int subspace, ReadOnlySpan<float> centres)
    {
        var book = _books + (long)subspace * Width * Centres;
        for (var c = 0; c < Centres; c++)
        {
            _panels[subspace].SetNearest(c, centres.Slice(c * Width, Width));
            for (var t = 0; t < Width; t++) book[t * Centres + c] = centres[c * Width + t];
        }
    }
}
