using System.Text;
using Basalt.Backends;
using Basalt.DuckDb;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Durability.Tests.DuckDb;

/// <summary>A history of batches that any process can go on with, as all of it follows from a seed and a number; and the child that writes it.</summary>
internal static class DuckDbChild
{
    public const string Write = "duckdb-write";

    /// <summary>file, seed: goes on with the history where the file stands, until it is killed; prints the number of each batch when it is acknowledged.</summary>
    public static async Task<int> WriteAsync(string[] args)
    {
        await using var output = Console.OpenStandardOutput();
        await using var database = Open(args[0]);
        for (var batch = await HeldAsync(database) + 1; ; batch++)
        {
            await database.Backend.WriteAsync("things", BatchOf(int.Parse(args[1]), batch), CancellationToken.None);
            await output.WriteAsync(Encoding.ASCII.GetBytes($"{batch}\n"));
            await output.FlushAsync();
        }
    }

    public static Database Open(string path) => Database.Over(DuckDbBackend.Open(new DuckDbOptions { Path = path, Threads = 1, MemoryBytes = 256L << 20 }));

    /// <summary>The last batch that the file holds, 0 for none.</summary>
    public static async Task<int> HeldAsync(Database database) =>
        (await database.ListCollectionsAsync()).Contains("things") && await database.Collection("things").GetAsync("marker") is { } marker ? (int)marker["n"].AsInt64 : 0;

    /// <summary>What a batch writes: a marker with its number, and some of 60 records, now and then with a field that nobody had before.</summary>
    public static WriteBatch BatchOf(int seed, int batch)
    {
        // The hash codes of .NET differ from process to process.
        var random = new Random(unchecked(seed * 1_000_003 + batch));
        var writes = new List<Write> { new(WriteKind.Upsert, new Record { Id = "marker", ["n"] = batch }) };
        for (var i = random.Next(25); i > 0; i--)
        {
            var id = $"r{random.Next(60)}";
            if (random.Next(5) == 0)
            {
                writes.Add(new Write(WriteKind.Delete, new Record { Id = id }));
                continue;
            }

            var record = new Record { Id = id, ["n"] = random.Next(1000), ["text"] = new string('x', random.Next(300)), ["mixed"] = random.Next(3) == 0 ? "text" : random.Next(9) };
            writes.Add(new Write(WriteKind.Upsert, batch % 40 == 0 ? new Record(id, record.Fields.With($"new{batch / 40}", batch)) : record));
        }

        return new WriteBatch(writes, OnFailure.Continue, DateTimeOffset.UnixEpoch.AddSeconds(batch));
    }

    /// <summary>Asserts that the file holds what the batches up to its marker leave, and gives the marker's number.</summary>
    public static async Task<int> CheckAsync(Database database, int seed)
    {
        var held = await HeldAsync(database);
        var model = new Dictionary<string, ValueMap>();
        for (var batch = 1; batch <= held; batch++)
        {
            foreach (var write in BatchOf(seed, batch).Writes)
            {
                if (write.Kind == WriteKind.Delete) model.Remove(write.Record.Id);
                else model[write.Record.Id] = write.Record.Fields;
            }
        }

        var versions = new HashSet<long>();
        var found = 0;
        if (held > 0)
        {
            await foreach (var record in database.Collection("things").StreamAsync(Query.All))
            {
                Assert.True(model.TryGetValue(record.Id, out var fields) && fields.Equals(record.Fields), $"after batch {held}: {record}");
                Assert.True(versions.Add(record.Version), $"two records have version {record.Version}");
                found++;
            }
        }

        Assert.Equal(model.Count, found);
        // By the index of ids, too.
        foreach (var id in model.Keys) Assert.NotNull(await database.Collection("things").GetAsync(id));
        return held;
    }
}
