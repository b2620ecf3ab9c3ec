namespace Basalt.Lsm.IO;

/// <summary>Tells faults of a disk that has no space left from all others.</summary>
public static class DiskSpace
{
    // ENOSPC; EDQUOT of Linux and of macOS and BSD; ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL and ERROR_DISK_QUOTA_EXCEEDED of Windows.
    private static readonly int[] Codes = [28, 122, 69, unchecked((int)0x80070070), unchecked((int)0x80070027), unchecked((int)0x8007050F)];

    /// <summary>Whether a fault says, or was caused by one that says, that the disk is full or its quota used up.</summary>
    public static bool IsOut(Exception? fault)
    {
        for (; fault is not null; fault = fault.InnerException)
            if (fault is LsmException { Code: LsmErrorCode.DiskFull } || (fault is IOException && Codes.Contains(fault.HResult))) return true;
        return false;
    }

    /// <summary>The fault that a full disk throws on this system.</summary>
    public static IOException Fault(string path) => new($"No space left on device: '{path}'", OperatingSystem.IsWindows() ? Codes[3] : Codes[0]);
}
