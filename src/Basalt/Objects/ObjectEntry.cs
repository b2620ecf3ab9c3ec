namespace Basalt.Objects;

/// <summary>What is known of an object without reading it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="ETag">The name of its content, without quotes. Only equality means anything.</param>
/// <param name="Modified">When it was put, as its store says; stores may round it to seconds.</param>
public sealed record ObjectEntry(string Key, long Length, string ETag, DateTimeOffset Modified);

/// <summary>What a listing has: an object, or a prefix that several share.</summary>
/// <param name="Key">The object's key, or the prefix up to its delimiter.</param>
/// <param name="Entry">The object; null for a prefix.</param>
public readonly record struct ObjectListItem(string Key, ObjectEntry? Entry)
{
    /// <summary>Whether it stands for all keys that begin so.</summary>
    public bool IsPrefix => Entry is null;
}
