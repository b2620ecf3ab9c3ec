using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Basalt.Engine.Nearest;
using Basalt.Lsm;
using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;
using Basalt.Vectors;
using Basalt.Vectors.Flat;

namespace Basalt.Tests.Engine.Nearest;

/// <summary>The sections live with tables of a store: rows come with every table, a graph later, and both are searched where they are mapped.</summary>
public sealed class TableVectorsTests : IDisposable
{
    private const int Dimension = 24;
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-nearest-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rows_come_with_tables_and_graphs_later(bool hasGraph)
    {
        var random = new Random(4);
        var newest = new float[1500][];
        var graphs = new GraphSidecar(new GraphOptions { Kind = hasGraph ? GraphKind.Hnsw : GraphKind.Auto, M = 8, EfConstruction = 40 });
        var options = new LsmOptions { Folder = _folder, RunsMaintenanceInline = true, Sidecars = _ => [new RowSidecar(), graphs] };
        using (var store = LsmStore.Open(options))
        {
            var tree = store.Tree("t");
            // The second table supersedes a third of the first one's entries, and has some without a vector.
            var batch = new WriteBatch();
            for (var i = 0; i < 1000; i++) Put(batch, tree, i);
            store.Commit(batch);
            store.Flush();
            batch.Clear();
            for (var i = 700; i < 1500; i++)
                if (i % 7 != 0) Put(batch, tree, i);
                else if (i >= 1000) batch.Put(tree, Key(i), []);
            store.Commit(batch);
            store.Flush();
            using var snapshot = store.Snapshot();
            foreach (var table in tree.Tables(snapshot)) Assert.True(store.AttachSidecar(tree, table.Number, graphs, TestContext.Current.CancellationToken));
            Assert.Empty(store.Verify());
        }

        using var again = LsmStore.Open(options);
        using var now = again.Snapshot();
        var tables = again.Tree("t").Tables(now);
        Assert.Equal(2, tables.Count);
        using var first = new MappedSegment(tables[0]);
        using var second = new MappedSegment(tables[1]);
        Assert.Equal(hasGraph, first.Segment.Graph is not null);
        MappedSegment[] mapped = [first, second];
        var keys = tables.Select(static table => Keys(table)).ToArray();
        using var flat = new FlatIndex(Metric.L2, Dimension);
        var alive = Enumerable.Range(0, newest.Length).Where(i => newest[i] is not null).ToArray();
        foreach (var key in alive) flat.Add(newest[key]);
        var search = new NearestSearch(Metric.L2, ElementType.Float32, Dimension);
        var verify = new NearestOptions
        {
            Verify = (part, ordinal) =>
            {
                var room = new float[Dimension];
                return mapped[part].Segment.TryRead(ordinal, room) && room.AsSpan().SequenceEqual(newest[keys[part][ordinal]]);
            },
        };
        var (expected, hits, all) = (new Neighbour[10], 0, 0);
        for (var q = 0; q < 50; q++)
        {
            var query = Vector(random);
            Assert.Equal(10, flat.Search(query, expected, default, out _));
            var nearest = expected.Select(n => alive[n.Ordinal]).ToList();
            List<SegmentPart> parts = [new(first.Segment), new(second.Segment)];
            Assert.Equal(nearest, search.Nearest(query, 10, parts, null, verify with { Exact = true }).Hits.Select(hit => keys[hit.Part][hit.Ordinal]));
            var found = search.Nearest(query, 10, parts, null, verify).Hits.Select(hit => keys[hit.Part][hit.Ordinal]).ToList();
            Assert.Equal(10, found.Distinct().Count());
            (hits, all) = (hits + found.Intersect(nearest).Count(), all + 10);
        }

        Assert.True(hits >= 0.9 * all, $"{hits} of {all}");

        void Put(WriteBatch batch, LsmTree tree, int i)
        {
            newest[i] = Vector(random);
            batch.Put(tree, Key(i), MemoryMarshal.AsBytes<float>(newest[i]));
        }
    }

    private static float[] Vector(Random random) => [.. Enumerable.Range(0, Dimension).Select(_ => random.NextSingle())];

    private static byte[] Key(int i)
    {
        var key = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(key, i);
        return key;
    }

    private static List<int> Keys(LsmTable table) => [.. Enumerable.Range(0, (int)table.Entries).Select(i => BinaryPrimitives.ReadInt32BigEndian(table.ReadEntry(i).Key))];

    /// <summary>The sections of a table, mapped.</summary>
    private sealed unsafe class MappedSegment : IDisposable
    {
        private readonly FileRegion _rows;
        private readonly FileRegion? _graph;

        public MappedSegment(LsmTable table)
        {
            using var rows = table.Sidecar("rows")!;
            using var graph = table.Sidecar("graph");
            (_rows, _graph) = (rows.Map(), graph?.Map());
            Segment = VectorSegment.Open((byte*)_rows.Address, _rows.Length, (byte*)(_graph?.Address ?? 0), _graph?.Length ?? 0);
        }

        public VectorSegment Segment { get; }

        public void Dispose()
        {
            Segment.Dispose();
            _rows.Dispose();
            _graph?.Dispose();
        }
    }

    private sealed class RowSidecar : ISidecar
    {
        public string Name => "rows";

        public ISidecarBuilder Begin(SidecarContext context) => new Builder();

        private sealed class Builder : ISidecarBuilder, IDisposable
        {
            private readonly RowsBuilder _rows = new(Metric.L2, ElementType.Float32, Dimension);
            private int _entries;

            public void Add(in TableEntry entry)
            {
                _entries++;
                if (entry.Value.Length > 0) _rows.Add((int)entry.Ordinal, MemoryMarshal.Cast<byte, float>(entry.Value));
            }

            public void Finish(SectionWriter section) => _rows.Finish(section, _entries);

            public void Dispose() => _rows.Dispose();
        }
    }

    private sealed class GraphSidecar(GraphOptions options) : ISidecar
    {
        public string Name => "graph";

        public bool IsDeferred => true;

        public ISidecarBuilder Begin(SidecarContext context) => new Builder(context, options);

        private sealed class Builder(SidecarContext context, GraphOptions options) : ISidecarBuilder
        {
            public void Add(in TableEntry entry)
            {
            }

            public void Finish(SectionWriter section)
            {
                using var mapped = new MappedSegment(context.Table!);
                GraphBuilder.Write(mapped.Segment, options, section, context.Memory, context.CancellationToken);
            }
        }
    }
}
