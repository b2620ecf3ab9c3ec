using System.IO.Compression;
using System.Text;
using Basalt.Backends.Memory;
using Basalt.Migration;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Tests.Migration;

/// <summary>A folder that is gone after the test, and the short ways to files and collections in tests of moves.</summary>
internal sealed class Workbench : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("basalt-move-").FullName;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>The path of a file with that text.</summary>
    public string Write(string name, string content)
    {
        File.WriteAllText(PathOf(name), content);
        return PathOf(name);
    }

    public RecordSource Source(string name, string content)
    {
        var path = PathOf(name);
        using (var file = File.Create(path))
        using (Stream stream = name.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionLevel.Fastest) : file)
            stream.Write(Encoding.UTF8.GetBytes(content));
        return RecordSource.Open(path);
    }

    public MoveCheckpoint Checkpoint(bool resume = false) => new(PathOf("checkpoints"), "here", "there", resume);

    public string[] Checkpoints() => Directory.Exists(PathOf("checkpoints")) ? Directory.GetFiles(PathOf("checkpoints")) : [];

    public static Collection Empty(string name = "films") => Database.Over(new MemoryBackend()).Collection(name);

    public static async Task<Collection> With(params Record[] records)
    {
        var collection = Empty();
        (await collection.CreateManyAsync(records)).EnsureDone();
        return collection;
    }

    public static async Task<List<Record>> All(Collection collection)
    {
        var records = new List<Record>();
        await foreach (var record in collection.StreamAsync(Query.All)) records.Add(record);
        return records;
    }

    /// <summary>The records in exact JSON without what the store adds, in the order of ids.</summary>
    public static async Task<string> Dump(Collection collection) =>
        string.Join('\n', (await All(collection)).Select(static r => RecordJson.ToText(r with { Version = 0, Created = default, Updated = default })));

    public static async Task<BasaltException> Fails(Func<Task> act) => await Assert.ThrowsAsync<BasaltException>(act);
}
