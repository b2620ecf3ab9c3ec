using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Basalt.Lsm.Memory;

/// <summary>
/// A piece of native memory of any content. It is given back when it is disposed of, or at the latest by the runtime. Large pieces come from
/// the system and go back to it at once: an allocator would keep what is freed, and the process would take what it took at its highest.
/// </summary>
[System.Diagnostics.CodeAnalysis.SuppressMessage("Design", "MA0012", Justification = "It is an allocator, and what it says is that memory lacks.")]
internal sealed unsafe partial class NativeBytes : SafeHandleZeroOrMinusOneIsInvalid
{
    private const int LeastMapped = 64 << 10;
    private const int ReadWrite = 0x1 | 0x2;
    private const int LinuxFlags = 0x02 | 0x20;
    private const int AppleFlags = 0x0002 | 0x1000;
    private readonly bool _isMapped;

    public NativeBytes(int size)
        : base(ownsHandle: true)
    {
        Size = size;
        // The heap of Windows hands large pieces through by itself.
        _isMapped = size >= LeastMapped && !OperatingSystem.IsWindows();
        SetHandle(_isMapped ? Map(0, (nuint)size, ReadWrite, OperatingSystem.IsLinux() ? LinuxFlags : AppleFlags, -1, 0) : (nint)NativeMemory.Alloc((nuint)size));
        if (IsInvalid) throw new InsufficientMemoryException($"{size} bytes of memory cannot be had (error {Marshal.GetLastPInvokeError()}).");
    }

    public int Size { get; }

    public byte* Start => (byte*)handle;

    protected override bool ReleaseHandle()
    {
        if (_isMapped) return Unmap(handle, (nuint)Size) == 0;
        NativeMemory.Free((void*)handle);
        return true;
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);
}
