using System.Buffers.Binary;

namespace Basalt.Engine.Changes;

/// <summary>How long committed changes are kept for <see cref="Database.ChangesAsync"/>. The database remembers it: whoever opens it next keeps them, too.</summary>
/// <remarks>
/// What is kept is a second copy of every record that is written, in the same commit: batches of small records take about three tenths less a second with it. The oldest eighth or so goes at a time, when a commit exceeds a bound.
/// </remarks>
public sealed record ChangeRetention
{
    /// <summary>The least bytes that can be asked for.</summary>
    public const long LeastBytes = 1 << 20;

    private const int Segments = 8;
    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(36_500);

    /// <summary>Changes are not kept; those that were are given up.</summary>
    public static ChangeRetention None { get; } = new();

    /// <summary>At most so many bytes of them: 1 MiB and more; null without a bound.</summary>
    public long? Bytes { get; init; }

    /// <summary>Those of so long a time, at least; 1 s to 100 years, null without a bound.</summary>
    public TimeSpan? Age { get; init; }

    internal bool IsKept => Bytes is not null || Age is not null;

    /// <summary>When a segment is closed, so that a bound is kept by giving up whole ones.</summary>
    internal long SegmentBytes => Bytes is { } bytes ? bytes / Segments : 64 << 20;

    internal long? AgeMilliseconds => Age is { } age ? (long)age.TotalMilliseconds : null;

    internal long SegmentMilliseconds => AgeMilliseconds / Segments ?? long.MaxValue;

    internal string? Problem => Bytes < LeastBytes ? $"changes are kept up to {LeastBytes} bytes at least, not {Bytes}"
        : Age < TimeSpan.FromSeconds(1) || Age > LongestAge ? $"changes are kept 1 s to 100 years, not {Age}"
        : null;

    internal byte[] Encode()
    {
        var bytes = new byte[2 * sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, Bytes ?? 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(8), AgeMilliseconds ?? 0);
        return bytes;
    }

    /// <exception cref="InvalidDataException">The bytes are none.</exception>
    internal static ChangeRetention Decode(ReadOnlySpan<byte> stored)
    {
        if (stored.Length != 2 * sizeof(long)) throw new InvalidDataException("how long changes are kept does not have 16 bytes");
        var (bytes, age) = (BinaryPrimitives.ReadInt64LittleEndian(stored), BinaryPrimitives.ReadInt64LittleEndian(stored[8..]));
        if (age < 0 || age > LongestAge.TotalMilliseconds) throw new InvalidDataException("how long changes are kept is out of range");
        return new ChangeRetention { Bytes = bytes == 0 ? null : bytes, Age = age == 0 ? null : TimeSpan.FromMilliseconds(age) };
    }
}
