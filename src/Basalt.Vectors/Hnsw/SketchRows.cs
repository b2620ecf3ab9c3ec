using Basalt.Vectors.Memory;
using Basalt.Vectors.Quantisation;

namespace Basalt.Vectors.Hnsw;

/// <summary>
/// A sketch for every ordinal: what a filter lets pass is compared by them first, one cache line a vector, and only the best of it by full vectors.
/// One thread adds while any number read what was counted.
/// </summary>
internal sealed unsafe class SketchRows : IDisposable
{
    private readonly NodeArray _rows;
    private readonly float[] _scratch;

    /// <summary>None yet, with room for as many ordinals.</summary>
    public SketchRows(BitSketch model, long capacity)
    {
        (Model, _rows) = (model, new NodeArray(model.Stride, capacity));
        _scratch = GC.AllocateUninitializedArray<float>(model.ScratchFloats, pinned: true);
    }

    /// <summary>Those that lie in somebody's memory.</summary>
    public SketchRows(BitSketch model, byte* start) => (Model, _rows, _scratch) = (model, new NodeArray(model.Stride, start), []);

    public BitSketch Model { get; }

    public byte* Start => _rows.Start;

    /// <summary>The sketches of rows by their ordinals, or null where such vectors have none.</summary>
    public static SketchRows? For(VectorRows rows, Metric metric, HnswOptions options, long capacity, CancellationToken cancellation)
    {
        if (!options.Sketches || rows.Count == 0 || !BitSketch.Fits(metric, rows.ElementType, rows.Dimension)) return null;
        var sketches = new SketchRows(BitSketch.Train(rows, metric, options.Seed), capacity);
        try
        {
            sketches.Add(rows, options.Threads, cancellation);
            return sketches;
        }
        catch
        {
            sketches.Dispose();
            throw;
        }
    }

    /// <summary>Adds the sketches of all rows, numbered as they are.</summary>
    public void Add(VectorRows rows, int threads, CancellationToken cancellation)
    {
        const int grain = 4096;
        _rows.Reserve(rows.Count);
        Parallel.For(0, (rows.Count + grain - 1) / grain, new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation }, part =>
        {
            using var scratch = new Scratch(Model.ScratchFloats);
            for (var i = part * grain; i < Math.Min((part + 1) * grain, rows.Count); i++) Model.Encode((float*)rows[i], _rows[i], scratch.Floats);
        });
    }

    /// <summary>Adds the sketch of an ordinal that is not counted yet.</summary>
    public void Add(int ordinal, byte* vector)
    {
        _rows.Reserve(ordinal + 1L);
        fixed (float* scratch = _scratch) Model.Encode((float*)vector, _rows[ordinal], scratch);
    }

    public void Dispose()
    {
        _rows.Dispose();
        Model.Dispose();
    }
}
