using Basalt.Engine.Nearest;
using Basalt.Lsm.Memory;
using Basalt.Vectors;
using Basalt.Vectors.Flat;

namespace Basalt.Tests.Engine.Nearest;

/// <summary>Rows of a table are written, found by ordinal, and refused when they are not what they say.</summary>
public sealed class RowsTests
{
    private static readonly int FirstSeed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    [Fact]
    public void Every_entry_with_a_vector_has_a_row_and_back()
    {
        for (var seed = FirstSeed; seed < FirstSeed + 60; seed++)
        {
            var random = new Random(seed);
            var entries = Entries(random, random.Next(1, 3000), dimension: random.Next(1, 20), share: random.Next(4) switch { 0 => 1, 1 => 0.01, 2 => 0, _ => random.NextDouble() });
            var dimension = entries.Find(static e => e is not null)?.Length ?? 3;
            using var held = HeldSegment.Of(entries, Metric.L2, dimension: dimension);
            var segment = held.Segment;
            var row = 0;
            var room = new float[dimension];
            for (var i = 0; i < entries.Count; i++)
            {
                Assert.True(entries[i] is null ? segment.ToRow(i) == -1 : segment.ToRow(i) == row, $"BASALT_SEED={seed}: entry {i}");
                Assert.Equal(entries[i] is not null, segment.TryRead(i, room));
                if (entries[i] is null) continue;
                Assert.Equal(entries[i], room);
                Assert.True(segment.ToOrdinal(row) == i, $"BASALT_SEED={seed}: row {row}");
                row++;
            }

            Assert.Equal((row, entries.Count), (segment.Count, segment.Entries));
            Assert.Equal(-1, segment.ToRow(entries.Count));
            Assert.Equal(-1, segment.ToRow(-1));
            Assert.Throws<ArgumentOutOfRangeException>(() => segment.ToOrdinal(row));
        }
    }

    [Fact]
    public void A_restriction_of_entries_is_one_of_rows()
    {
        for (var seed = FirstSeed; seed < FirstSeed + 60; seed++)
        {
            var random = new Random(seed);
            var entries = Entries(random, random.Next(1, 1000), dimension: 2, share: random.Next(2) == 0 ? 1 : random.NextDouble());
            using var held = HeldSegment.Of(entries, Metric.L2, dimension: 2);
            var segment = held.Segment;
            // Sets may be larger or smaller than the table.
            var allowed = random.Next(3) == 0 ? null : SetOf(random, entries.Count + random.Next(-1, 100), random.NextDouble());
            var dead = random.Next(3) == 0 ? null : SetOf(random, entries.Count + random.Next(-1, 100), random.NextDouble() / 2);
            var rows = segment.Restrict(allowed, dead);
            for (var row = 0; row < segment.Count; row++)
            {
                var ordinal = segment.ToOrdinal(row);
                Assert.True((rows?.Accepts(row) ?? true) == ((allowed?.Accepts(ordinal) ?? true) && dead?.Accepts(ordinal) != true), $"BASALT_SEED={seed}: row {row}");
            }

            Assert.True(rows is null || rows.Count == Enumerable.Range(0, segment.Count).Count(rows.Accepts), $"BASALT_SEED={seed}");
        }
    }

    [Fact]
    public void A_spill_changes_no_byte_and_is_disposed_of()
    {
        var random = new Random(FirstSeed);
        var entries = Entries(random, 700, dimension: 20, share: 0.8);
        var whole = HeldSegment.RowsOf(entries, Metric.Cosine, ElementType.Float32, 20);
        foreach (var memoryBytes in new[] { 1, 128, 1000, 50_000, 1 << 20 })
        {
            var spill = new MemoryStream();
            var opened = 0;
            Assert.Equal(whole, HeldSegment.RowsOf(entries, Metric.Cosine, ElementType.Float32, 20, () =>
            {
                opened++;
                return spill;
            }, memoryBytes));
            Assert.Equal(memoryBytes < 1 << 20 ? 1 : 0, opened);
            Assert.Equal(opened == 0, spill.CanRead);
        }
    }

    [Fact]
    public void Rows_are_taken_from_the_account_and_go_to_the_spill_where_it_has_no_room()
    {
        var random = new Random(FirstSeed);
        var entries = Entries(random, 20_000, dimension: 64, share: 0.9);
        var whole = HeldSegment.RowsOf(entries, Metric.L2, ElementType.Float32, 64);
        foreach (var room in new[] { 0, 2 << 20, 16 << 20 })
        {
            var memory = new MemoryBudget(32 << 20);
            memory.Take(MemoryUse.Memtables, (32 << 20) - room);
            var opened = 0;
            using (var builder = new RowsBuilder(Metric.L2, ElementType.Float32, 64, Open, memory: memory))
            {
                for (var i = 0; i < entries.Count; i++)
                    if (entries[i] is { } vector) builder.Add(i, vector);
                Assert.Equal(whole, HeldSegment.Written(section => builder.Finish(section, entries.Count)));
                // The first step is taken in any case.
                Assert.InRange(memory.UsedFor(MemoryUse.Builds), 1 << 20, Math.Max(1 << 20, room));
            }

            Assert.Equal(room < 16 << 20 ? 1 : 0, opened);
            Assert.Equal(0, memory.UsedFor(MemoryUse.Builds));

            Stream Open()
            {
                opened++;
                return new MemoryStream();
            }
        }
    }

    [Theory]
    [InlineData(Metric.Cosine, ElementType.Float32)]
    [InlineData(Metric.L2, ElementType.Float16)]
    [InlineData(Metric.Dot, ElementType.BFloat16)]
    [InlineData(Metric.L1, ElementType.Int8)]
    [InlineData(Metric.Hamming, ElementType.Bit)]
    public void Every_metric_and_element_type_answers_as_a_flat_index(Metric metric, ElementType type)
    {
        var random = new Random(FirstSeed);
        using var flat = new FlatIndex(metric, 70, type);
        var entries = new List<float[]?>();
        for (var i = 0; i < 300; i++) entries.Add(i % 3 == 0 ? null : Vectors.VectorSamples.Next(random, 70, type));
        foreach (var vector in entries) if (vector is not null) flat.Add(vector);
        using var held = HeldSegment.Of(entries, metric, type: type);
        Assert.Equal((metric, type, 70), (held.Segment.Metric, held.Segment.ElementType, held.Segment.Dimension));
        var (expected, found) = (new Neighbour[10], new Neighbour[10]);
        var query = Vectors.VectorSamples.Next(random, 70, type);
        Assert.Equal(10, flat.Search(query, expected, default, out _));
        Assert.Equal(10, held.Segment.Flat.Search(query, found, default, out _));
        Assert.Equal(expected, found);
    }

    [Fact]
    public void What_is_no_vector_of_the_field_is_refused_and_not_added()
    {
        using var builder = new RowsBuilder(Metric.Cosine, ElementType.Float32, 2);
        builder.Add(3, [1, 0]);
        Assert.Throws<ArgumentException>(() => builder.Add(3, [1, 0]));
        Assert.Throws<ArgumentException>(() => builder.Add(2, [1, 0]));
        Assert.Throws<ArgumentException>(() => builder.Add(4, [1, 0, 0]));
        Assert.Throws<ArgumentException>(() => builder.Add(4, [0, 0]));
        Assert.Throws<ArgumentException>(() => builder.Add(4, [float.NaN, 0]));
        Assert.Equal(1, builder.Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => HeldSegment.Written(section => builder.Finish(section, 3)));
        Assert.Throws<ArgumentException>(() => new RowsBuilder(Metric.Hamming, ElementType.Float32, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RowsBuilder(Metric.L2, ElementType.Float32, 0));
    }

    [Fact]
    public void Damaged_headers_and_maps_are_refused_by_name()
    {
        var bytes = HeldSegment.RowsOf([[1f, 2f], null, [3f, 4f]], Metric.L2, ElementType.Float32, 2);
        Refused([], "no section of vector rows");
        Refused(bytes[..63], "no section of vector rows");
        Refused(bytes[..^1], "and should have");
        Refused([.. bytes, 0], "and should have");
        Refused(With(bytes, 0, 1), "no section of vector rows");
        Refused(With(bytes, 4, 2), "format version 2; this program knows versions up to 1");
        Refused(With(bytes, 4, 0), "format version 0");
        Refused(With(bytes, 6, 9), "no 9 distance");
        Refused(With(bytes, 7, 4), "no L2 distance of Bit vectors");
        Refused(With(bytes, 8, 0), "0 dimensions");
        Refused(With(bytes, 12, 65), "65 bytes apart");
        Refused(With(bytes, 16, 4), "4 rows of 3 entries");
        Refused(With(bytes, 24, 1), "parts begin");
        Refused(With(bytes, 50, 1), "not zero");
        Refused(With(bytes, 64, 0b111), "map of the vector rows has 3 entries, and there are 2 rows");
        Refused(With(bytes, 64, 0b1001), "past the 3");
        // Another metric, type, dimension or number of entries may make sense, too; but no bit of the rest does.
        for (var bit = 0; bit < 64 * 8; bit++)
        {
            var flipped = bytes.ToArray();
            flipped[bit / 8] ^= (byte)(1 << bit % 8);
            if (bit / 8 is not (>= 6 and < 12 or >= 20 and < 24)) Refused(flipped, "");
        }

        static void Refused(byte[] bytes, string why) => Assert.Contains(why, Assert.Throws<InvalidDataException>(() => new HeldSegment(bytes).Dispose()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_example_of_the_document_is_written_and_read()
    {
        var written = HeldSegment.RowsOf([[3f, 4f], null, [0f, 2f]], Metric.Cosine, ElementType.Float32, 2);
        var lines = written.Chunk(16).Select(static (chunk, i) => $"{i * 16:x4}  {string.Join(' ', chunk.Select(static b => $"{b:x2}"))}");
        var text = Repository.Read("docs", "formats", "vectors.md");
        const string open = "```hex\n";
        var from = text.IndexOf(open, StringComparison.Ordinal) + open.Length;
        var to = text.IndexOf("```", from, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("BASALT_REWRITE") == "1")
        {
            text = text[..from] + string.Join('\n', lines) + "\n" + text[to..];
            File.WriteAllText(Repository.Path("docs", "formats", "vectors.md"), text);
            to = text.IndexOf("```", from, StringComparison.Ordinal);
        }

        var shown = Convert.FromHexString(string.Concat(text[from..to].Split('\n').Where(static line => line.Length > 6).Select(static line => line[6..].Replace(" ", ""))));
        Assert.Equal(Convert.ToHexString(written), Convert.ToHexString(shown));
        using var held = new HeldSegment(shown);
        Assert.Equal((Metric.Cosine, 2, 3), (held.Segment.Metric, held.Segment.Count, held.Segment.Entries));
        var room = new float[2];
        Assert.True(held.Segment.TryRead(0, room));
        Assert.Equal([0.6f, 0.8f], room);
        Assert.False(held.Segment.TryRead(1, room));
        Assert.True(held.Segment.TryRead(2, room));
        Assert.Equal([0, 1], room);
    }

    private static byte[] With(byte[] bytes, int at, byte value)
    {
        var changed = bytes.ToArray();
        changed[at] = value;
        return changed;
    }

    private static List<float[]?> Entries(Random random, int count, int dimension, double share) =>
        [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < share ? Enumerable.Range(0, dimension).Select(_ => random.NextSingle() + 0.1f).ToArray() : null)];

    private static OrdinalSet SetOf(Random random, int capacity, double share)
    {
        var set = new OrdinalSet(capacity);
        for (var i = 0; i < capacity; i++)
            if (random.NextDouble() < share) set.Add(i);
        return set;
    }
}
