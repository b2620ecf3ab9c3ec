using System.Buffers;
using Basalt.Vectors;
using Basalt.Vectors.Hnsw;
using Basalt.Vectors.Memory;
using Basalt.Vectors.Search;

namespace Basalt.Engine.Nearest;

/// <summary>
/// The graph over the rows of a segment; or several, each over so many rows that there was memory to build it. Then each of them is searched with the same effort, which finds rather more than one graph and takes
/// longer. Any number of threads may search.
/// </summary>
internal sealed unsafe class SegmentGraph : IDisposable
{
    private readonly HnswIndex[] _graphs;
    private readonly int _rowsOfEach;

    private SegmentGraph(HnswIndex[] graphs, int rowsOfEach) => (_graphs, _rowsOfEach) = (graphs, rowsOfEach);

    /// <summary>How they were built and are searched.</summary>
    public HnswOptions Options => _graphs[0].Options;

    /// <summary>How many graphs there are.</summary>
    public int Count => _graphs.Length;

    /// <summary>Opens a graph section.</summary>
    /// <param name="start">Its first byte, at a multiple of 64.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="rows">The rows that it is of.</param>
    /// <param name="metric">How far they are apart.</param>
    /// <param name="ef">Candidates that a search keeps unless it says so itself; 0 takes what the graph was written with.</param>
    /// <exception cref="InvalidDataException">The bytes are no such section, damaged, of a newer version, or not of these rows.</exception>
    public static SegmentGraph Open(byte* start, long length, VectorRows rows, Metric metric, int ef)
    {
        if ((nuint)start % VectorRows.Alignment != 0) throw new ArgumentException($"A graph starts at a multiple of {VectorRows.Alignment} bytes.", nameof(start));
        if (!GraphsFormat.IsOfSeveral(new ReadOnlySpan<byte>(start, (int)Math.Clamp(length, 0, GraphsFormat.HeaderBytes)))) return new SegmentGraph([OpenOne(start, length, rows, metric, ef)], rows.Count);
        var (format, places) = GraphsFormat.Read(start, length, rows.Count);
        var graphs = new HnswIndex[format.Graphs];
        try
        {
            for (var i = 0; i < graphs.Length; i++) graphs[i] = OpenOne(start + places[i].At, places[i].Length, Part(rows, i, format.RowsOfEach), metric, ef);
            return new SegmentGraph(graphs, format.RowsOfEach);
        }
        catch
        {
            foreach (var graph in graphs) graph?.Dispose();
            throw;
        }
    }

    /// <summary>The rows of one of several graphs.</summary>
    public static VectorRows Part(VectorRows rows, int number, int rowsOfEach) =>
        new(rows[number * rowsOfEach], Math.Min(rowsOfEach, rows.Count - number * rowsOfEach), rows.Dimension, rows.ElementType);

    /// <summary>Finds near rows, as many as there is room for, in no order.</summary>
    /// <param name="query">A sound query.</param>
    /// <param name="room">Takes them.</param>
    /// <param name="options">How to search.</param>
    /// <param name="filter">The rows that may be found; null for all.</param>
    /// <param name="statistics">What was done.</param>
    public int Search(ReadOnlySpan<float> query, Span<Neighbour> room, SearchOptions options, OrdinalSet? filter, out SearchStatistics statistics)
    {
        if (_graphs.Length == 1) return _graphs[0].Search(query, room, options with { Filter = filter }, out statistics);
        statistics = default;
        var found = ArrayPool<Neighbour>.Shared.Rent(room.Length);
        try
        {
            var nearest = new NearestHeap(room);
            for (var i = 0; i < _graphs.Length; i++)
            {
                if (!TryRestrict(filter, i, out var passing)) continue;
                var count = _graphs[i].Search(query, found.AsSpan(0, room.Length), options with { Filter = passing }, out var done);
                statistics += done;
                foreach (var neighbour in found.AsSpan(0, count)) nearest.Offer(i * _rowsOfEach + neighbour.Ordinal, neighbour.Distance);
            }

            return nearest.Count;
        }
        finally
        {
            ArrayPool<Neighbour>.Shared.Return(found);
        }
    }

    /// <summary>Finds the rows within a distance, in no order.</summary>
    /// <inheritdoc cref="Search"/>
    public void SearchWithin(ReadOnlySpan<float> query, float distance, List<Neighbour> results, SearchOptions options, OrdinalSet? filter, out SearchStatistics statistics)
    {
        statistics = default;
        var found = new List<Neighbour>();
        for (var i = 0; i < _graphs.Length; i++)
        {
            if (!TryRestrict(filter, i, out var passing)) continue;
            _graphs[i].SearchWithin(query, distance, found, options with { Filter = passing }, out var done);
            statistics += done;
            foreach (var neighbour in found) results.Add(neighbour with { Ordinal = i * _rowsOfEach + neighbour.Ordinal });
        }
    }

    /// <summary>Looks at every link and number.</summary>
    /// <exception cref="InvalidDataException">A graph is damaged.</exception>
    public void Verify()
    {
        foreach (var graph in _graphs) graph.Verify();
    }

    public void Dispose()
    {
        foreach (var graph in _graphs) graph.Dispose();
    }

    private static HnswIndex OpenOne(byte* start, long length, VectorRows rows, Metric metric, int ef)
    {
        var format = HnswFormat.Read(new ReadOnlySpan<byte>(start, (int)Math.Clamp(length, 0, HnswFormat.HeaderSize)), length);
        if (format.Metric != metric || format.ElementType != rows.ElementType || format.Dimension != rows.Dimension)
            throw new InvalidDataException($"The graph is one of {format.Dimension} x {format.ElementType} by {format.Metric}, and the rows are {rows.Dimension} x {rows.ElementType} by {metric}.");
        if (format.Nodes != rows.Count || format.Ordinals != rows.Count || format.Removed != 0)
            throw new InvalidDataException($"The graph has {format.Nodes} nodes of {format.Ordinals} vectors, {format.Removed} of them removed, and there are {rows.Count} rows.");
        return HnswIndex.Open(start, length, rows, ef);
    }

    /// <summary>The part of a filter that is of one graph; null when all of its rows pass. False when none does.</summary>
    private bool TryRestrict(OrdinalSet? filter, int number, out OrdinalSet? passing)
    {
        passing = filter;
        if (filter is null || _graphs.Length == 1) return true;
        var (from, count) = (number * _rowsOfEach, _graphs[number].OrdinalCount);
        passing = new OrdinalSet(count, filter.Words.Slice(from / 64, (count + 63) / 64).ToArray());
        if (passing.Count == 0) return false;
        if (passing.Count == count) passing = null;
        return true;
    }
}
