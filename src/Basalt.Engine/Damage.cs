namespace Basalt.Engine;

/// <summary>Something that is stored and is not what it has to be.</summary>
/// <param name="Message">What is wrong, where, and what to do.</param>
public sealed record Damage(string Message)
{
    /// <summary>The file concerned; null when the damage is in no file alone.</summary>
    public string? File { get; init; }

    /// <summary>Where in the file, in bytes, where that is known.</summary>
    public long? Offset { get; init; }

    /// <summary>The collection concerned, where it is one.</summary>
    public string? Collection { get; init; }

    /// <summary>The id of the record concerned, where it is one.</summary>
    public string? Record { get; init; }
}
