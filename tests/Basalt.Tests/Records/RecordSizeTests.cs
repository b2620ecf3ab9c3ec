using System.Text;
using Basalt.Backends.Files;
using Basalt.Records;

namespace Basalt.Tests.Records;

public sealed class RecordSizeTests
{
    [Fact]
    public void Bound_is_never_below_the_exact_json()
    {
        var nasty = new Record
        {
            Id = new string('\u0001', 100), Version = long.MaxValue, Created = DateTimeOffset.MaxValue, Updated = DateTimeOffset.MinValue,
            Metadata = ValueMap.From([new("\"\\\u0002$", "x")]),
            ["$\u0003"] = "\u0000\"\\\n😀é",
            ["l"] = new Value[] { long.MinValue, double.MinValue, -double.Epsilon, decimal.MinValue, 0.0000000000000000000000000001m, double.NaN, true, default },
            ["d"] = new DateTimeOffset(9999, 12, 31, 23, 59, 59, 999, TimeSpan.FromHours(14)).AddTicks(9999),
            ["g"] = Guid.Empty, ["b"] = new byte[1], ["v"] = new[] { -1.17549435E-38f, float.MinValue, float.NaN, float.NegativeInfinity }, ["m"] = ValueMap.Empty,
        };
        foreach (var record in new[] { nasty, new Record(), new Record { ["v"] = Enumerable.Repeat(-1.1754944E-38f, 1000).ToArray() } })
            Assert.InRange(Encoding.UTF8.GetByteCount(RecordJson.ToText(record)), 1, RecordSize.JsonBound(record));
    }

    [Theory]
    [InlineData("c.jsonl")]
    [InlineData("c.csv")]
    public async Task Record_that_the_file_could_not_be_read_with_is_refused_and_the_largest_one_is_kept(string name)
    {
        var folder = Directory.CreateTempSubdirectory("basalt-size-").FullName;
        try
        {
            var limit = FileBackend.Declared.MaxRecordBytes!.Value;
            // Quotes, because CSV doubles them.
            var largest = new Record { Id = "a", ["t"] = new Value[] { new string('"', limit / 2 - 200) } };
            await using (var db = await Database.OpenAsync($"file:{folder}/{name}"))
            {
                await db.Collection("c").CreateAsync(largest);
                var fault = await Assert.ThrowsAsync<BasaltException>(async () => await db.Collection("c").CreateAsync(new Record { ["t"] = new string('"', limit / 2) }));
                Assert.Equal(ErrorCode.InvalidRecord, fault.Code);
            }

            await using var again = await Database.OpenAsync($"file:{folder}/{name}");
            Assert.Equal(largest["t"], (await again.Collection("c").GetRequiredAsync("a"))["t"]);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
