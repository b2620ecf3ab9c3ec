namespace Basalt.Vectors.Memory;

/// <summary>
/// Scratch memory that starts at a multiple of 64 bytes and stays where it is as long as this object lives. It grows when more is asked for, and forgets then
/// what was in it. It is garbage like any object, so a thread may keep one for all its searches.
/// </summary>
internal sealed unsafe class AlignedBytes
{
    private byte[] _pinned = [];
    private byte* _start;
    private long _length;

    /// <summary>At least so many bytes, of unknown content, valid until more is taken.</summary>
    public byte* Take(long bytes)
    {
        if (bytes > _length) Grow(Math.Max(bytes, 1024));
        return _start;
    }

    private void Grow(long bytes)
    {
        _pinned = GC.AllocateUninitializedArray<byte>(checked((int)(bytes + VectorRows.Alignment)), pinned: true);
        fixed (byte* first = _pinned) _start = (byte*)(((nuint)first + VectorRows.Alignment - 1) / VectorRows.Alignment * VectorRows.Alignment);
        _length = bytes;
    }
}
