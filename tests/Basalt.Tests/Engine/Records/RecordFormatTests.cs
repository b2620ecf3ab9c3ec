using Basalt.Changes;
using Basalt.Conformance;
using Basalt.Engine.Changes;
using Basalt.Engine.Records;
using Basalt.Filters;
using Basalt.Lsm.IO;
using Basalt.Records;

namespace Basalt.Tests.Engine.Records;

/// <summary>The bytes of records. <c>BASALT_REWRITE=1</c> writes the document's example anew.</summary>
public sealed class RecordFormatTests
{
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("BASALT_SEED"), out var seed) ? seed : Environment.TickCount & 0xFFFFFF;

    private static readonly Record Example = new()
    {
        Id = "alien",
        Version = 7,
        Created = new DateTimeOffset(2024, 5, 1, 12, 0, 0, TimeSpan.FromHours(2)),
        Updated = new DateTimeOffset(2024, 5, 1, 12, 0, 1, TimeSpan.FromHours(2)),
        ["title"] = "Alien",
        ["year"] = 1979,
        ["liked"] = true,
        ["at"] = Value.FromList([1.5, Value.Null]),
    };

    [Fact]
    public void The_example_of_the_document_is_written_and_read()
    {
        var names = new NameList([]);
        var written = Write(Example, names);
        var lines = written.Chunk(16).Select(static (chunk, i) => $"{i * 16:x4}  {string.Join(' ', chunk.Select(static b => $"{b:x2}"))}");
        var text = Repository.Read("docs", "formats", "record.md");
        const string Open = "```hex\n";
        var from = text.IndexOf(Open, StringComparison.Ordinal) + Open.Length;
        var to = text.IndexOf("```", from, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("BASALT_REWRITE") == "1")
        {
            text = text[..from] + string.Join('\n', lines) + "\n" + text[to..];
            File.WriteAllText(Repository.Path("docs", "formats", "record.md"), text);
            to = text.IndexOf("```", from, StringComparison.Ordinal);
        }

        var shown = Convert.FromHexString(string.Concat(text[from..to].Split('\n').Where(static line => line.Length > 6).Select(static line => line[6..].Replace(" ", ""))));
        Assert.Equal(Convert.ToHexString(written), Convert.ToHexString(shown));
        Assert.Equal(Example, new RecordReader(names.Names).Read("alien", shown));
    }

    [Fact]
    public void The_example_of_a_change_is_written_and_read()
    {
        var expiring = Example with { Expires = new DateTimeOffset(2024, 5, 2, 10, 0, 0, TimeSpan.Zero) };
        var bytes = new ByteBuffer();
        ChangeFormat.Write(bytes, ChangeKind.Update, "films", expiring.Id, expiring.Version, expiring.Updated.ToUnixTimeMilliseconds(), expiring);
        var lines = bytes.Written.ToArray().Chunk(16).Select(static (chunk, i) => $"{i * 16:x4}  {string.Join(' ', chunk.Select(static b => $"{b:x2}"))}");
        var text = Repository.Read("docs", "formats", "record.md");
        const string Open = "```hex\n";
        var from = text.LastIndexOf(Open, StringComparison.Ordinal) + Open.Length;
        var to = text.IndexOf("```", from, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("BASALT_REWRITE") == "1")
        {
            text = text[..from] + string.Join('\n', lines) + "\n" + text[to..];
            File.WriteAllText(Repository.Path("docs", "formats", "record.md"), text);
            to = text.IndexOf("```", from, StringComparison.Ordinal);
        }

        var shown = Convert.FromHexString(string.Concat(text[from..to].Split('\n').Where(static line => line.Length > 6).Select(static line => line[6..].Replace(" ", ""))));
        Assert.Equal(Convert.ToHexString(bytes.Written), Convert.ToHexString(shown));
        var read = ChangeFormat.Read(shown, "token");
        Assert.Equal((ChangeKind.Update, "films", "alien", 7, expiring.Updated.ToUniversalTime(), "token"), (read.Kind, read.Collection, read.Id, read.Version, read.Time, read.Token));
        Assert.Equal(expiring, read.Record);
        Assert.Throws<InvalidDataException>(() => ChangeFormat.Read([.. shown, 0], "token"));
    }

    [Fact]
    public void Every_record_reads_back_to_the_last_bit_and_so_does_a_part_of_it()
    {
        var random = new Generator(Seed);
        var names = new NameList([]);
        for (var i = 0; i < 2000; i++)
        {
            var fields = new ValueMapBuilder();
            for (var field = 0; field < i % 9; field++) fields.Set($"f{(i + field) % 23}", random.Value());
            var record = new Record($"id{i}", fields.Build()) { Version = i * 1_000_003L, Created = Example.Created.AddTicks(i), Updated = Example.Updated.AddDays(-i).ToOffset(TimeSpan.FromMinutes(i % 800)), Expires = i % 3 == 0 ? null : Example.Created.AddMilliseconds(i), Metadata = new ValueMapBuilder().Set("m", random.Value(1)).Build() };
            var bytes = Write(record, names);
            Assert.True(record.Equals(new RecordReader(names.Names).Read(record.Id, bytes)), $"BASALT_SEED={Seed} {record}");
            var head = new ByteReader(bytes);
            Assert.Equal(RecordHead.Of(record), RecordHead.Read(ref head));
            var path = FieldPath.Parse($"f{i % 23}");
            Assert.Equal(path.Resolve(record), new FieldReader(path, names).Read(bytes));
            var part = new RecordReader(names.Names, [path], isDelivered: false).Read(record.Id, bytes);
            Assert.True(part.Fields.Count <= 1 && part.Metadata.Count == 0 && path.Resolve(part).Equals(path.Resolve(record)));
        }
    }

    [Fact]
    public void Names_beyond_the_list_are_written_with_the_record()
    {
        var names = new NameList([.. Enumerable.Range(0, NameList.MostNames - 1).Select(static i => $"n{i}")]);
        var record = new Record { Id = "a", ["n5"] = 1, ["last"] = 2, ["more"] = 3, [new string('x', 300)] = 4 };
        var bytes = Write(record, names);
        Assert.Equal(NameList.MostNames, names.Names.Length);
        Assert.Equal(record, new RecordReader(names.Names).Read("a", bytes));
        Assert.Equal(3, new RecordReader(names.Names, [FieldPath.Parse("more")]).Read("a", bytes)["more"]);
        names.Truncate(NameList.MostNames - 1);
        Assert.Equal(NameList.MostNames - 1, names.Number("other"));
    }

    [Fact]
    public void Bytes_that_are_no_record_are_refused()
    {
        var names = new NameList([]);
        var bytes = Write(Example, names);
        for (var length = 0; length < bytes.Length; length++) Assert.Throws<InvalidDataException>(() => new RecordReader(names.Names).Read("a", bytes.AsSpan(0, length)));
        Assert.Throws<InvalidDataException>(() => new RecordReader(names.Names).Read("a", [.. bytes, 0]));
        // Names that the collection does not have.
        Assert.Throws<InvalidDataException>(() => new RecordReader([]).Read("a", bytes));
        bytes[0] = RecordFormat.ExpiringVersion + 1;
        Assert.Contains("newer", Assert.Throws<InvalidDataException>(() => new RecordReader(names.Names).Read("a", bytes)).Message, StringComparison.Ordinal);
    }

    private static byte[] Write(Record record, NameList names)
    {
        var bytes = new ByteBuffer();
        RecordWriter.Write(bytes, record, names);
        return bytes.Written.ToArray();
    }
}
