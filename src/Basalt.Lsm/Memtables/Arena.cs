using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Basalt.Lsm.Memory;

namespace Basalt.Lsm.Memtables;

/// <summary>
/// Native memory that only grows, addressed in units of eight bytes by one number; zero is no address. What is larger than a chunk has a
/// chunk of its own. One thread allocates; any thread reads what an address that it was given points to, until all of it is freed.
/// </summary>
internal sealed unsafe class Arena
{
    private const int UnitBits = 3;
    private const int ChunkBits = 20;
    private const int ChunkUnitBits = ChunkBits - UnitBits;
    private const uint UnitMask = (1u << ChunkUnitBits) - 1;
    private const int MostChunks = 1 << (32 - ChunkUnitBits);

    private readonly MemoryBudget _memory;

    // Volatile: who reads an address sees the array that its chunk is in.
    private volatile nint[] _chunks = [];
    private readonly List<NativeBytes> _owned = [];
    private int _used;
    private int _place;
    private int _end;
    private long _reserved;

    public Arena(MemoryBudget memory)
    {
        _memory = memory;
        Allocate(1 << UnitBits);
    }

    /// <summary>How many bytes were allocated.</summary>
    public long Bytes { get; private set; }

    public uint Allocate(int size)
    {
        const int mask = (1 << UnitBits) - 1;
        var needed = checked(size + mask) & ~mask;
        Bytes += needed;
        if (needed > ChunkSize(_used) && needed > 1 << ChunkBits)
        {
            // The next small thing begins a new chunk.
            _place = _end = 0;
            return (uint)Add(needed) << ChunkUnitBits;
        }

        if (_place + needed > _end)
        {
            _end = Math.Max(needed, ChunkSize(_used));
            Add(_end);
            _place = 0;
        }

        var address = (uint)(_used - 1) << ChunkUnitBits | (uint)_place >> UnitBits;
        _place += needed;
        return address;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte* At(uint address) =>
        (byte*)Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_chunks), address >> ChunkUnitBits) + ((address & UnitMask) << UnitBits);

    /// <summary>Gives everything back. Nobody may read any more.</summary>
    public void Free()
    {
        foreach (var chunk in _owned) chunk.Dispose();
        _owned.Clear();
        _memory.Return(MemoryUse.Memtables, _reserved);
        (_reserved, _place, _end, _used) = (0, 0, 0, 0);
    }

    /// <summary>Small chunks first: most trees of a store hold little.</summary>
    private static int ChunkSize(int number) => number switch
    {
        0 => 4 << 10,
        1 => 64 << 10,
        _ => 1 << ChunkBits,
    };

    private int Add(int size)
    {
        if (_used == MostChunks) throw new InvalidOperationException("The arena is full.");
        var chunks = _chunks;
        if (_used == chunks.Length)
        {
            Array.Resize(ref chunks, Math.Max(16, _used * 2));
            _chunks = chunks;
        }

        _memory.Take(MemoryUse.Memtables, size);
        _reserved += size;
        var chunk = new NativeBytes(size);
        _owned.Add(chunk);
        chunks[_used] = (nint)chunk.Start;
        return _used++;
    }
}
