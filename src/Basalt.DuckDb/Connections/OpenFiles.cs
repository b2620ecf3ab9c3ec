using System.Collections.Concurrent;

namespace Basalt.DuckDb.Connections;

/// <summary>
/// The files that this process has open. The library keeps other processes out by a lock, which does not bind the process that holds it: two of its handles would damage the file.
/// </summary>
internal static class OpenFiles
{
    private static readonly ConcurrentDictionary<string, int> Paths = new(OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal);

    /// <summary>Takes a file; disposing the answer gives it back.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Locked"/>: another handle of this process has it.</exception>
    public static IDisposable Take(string path)
    {
        var real = RealPath(path);
        return Paths.TryAdd(real, 0) ? new Taken(real) : throw DuckDbFaults.Locked(path, "this process by another handle");
    }

    // Two ways to one file are one file.
    private static string RealPath(string path)
    {
        var full = Path.GetFullPath(path);
        if (File.Exists(full)) return new FileInfo(full).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? InRealFolder(full);
        return InRealFolder(full);
    }

    private static string InRealFolder(string full)
    {
        var folder = Path.GetDirectoryName(full);
        if (folder is null || !Directory.Exists(folder)) return full;
        var real = new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder;
        return Path.Combine(real, Path.GetFileName(full));
    }

    private sealed class Taken(string path) : IDisposable
    {
        public void Dispose() => Paths.TryRemove(path, out _);
    }
}
