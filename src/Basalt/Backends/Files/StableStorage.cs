using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Basalt.Backends.Files;

/// <summary>Writes that survive a power cut: the content by fsync of the file, the name by fsync of its folder.</summary>
internal static partial class StableStorage
{
    /// <summary>Replaces a file whole: afterwards it is the old one or the new one, never a part.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".new";
        using (var file = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write, FileShare.Read))
        {
            RandomAccess.Write(file, content, 0);
            RandomAccess.FlushToDisk(file);
        }

        File.Move(temporary, path, overwrite: true);
        SyncFolderOf(path);
    }

    /// <summary>Makes a folder, and the folders that it is in, whose names then survive too.</summary>
    public static void CreateFolder(string path)
    {
        var folder = Path.GetFullPath(path);
        if (Directory.Exists(folder)) return;
        if (Path.GetDirectoryName(folder) is { } parent) CreateFolder(parent);
        Directory.CreateDirectory(folder);
        SyncFolderOf(folder);
    }

    /// <summary>Makes creations, renames and removals in a file's folder durable.</summary>
    public static void SyncFolderOf(string path)
    {
        // Windows journals names by itself and has no handle to flush.
        if (OperatingSystem.IsWindows()) return;
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        using var handle = Open(folder, 0);
        if (handle.IsInvalid) throw new IOException($"Cannot open the folder {folder} to sync it (error {Marshal.GetLastPInvokeError()}).");
        // Some network file systems cannot sync a folder and say so by EINVAL; their renames are as durable as they make them.
        const int einval = 22;
        if (Sync(handle) != 0 && Marshal.GetLastPInvokeError() != einval) throw new IOException($"Cannot sync the folder {folder} (error {Marshal.GetLastPInvokeError()}).");
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle handle);
}
