namespace Basalt.Lsm;

/// <summary>Keys from <see cref="From"/> (included) to <see cref="To"/> (excluded), in the order of unsigned bytes. Immutable; the bytes are not copied.</summary>
public sealed class KeyRange
{
    /// <summary>Every key.</summary>
    public static KeyRange All { get; } = new(default, null);

    private KeyRange(ReadOnlyMemory<byte> from, ReadOnlyMemory<byte>? to) => (From, To) = (from, to);

    /// <summary>The lowest key.</summary>
    public ReadOnlyMemory<byte> From { get; }

    /// <summary>The lowest key behind the range; null when it is open.</summary>
    public ReadOnlyMemory<byte>? To { get; }

    /// <summary>The keys from one to another, itself left out. Reversed bounds hold nothing.</summary>
    public static KeyRange Between(ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to) => new(from, to);

    /// <summary>All keys from one on.</summary>
    public static KeyRange AtLeast(ReadOnlyMemory<byte> from) => new(from, null);

    /// <summary>The keys that begin with the prefix.</summary>
    public static KeyRange Prefix(ReadOnlyMemory<byte> prefix)
    {
        var length = prefix.Span.LastIndexOfAnyExcept((byte)0xFF) + 1;
        if (length == 0) return new KeyRange(prefix, null);
        var to = prefix[..length].ToArray();
        to[^1]++;
        return new KeyRange(prefix, to);
    }

    /// <summary>The part of the range from a key on.</summary>
    internal KeyRange StartingAt(ReadOnlyMemory<byte> lowest) => From.Span.SequenceCompareTo(lowest.Span) >= 0 ? this : new KeyRange(lowest, To);

    internal bool StartsAtOrBefore(ReadOnlySpan<byte> key) => From.Span.SequenceCompareTo(key) <= 0;

    internal bool EndsBehind(ReadOnlySpan<byte> key) => To is not { } to || key.SequenceCompareTo(to.Span) < 0;
}
