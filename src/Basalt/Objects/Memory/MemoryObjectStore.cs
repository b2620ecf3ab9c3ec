using System.Globalization;
using System.Runtime.CompilerServices;
using Basalt.Records;

namespace Basalt.Objects.Memory;

/// <summary>Objects in this process: the definition of what a store does, and the store of tests. Nothing of it survives the process.</summary>
public sealed class MemoryObjectStore : IObjectStore
{
    private static readonly Comparer<string> ByCodePoint = Comparer<string>.Create(static (a, b) => Text.Compare(a, b));
    private readonly SortedDictionary<string, (ObjectEntry Entry, byte[] Bytes)> _objects = new(ByCodePoint);
    private readonly Lock _gate = new();
    private readonly TimeProvider _timeProvider;
    private long _puts;

    /// <summary>An empty store.</summary>
    /// <param name="timeProvider">The clock of <see cref="ObjectEntry.Modified"/>; the system's unless given.</param>
    public MemoryObjectStore(TimeProvider? timeProvider = null) => _timeProvider = timeProvider ?? TimeProvider.System;

    /// <inheritdoc/>
    public string Address => "memory:";

    /// <inheritdoc/>
    public ValueTask<ObjectEntry?> HeadAsync(string key, CancellationToken cancellationToken = default)
    {
        ObjectKey.Require(key);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate) return ValueTask.FromResult(_objects.TryGetValue(key, out var found) ? found.Entry : null);
    }

    /// <inheritdoc/>
    public ValueTask<ObjectContent?> OpenAsync(string key, ObjectRange range = default, string? ifMatch = null, CancellationToken cancellationToken = default)
    {
        ObjectKey.Require(key);
        cancellationToken.ThrowIfCancellationRequested();
        (ObjectEntry Entry, byte[] Bytes) found;
        lock (_gate)
            if (!_objects.TryGetValue(key, out found)) return ValueTask.FromResult<ObjectContent?>(null);
        if (ifMatch is not null && ifMatch != found.Entry.ETag) throw ObjectFaults.Changed(Address, key, "read");
        var (offset, length) = range.Within(found.Bytes.Length);
        return ValueTask.FromResult<ObjectContent?>(new ObjectContent(found.Entry, offset, length, new MemoryStream(found.Bytes, (int)offset, (int)length, writable: false)));
    }

    /// <inheritdoc/>
    public ValueTask<string> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition = default, CancellationToken cancellationToken = default)
    {
        ObjectKey.RequireToPut(key);
        cancellationToken.ThrowIfCancellationRequested();
        var bytes = content.ToArray();
        lock (_gate)
        {
            var current = _objects.TryGetValue(key, out var found) ? found.Entry.ETag : null;
            if (condition.IsAbsent && current is not null) throw ObjectFaults.Exists(Address, key);
            if (condition.ETag is { } expected && expected != current) throw ObjectFaults.Changed(Address, key, "put");
            var entry = new ObjectEntry(key, bytes.Length, (++_puts).ToString("x16", CultureInfo.InvariantCulture), _timeProvider.GetUtcNow());
            _objects[key] = (entry, bytes);
            return ValueTask.FromResult(entry.ETag);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<string> PutAsync(string key, Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ObjectKey.RequireToPut(key);
        using var buffer = new MemoryStream();
        await content.CopyToAsync(buffer, cancellationToken).ConfigureAwait(false);
        return await PutAsync(key, buffer.ToArray(), PutCondition.Always, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        ObjectKey.Require(key);
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate) _objects.Remove(key);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ObjectListItem> ListAsync(ObjectListing listing, CancellationToken cancellationToken = default)
    {
        ObjectListing.Require(listing);
        return ListCoreAsync(listing, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async IAsyncEnumerable<ObjectListItem> ListCoreAsync(ObjectListing listing, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await ValueTask.CompletedTask.ConfigureAwait(false);
        ObjectEntry[] entries;
        lock (_gate) entries = [.. _objects.Values.Select(static o => o.Entry).Where(entry => entry.Key.StartsWith(listing.Prefix, StringComparison.Ordinal))];
        string? last = null;
        foreach (var entry in entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var item = listing.CommonPrefixOf(entry.Key) is { } prefix ? new ObjectListItem(prefix, null) : new ObjectListItem(entry.Key, entry);
            if (item.Key == last || !listing.Includes(item.Key)) continue;
            last = item.Key;
            yield return item;
        }
    }
}
