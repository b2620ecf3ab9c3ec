using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Basalt.Lsm.Memory;

/// <summary>Bytes of a sidecar in native memory, which the budget counts until they are freed.</summary>
internal sealed unsafe class NativeCopy : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <summary>It begins where a mapped file would.</summary>
    private const int Page = 4096;

    private readonly MemoryBudget _memory;
    private readonly long _length;

    private NativeCopy(MemoryBudget memory, long length)
        : base(ownsHandle: true)
    {
        (_memory, _length) = (memory, length);
        SetHandle((nint)NativeMemory.AlignedAlloc((nuint)length, Page));
    }

    public nint Address => handle;

    /// <summary>Room for so many bytes; the budget may refuse.</summary>
    /// <exception cref="LsmException">OverBudget.</exception>
    public static NativeCopy Take(MemoryBudget memory, long length)
    {
        if (!memory.TryTake(MemoryUse.Sidecars, length)) throw new LsmException(LsmErrorCode.OverBudget, $"A section of {length} bytes needs as much memory; {memory.Used} of {memory.Limit} are in use. Dispose of others, or raise the budget.");
        try
        {
            return new NativeCopy(memory, length);
        }
        catch
        {
            memory.Return(MemoryUse.Sidecars, length);
            throw;
        }
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.AlignedFree((void*)handle);
        _memory.Return(MemoryUse.Sidecars, _length);
        return true;
    }
}
