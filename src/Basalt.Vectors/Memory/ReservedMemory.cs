using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Basalt.Vectors.Memory;

/// <summary>
/// A range of addresses of this process that starts at a multiple of 2 MiB. Pages come into being, zeroed, when they are first written, so a large range costs nothing.
/// On Windows pages must be committed before.
/// </summary>
[SuppressMessage("Design", "MA0012", Justification = "It is an allocator, and what it says is that memory lacks.")]
internal sealed partial class ReservedMemory : SafeHandle
{
    /// <summary>A large page, which one entry of the address cache covers instead of 512.</summary>
    public const long LargePage = 2L << 20;

    private const int ReadWrite = 0x1 | 0x2;
    private const int LinuxFlags = 0x02 | 0x20 | 0x4000;
    private const int AppleFlags = 0x0002 | 0x1000 | 0x0040;
    private const int AdviseHugePage = 14;
    private const uint WindowsReserve = 0x2000;
    private const uint WindowsCommit = 0x1000;
    private const uint WindowsRelease = 0x8000;
    private const uint WindowsReadWrite = 0x04;
    private readonly nuint _mapped;
    private readonly nint _start;

    /// <summary>Reserves so many bytes.</summary>
    /// <exception cref="InsufficientMemoryException">There is no such range, or the process may not have it.</exception>
    public ReservedMemory(long bytes) : base(0, ownsHandle: true)
    {
        _mapped = checked((nuint)(bytes + LargePage));
        if (OperatingSystem.IsWindows()) handle = VirtualAlloc(0, _mapped, WindowsReserve, WindowsReadWrite);
        else handle = Map(0, _mapped, ReadWrite, OperatingSystem.IsLinux() ? LinuxFlags : AppleFlags, -1, 0);
        if (handle is 0 or -1)
        {
            SetHandleAsInvalid();
            throw new InsufficientMemoryException($"{bytes} bytes of addresses cannot be reserved (error {Marshal.GetLastPInvokeError()}).");
        }

        _start = (nint)((handle + LargePage - 1) / LargePage * LargePage);
    }

    /// <inheritdoc/>
    public override bool IsInvalid => handle is 0 or -1;

    public unsafe byte* Start => (byte*)_start;

    /// <summary>Makes bytes usable. Only Windows needs it.</summary>
    /// <exception cref="InsufficientMemoryException">The machine has no more.</exception>
    public void Commit(long offset, long bytes)
    {
        if (OperatingSystem.IsWindows() && VirtualAlloc((nint)(_start + offset), (nuint)bytes, WindowsCommit, WindowsReadWrite) == 0)
            throw new InsufficientMemoryException($"{bytes} bytes cannot be had (error {Marshal.GetLastPInvokeError()}).");
    }

    /// <summary>Asks for large pages from an offset on. A wish: the answer changes only the speed, so it is not looked at.</summary>
    public void PreferLargePages(long offset, long bytes)
    {
        if (OperatingSystem.IsLinux()) _ = Advise((nint)(_start + offset), (nuint)bytes, AdviseHugePage);
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => OperatingSystem.IsWindows() ? VirtualFree(handle, 0, WindowsRelease) : Unmap(handle, _mapped) == 0;

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint Map(nint address, nuint length, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(nint address, nuint length);

    [LibraryImport("libc", EntryPoint = "madvise", SetLastError = true)]
    private static partial int Advise(nint address, nuint length, int advice);

    [LibraryImport("kernel32", SetLastError = true)]
    private static partial nint VirtualAlloc(nint address, nuint size, uint type, uint protection);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool VirtualFree(nint address, nuint size, uint type);
}
