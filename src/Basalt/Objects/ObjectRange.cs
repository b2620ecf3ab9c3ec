namespace Basalt.Objects;

/// <summary>Which bytes of an object: all of them, unless said otherwise.</summary>
public readonly record struct ObjectRange
{
    private ObjectRange(long offset, long? length, bool isSuffix) => (Offset, Length, IsSuffix) = (offset, length, isSuffix);

    /// <summary>The whole object.</summary>
    public static ObjectRange All => default;

    /// <summary>Where it starts; zero for a suffix.</summary>
    public long Offset { get; }

    /// <summary>How many bytes at most; null: up to the end.</summary>
    public long? Length { get; }

    /// <summary>Whether the length is counted from the end.</summary>
    public bool IsSuffix { get; }

    /// <summary>Everything from an offset on.</summary>
    public static ObjectRange From(long offset)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return new ObjectRange(offset, null, false);
    }

    /// <summary>So many bytes from an offset on, one at least.</summary>
    public static ObjectRange Slice(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, long.MaxValue - offset);
        return new ObjectRange(offset, length, false);
    }

    /// <summary>So many bytes at the end, one at least; the whole of a shorter object.</summary>
    public static ObjectRange Last(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        return new ObjectRange(0, length, true);
    }

    /// <summary>The range within an object of a length, cut at its end.</summary>
    public (long Offset, long Length) Within(long objectLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(objectLength);
        var offset = IsSuffix ? Math.Max(0, objectLength - Length!.Value) : Math.Min(Offset, objectLength);
        return (offset, Math.Min(Length ?? long.MaxValue, objectLength - offset));
    }
}
