namespace Basalt.Lsm.Encryption;

/// <summary>
/// Where the keys of an encrypted store come from. New files are written under the current key; each file says by its id which key it needs,
/// so a store may hold files of several keys. Thread-safe. What it throws fails the open, flush, merge or write that asked, and changes nothing.
/// </summary>
/// <remarks>
/// A provider key encrypts nothing itself: every file has a key of its own, derived from the provider's and a random salt by HKDF-SHA256
/// (RFC 5869). An id is stored in the clear in every file: it must not be a secret. An id names one key forever.
/// </remarks>
public interface IKeyProvider
{
    /// <summary>The id of the key that new files are written under: 1 to 255 bytes of UTF-8. It may change while a store is open.</summary>
    string CurrentKeyId { get; }

    /// <summary>
    /// Writes the 32 bytes of the key of an id; false when there is none, and then a store that needs it is refused
    /// (<see cref="LsmErrorCode.WrongKey"/>). The caller clears the span after use.
    /// </summary>
    bool TryGetKey(string keyId, Span<byte> key);
}
