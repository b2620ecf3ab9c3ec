using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Basalt.Records;

/// <summary>
/// Mints UUIDv7 ids (RFC 9562, method 1 of section 6.2) that ascend: ids of one minter sort in the order of minting, also within a
/// millisecond and when the clock steps back, so the order of ids is the order of insertion. Thread-safe.
/// </summary>
internal sealed class RecordIdMinter(TimeProvider time)
{
    // Layout of the 128 bits: 48 of milliseconds, 4 of version, 12 + 18 of counter with 2 of variant between them, 44 that tell
    // this minter from every other one. Those are drawn once: drawing per id costs more than the rest of a write.
    private const int CounterBits = 30;
    private readonly Lock _gate = new();
    private readonly ulong _origin = DrawOrigin();
    private long _milliseconds;
    private long _counter;

    public string Mint()
    {
        long milliseconds, counter;
        lock (_gate)
        {
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (now > _milliseconds)
            {
                _milliseconds = now;
                _counter = 0;
            }
            else if (++_counter >> CounterBits != 0)
            {
                _milliseconds++;
                _counter = 0;
            }

            (milliseconds, counter) = (_milliseconds, _counter);
        }

        return Compose(milliseconds, counter, _origin);
    }

    /// <summary>44 random bits.</summary>
    internal static ulong DrawOrigin()
    {
        Span<byte> random = stackalloc byte[8];
        RandomNumberGenerator.Fill(random);
        return BinaryPrimitives.ReadUInt64BigEndian(random) >> 20;
    }

    /// <summary>The id of the n-th item of a run with its own time and origin: the same run mints the same ids again.</summary>
    internal static string Compose(long milliseconds, long counter, ulong origin)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteInt64BigEndian(bytes, milliseconds << 16 | 0x7000 | (counter >> 18 & 0xFFF));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], 0x8000_0000_0000_0000UL | ((ulong)counter & 0x3FFFF) << 44 | origin);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }
}
