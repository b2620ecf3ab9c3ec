using Basalt.Backends.Files.Formats;
using Microsoft.Win32.SafeHandles;

namespace Basalt.Backends.Files;

/// <summary>
/// An open data file with what was learned by reading it. A rewrite makes another one; this one stays open until the last reader is done.
/// </summary>
internal sealed class DataFile
{
    private int _references = 1;

    private DataFile(string path, SafeFileHandle handle)
    {
        Path = path;
        Handle = handle;
    }

    public string Path { get; }

    public SafeFileHandle Handle { get; }

    /// <summary>The columns of a CSV file, once they were looked for. Written under the gate of the collection.</summary>
    public CsvColumns? Columns { get; set; }

    /// <summary>What a full pass over the file found; replaced under the gate of the collection.</summary>
    public Survey? Survey { get; set; }

    public static DataFile Open(string path, string reportedPath) =>
        new(reportedPath, File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));

    /// <summary>Keeps the file open for one more reader; false when it is closed already.</summary>
    public bool TryAcquire()
    {
        while (true)
        {
            var references = Volatile.Read(ref _references);
            if (references == 0) return false;
            if (Interlocked.CompareExchange(ref _references, references + 1, references) == references) return true;
        }
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0) Handle.Dispose();
    }
}

/// <summary>By what a change from outside is noticed.</summary>
internal readonly record struct FileStamp(long Length, long ModifiedTicks)
{
    public static FileStamp? Of(string path)
    {
        var info = new FileInfo(path);
        return info.Exists ? new FileStamp(info.Length, info.LastWriteTimeUtc.Ticks) : null;
    }
}
