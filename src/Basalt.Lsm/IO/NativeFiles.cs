using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Basalt.Lsm.IO;

/// <summary>What the platform's own classes do not offer: sync of a folder, hard links, reading a file that is locked.</summary>
internal static partial class NativeFiles
{
    public static void SyncFolder(string folder)
    {
        // Windows journals names by itself and has no handle to flush.
        if (OperatingSystem.IsWindows()) return;
        using var handle = Open(folder, 0);
        if (handle.IsInvalid) throw new IOException($"Cannot open the folder {folder} to sync it (error {Marshal.GetLastPInvokeError()}).");
        // Some network file systems cannot sync a folder and say so by EINVAL; their renames are as durable as they make them.
        const int einval = 22;
        if (Sync(handle) != 0 && Marshal.GetLastPInvokeError() != einval) throw new IOException($"Cannot sync the folder {folder} (error {Marshal.GetLastPInvokeError()}).");
    }

    public static void Link(string path, string newPath)
    {
        var done = OperatingSystem.IsWindows() ? LinkWindows(newPath, path, 0) : LinkUnix(path, newPath) == 0;
        if (!done) throw new IOException($"Cannot link {path} as {newPath} (error {Marshal.GetLastPInvokeError()}).");
    }

    /// <summary>The text of a file that another handle has locked; null where the platform refuses that.</summary>
    public static string? TryReadLocked(string path)
    {
        if (OperatingSystem.IsWindows()) return null;
        // The managed open would ask for a shared lock and fail.
        using var handle = Open(path, 0);
        if (handle.IsInvalid) return null;
        Span<byte> bytes = stackalloc byte[512];
        return System.Text.Encoding.UTF8.GetString(bytes[..RandomAccess.Read(handle, bytes, 0)]);
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(SafeFileHandle handle);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    private static partial int LinkUnix(string path, string newPath);

    [LibraryImport("kernel32", EntryPoint = "CreateHardLinkW", StringMarshalling = StringMarshalling.Utf16, SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool LinkWindows(string newPath, string path, nint security);
}
