using Basalt.Backends;
using Basalt.Backends.Files;
using FileOptions = Basalt.Backends.Files.FileOptions;

namespace Basalt.Conformance.Tests;

/// <summary>The file backend over a folder of its own or a file in it.</summary>
public abstract class FileConformance(string file, string format) : BackendConformance
{
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-conformance-").FullName;

    protected override int Cases => 150;

    protected override ValueTask<IBackend> OpenEmptyAsync() => ReopenAsync();

    protected override ValueTask<IBackend> ReopenAsync() =>
        ValueTask.FromResult<IBackend>(FileBackend.Open(new FileOptions { Path = Path.Combine(_folder, file), Format = FileFormat.Parse(format) }));

    protected override ValueTask CleanUpAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

public sealed class JsonLinesFolderConformance() : FileConformance("data", "jsonl");

public sealed class GzipJsonLinesFolderConformance() : FileConformance("data", "jsonl.gz");

public sealed class CsvFolderConformance() : FileConformance("data", "csv");

public sealed class JsonFileConformance() : FileConformance("things.json", "jsonl");

public sealed class CsvFileConformance() : FileConformance("things.csv", "jsonl");

public sealed class GzipTsvFileConformance() : FileConformance("things.tsv.gz", "jsonl");
