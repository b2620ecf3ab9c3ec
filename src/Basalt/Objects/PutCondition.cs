namespace Basalt.Objects;

/// <summary>Under which condition to put; always, unless said otherwise.</summary>
public readonly record struct PutCondition
{
    private PutCondition(bool isAbsent, string? eTag) => (IsAbsent, ETag) = (isAbsent, eTag);

    /// <summary>Whatever is there is replaced.</summary>
    public static PutCondition Always => default;

    /// <summary>Only if there is no object of that key; <see cref="ErrorCode.AlreadyExists"/> otherwise.</summary>
    public static PutCondition IfAbsent => new(true, null);

    /// <summary>Whether there must be no object.</summary>
    public bool IsAbsent { get; }

    /// <summary>The ETag that the object must have, or null.</summary>
    public string? ETag { get; }

    /// <summary>Only if the object is there with this ETag; <see cref="ErrorCode.Conflict"/> otherwise.</summary>
    public static PutCondition IfMatch(string eTag)
    {
        ArgumentException.ThrowIfNullOrEmpty(eTag);
        return new PutCondition(false, eTag);
    }
}
