namespace Basalt.Objects;

/// <summary>What was read into a caller's buffer.</summary>
/// <param name="Entry">The object.</param>
/// <param name="Offset">Where in the object the bytes are from.</param>
/// <param name="Count">How many bytes of the buffer were filled.</param>
public readonly record struct ObjectRead(ObjectEntry Entry, long Offset, int Count);

/// <summary>Reading objects into memory.</summary>
public static class ObjectReads
{
    extension(IObjectStore store)
    {
        /// <summary>Reads a range of an object into a buffer, which must be large enough for it; null when there is no such object.</summary>
        /// <exception cref="ArgumentException">The range has more bytes than the buffer. The whole object and everything from an offset on are ranges, too.</exception>
        /// <inheritdoc cref="IObjectStore.OpenAsync"/>
        public async ValueTask<ObjectRead?> ReadAsync(string key, ObjectRange range, Memory<byte> buffer, string? ifMatch = null, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(store);
            var content = await store.OpenAsync(key, range, ifMatch, cancellationToken).ConfigureAwait(false);
            if (content is null) return null;
            await using var closing = content.ConfigureAwait(false);
            if (content.Length > buffer.Length) throw new ArgumentException($"The buffer has {buffer.Length} bytes; the range of '{key}' has {content.Length}.", nameof(buffer));
            await content.Stream.ReadExactlyAsync(buffer[..(int)content.Length], cancellationToken).ConfigureAwait(false);
            return new ObjectRead(content.Entry, content.Offset, (int)content.Length);
        }

        /// <summary>Reads a whole object into memory, if it has at most so many bytes; null when there is no such object.</summary>
        /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidData"/>: it is larger.</exception>
        /// <inheritdoc cref="IObjectStore.OpenAsync"/>
        public async ValueTask<(ObjectEntry Entry, byte[] Bytes)?> ReadAllAsync(string key, int maxBytes, string? ifMatch = null, CancellationToken cancellationToken = default)
        {
            ArgumentNullException.ThrowIfNull(store);
            var content = await store.OpenAsync(key, ObjectRange.All, ifMatch, cancellationToken).ConfigureAwait(false);
            if (content is null) return null;
            await using var closing = content.ConfigureAwait(false);
            if (content.Length > maxBytes)
                throw new BasaltException(ErrorCode.InvalidData, $"The object '{key}' in {store.Address} has {content.Length} bytes; at most {maxBytes} are read here.") { Operation = "read", Target = key };
            var bytes = new byte[content.Length];
            await content.Stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
            return (content.Entry, bytes);
        }
    }
}
