using System.Security.Cryptography;

namespace Basalt.Lsm.Encryption;

/// <summary>
/// Keys in memory, by id. Rotation: <see cref="Add"/> a key and <see cref="Use"/> it; keep the older ones until no file needs them any more.
/// Disposing of it overwrites the keys with zeros; dispose of it after the stores that use it. Thread-safe.
/// </summary>
public sealed class KeyRing : IKeyProvider, IDisposable
{
    /// <summary>The length of a key in bytes: AES-256.</summary>
    public const int KeyBytes = 32;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, byte[]> _keys = new(StringComparer.Ordinal);
    private string _current;
    private bool _isDisposed;

    /// <summary>A ring of one key, the current one. The bytes are copied.</summary>
    /// <exception cref="ArgumentException">The id has not 1 to 255 bytes of UTF-8, or the key not 32 bytes.</exception>
    public KeyRing(string keyId, ReadOnlySpan<byte> key)
    {
        Add(keyId, key);
        _current = keyId;
    }

    /// <inheritdoc/>
    public string CurrentKeyId
    {
        get { lock (_gate) return _current; }
    }

    /// <summary>Adds a key, which is copied. The id must be new: files may exist under the key that it names.</summary>
    public void Add(string keyId, ReadOnlySpan<byte> key)
    {
        ArgumentNullException.ThrowIfNull(keyId);
        if (!CipherHeader.IsKeyId(keyId)) throw new ArgumentException("The id of a key has 1 to 255 bytes of UTF-8.", nameof(keyId));
        if (key.Length != KeyBytes) throw new ArgumentException($"A key has {KeyBytes} bytes, not {key.Length}.", nameof(key));
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            // Pinned, so that the collector leaves no copies behind.
            var copy = GC.AllocateUninitializedArray<byte>(KeyBytes, pinned: true);
            key.CopyTo(copy);
            if (_keys.TryAdd(keyId, copy)) return;
            CryptographicOperations.ZeroMemory(copy);
            throw new ArgumentException($"The ring has a key '{keyId}' already.", nameof(keyId));
        }
    }

    /// <summary>Makes a key that was added the current one.</summary>
    public void Use(string keyId)
    {
        ArgumentNullException.ThrowIfNull(keyId);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _current = _keys.ContainsKey(keyId) ? keyId : throw new ArgumentException($"The ring has no key '{keyId}'.", nameof(keyId));
        }
    }

    /// <inheritdoc/>
    public bool TryGetKey(string keyId, Span<byte> key)
    {
        ArgumentNullException.ThrowIfNull(keyId);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            if (!_keys.TryGetValue(keyId, out var found)) return false;
            found.CopyTo(key);
            return true;
        }
    }

    /// <summary>Overwrites the keys.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            foreach (var key in _keys.Values) CryptographicOperations.ZeroMemory(key);
            _keys.Clear();
        }
    }
}
