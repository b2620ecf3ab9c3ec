namespace Basalt.Objects;

/// <summary>An object that is open for reading, or a range of it. Not thread-safe; dispose it to release the connection or file.</summary>
/// <param name="entry">The object.</param>
/// <param name="offset">Where in the object the content starts.</param>
/// <param name="length">How many bytes it has.</param>
/// <param name="stream">The bytes, which this owns. It ends after exactly <paramref name="length"/> bytes, or fails.</param>
public sealed class ObjectContent(ObjectEntry entry, long offset, long length, Stream stream) : IAsyncDisposable
{
    /// <summary>What is known of the object.</summary>
    public ObjectEntry Entry { get; } = entry;

    /// <summary>Where in the object the content starts.</summary>
    public long Offset { get; } = offset;

    /// <summary>How many bytes the content has.</summary>
    public long Length { get; } = length;

    /// <summary>The bytes, to be read once and forward.</summary>
    public Stream Stream { get; } = stream;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Stream.DisposeAsync();
}
