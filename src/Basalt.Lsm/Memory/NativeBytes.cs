using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Basalt.Lsm.Memory;

/// <summary>A piece of native memory, not cleared. It is given back when it is disposed of, or at the latest by the runtime.</summary>
internal sealed unsafe class NativeBytes : SafeHandleZeroOrMinusOneIsInvalid
{
    public NativeBytes(int size)
        : base(ownsHandle: true)
    {
        Size = size;
        SetHandle((nint)NativeMemory.Alloc((nuint)size));
    }

    public int Size { get; }

    public byte* Start => (byte*)handle;

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }
}
