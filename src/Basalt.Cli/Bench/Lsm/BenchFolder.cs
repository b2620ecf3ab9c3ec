namespace Basalt.Cli.Bench.Lsm;

/// <summary>The folder of a benchmark: empty or absent before, gone or emptied afterwards, unless it is to be kept.</summary>
internal sealed class BenchFolder : IDisposable
{
    private readonly bool _wasThere;
    private bool _isKept;

    public BenchFolder(string path)
    {
        if (File.Exists(path)) throw new UsageException($"{path} is a file; --dir takes a folder that is empty or not there.");
        _wasThere = Directory.Exists(path);
        if (_wasThere && Directory.EnumerateFileSystemEntries(path).Any()) throw new UsageException($"{path} is not empty; the benchmark fills and removes only a folder of its own.");
        Path = Directory.CreateDirectory(path).FullName;
    }

    public string Path { get; }

    /// <summary>Leaves what is there to whoever asked for it.</summary>
    public void Keep() => _isKept = true;

    public void Dispose()
    {
        if (_isKept) return;
        if (!_wasThere)
        {
            Directory.Delete(Path, recursive: true);
            return;
        }

        foreach (var child in Directory.EnumerateDirectories(Path)) Directory.Delete(child, recursive: true);
    }
}
