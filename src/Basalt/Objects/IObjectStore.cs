namespace Basalt.Objects;

/// <summary>
/// Bytes by key: a bucket, a folder, or memory. Objects are whole: a put is seen entirely or not at all, and one that was acknowledged is as durable as the
/// store is. Thread-safe.
/// </summary>
/// <remarks>
/// What every store keeps, and its tests repeat:
/// <list type="bullet">
/// <item>A key is 1 to 1024 bytes of UTF-8. A key to put has no control characters, and its parts between slashes are neither empty, <c>.</c> nor <c>..</c>.</item>
/// <item>What is not there is null when asked for, and no error when deleted.</item>
/// <item>An ETag names a content: it changes with every put that changes the content. Stores make their own; only equality means anything.</item>
/// <item>A listing is in the order of the keys' UTF-8 bytes. It has what was there all the time it ran; what came or went meanwhile may be in it.</item>
/// <item>Of writers that put under the same condition at once, one succeeds.</item>
/// <item>Faults of the world are <see cref="BasaltException"/>, with the key in <see cref="BasaltException.Target"/>.</item>
/// </list>
/// </remarks>
public interface IObjectStore : IAsyncDisposable
{
    /// <summary>The address, without secrets: for messages.</summary>
    string Address { get; }

    /// <summary>What is known of an object without reading it; null when there is none.</summary>
    ValueTask<ObjectEntry?> HeadAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>
    /// Opens an object, or a range of it, for reading; null when there is none. A range is cut at the object's end, and one that starts behind it is empty. The
    /// content is that of one put, also when the object is replaced meanwhile: else reading it fails with <see cref="ErrorCode.Conflict"/>.
    /// </summary>
    /// <param name="key">The object.</param>
    /// <param name="range">Which bytes.</param>
    /// <param name="ifMatch">The ETag that the object must have; <see cref="ErrorCode.Conflict"/> when it has another one.</param>
    /// <param name="cancellationToken">Ends the opening; reads have tokens of their own.</param>
    ValueTask<ObjectContent?> OpenAsync(string key, ObjectRange range = default, string? ifMatch = null, CancellationToken cancellationToken = default);

    /// <summary>Puts an object and returns its ETag.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.AlreadyExists"/> or <see cref="ErrorCode.Conflict"/>: the condition does not hold, and nothing was changed.</exception>
    ValueTask<string> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition = default, CancellationToken cancellationToken = default);

    /// <summary>
    /// Puts an object from a stream of any length, in bounded memory, and returns its ETag. It has no condition: not every store can keep one for a content
    /// that arrives in parts. When it fails or is cancelled, nothing was changed.
    /// </summary>
    ValueTask<string> PutAsync(string key, Stream content, CancellationToken cancellationToken = default);

    /// <summary>Removes an object, if it is there.</summary>
    ValueTask DeleteAsync(string key, CancellationToken cancellationToken = default);

    /// <summary>Lists objects, page by page as the listing is read.</summary>
    IAsyncEnumerable<ObjectListItem> ListAsync(ObjectListing listing, CancellationToken cancellationToken = default);
}
