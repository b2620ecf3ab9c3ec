using Basalt.Vectors.Clustering;
using Basalt.Vectors.Memory;

namespace Basalt.Vectors.Ivf;

/// <summary>Rows that were encoded and wait to be dealt out to their lists.</summary>
internal sealed unsafe class EncodedRun(IvfModel model, int capacity) : IDisposable
{
    private const int ChunkRows = 96 * Panels.TileRows;

    private readonly Scratch _lists = new(capacity + 1);
    private readonly Scratch _codes = new((long)capacity * model.Shape.Subspaces / sizeof(float) + 1);
    private readonly Scratch _terms = new((long)capacity * model.Shape.Terms + 1);
    private readonly Scratch _spreads = new(2L * capacity + 1);
    private readonly int[] _order = new int[capacity];
    private int _count;

    /// <summary>Encodes rows in place of those before.</summary>
    public void Encode(VectorRows rows, int threads, CancellationToken cancellationToken)
    {
        _count = rows.Count;
        Chunks.Run(_count, ChunkRows, threads, (from, to) =>
        {
            using var floats = new Scratch((long)(to - from) * rows.Dimension);
            for (var i = from; i < to; i++) RowCodec.Decode(rows[i], rows.ElementType, new Span<float>(floats.Floats + (long)(i - from) * rows.Dimension, rows.Dimension));
            model.Encode(floats.Floats, to - from, (int*)_lists.Floats + from, (byte*)_codes.Floats + (long)from * model.Shape.Subspaces, _terms.Floats + (long)from * model.Shape.Terms, _spreads.Floats + 2L * from);
        }, cancellationToken);
    }

    /// <summary>Appends the rows to their lists, each list by one thread and in the order of the rows. It cannot be ended halfway: a list would lack rows that others have.</summary>
    public void Deal(InvertedList[] lists, int firstOrdinal, int threads)
    {
        var starts = new int[lists.Length + 1];
        var own = (int*)_lists.Floats;
        for (var i = 0; i < _count; i++) starts[own[i] + 1]++;
        for (var c = 0; c < lists.Length; c++) starts[c + 1] += starts[c];
        var next = starts.AsSpan(0, lists.Length).ToArray();
        for (var i = 0; i < _count; i++) _order[next[own[i]]++] = i;
        Chunks.Run(lists.Length, 16, threads, (from, to) =>
        {
            for (var c = from; c < to; c++)
                if (starts[c + 1] > starts[c]) Append(ref lists[c], _order.AsSpan(starts[c], starts[c + 1] - starts[c]), firstOrdinal);
        }, CancellationToken.None);
    }

    public void Dispose()
    {
        _lists.Dispose();
        _codes.Dispose();
        _terms.Dispose();
        _spreads.Dispose();
    }

    private void Append(ref InvertedList place, ReadOnlySpan<int> rows, int firstOrdinal)
    {
        var list = place.Room < rows.Length ? place.Grown(rows.Length) : place;
        var at = list.Count;
        var (radius, error) = (0f, 0f);
        foreach (var i in rows)
        {
            var code = new ReadOnlySpan<byte>((byte*)_codes.Floats + (long)i * model.Shape.Subspaces, model.Shape.Subspaces);
            list.Put(at++, code, _terms.Floats + (long)i * model.Shape.Terms, firstOrdinal + i);
            radius = Math.Max(radius, _spreads.Floats[2L * i]);
            error = Math.Max(error, _spreads.Floats[2L * i + 1]);
        }

        list.Publish(at, radius, error);
        Volatile.Write(ref place, list);
    }
}
