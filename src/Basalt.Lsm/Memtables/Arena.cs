namespace Basalt.Lsm.Memtables;

/// <summary>
/// Memory that only grows, addressed by one integer: chunk and place. What is larger than a chunk has a chunk of its own. One thread
/// allocates; any thread reads what an address that it was given points to.
/// </summary>
internal sealed class Arena
{
    private const int ChunkBits = 18;
    private const int ChunkSize = 1 << ChunkBits;
    private const int SmallChunk = 4096;
    private const int MostChunks = 1 << (32 - ChunkBits);

    // Volatile: who reads an address sees the array that its chunk is in.
    private volatile byte[][] _chunks = [];
    private int _used;
    private int _place;
    private int _end;

    /// <summary>How many bytes were allocated.</summary>
    public long Bytes { get; private set; }

    public int Allocate(int size)
    {
        const int alignment = 7;
        var needed = (size + alignment) & ~alignment;
        Bytes += needed;
        if (needed > ChunkSize)
        {
            var own = Add(needed);
            // The next small thing begins a new chunk.
            _place = _end = 0;
            return own << ChunkBits;
        }

        if (_place + needed > _end)
        {
            // A small first chunk: most trees of a store hold little.
            _end = _used == 0 ? Math.Max(needed, SmallChunk) : ChunkSize;
            Add(_end);
            _place = 0;
        }

        var address = (_used - 1) << ChunkBits | _place;
        _place += needed;
        return address;
    }

    public Span<byte> At(int address, int length) => _chunks[address >>> ChunkBits].AsSpan(address & (ChunkSize - 1), length);

    public byte[] Chunk(int address, out int place)
    {
        place = address & (ChunkSize - 1);
        return _chunks[address >>> ChunkBits];
    }

    private int Add(int size)
    {
        if (_used == MostChunks) throw new InvalidOperationException("The arena is full.");
        var chunks = _chunks;
        if (_used == chunks.Length)
        {
            Array.Resize(ref chunks, Math.Max(16, _used * 2));
            _chunks = chunks;
        }

        chunks[_used] = new byte[size];
        return _used++;
    }
}
