using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Basalt.Lsm.Encryption;

/// <summary>
/// AES-256-GCM (NIST SP 800-38D) under the key of one file, which is derived from the provider's key by HKDF-SHA256 (RFC 5869). No block costs
/// an allocation. Thread-safe, but for disposal, which comes after the last use.
/// </summary>
/// <remarks>
/// A nonce must never serve twice under one key. Two ways to have one, of which a file uses one:
/// - by place (tables): the nonce is the block's place in the file and its kind. The file's salt is new, and each place is written once.
///   The place and the kind are thereby authenticated: a block that was moved, or passed off as something else, is refused.
/// - stored (logs): a torn end is cut and written over, so places repeat. Each writer begins at a random nonce of 96 bits and counts up; the
///   nonce is stored before the sealed bytes. Fewer than 2^32 blocks are sealed in a file, so that two writers' nonces meet with a chance below 2^-60.
/// </remarks>
internal sealed class FileCipher : IDisposable
{
    /// <summary>What sealing adds to a block whose nonce is its place: the tag.</summary>
    public const int Overhead = TagBytes;

    /// <summary>What sealing adds to a block that stores its nonce.</summary>
    public const int StoredNonceOverhead = NonceBytes + TagBytes;

    private const int TagBytes = 16;
    private const int NonceBytes = 12;
    private const int MostIdle = 8;

    private readonly byte[] _key = GC.AllocateUninitializedArray<byte>(KeyRing.KeyBytes, pinned: true);
    private readonly AesGcm?[] _idle = new AesGcm?[Math.Min(Environment.ProcessorCount, MostIdle)];
    private readonly byte[] _header;
    private readonly uint _firstNoncePart;
    private ulong _nextNonce;
    private volatile bool _isDisposed;

    private FileCipher(ReadOnlySpan<byte> key, CipherHeader header, RandomNumberGenerator? entropy)
    {
        key.CopyTo(_key);
        (_header, KeyId) = (header.Encode(), header.KeyId);
        Span<byte> nonce = stackalloc byte[NonceBytes];
        Fill(entropy, nonce);
        (_firstNoncePart, _nextNonce) = (BinaryPrimitives.ReadUInt32LittleEndian(nonce), BinaryPrimitives.ReadUInt64LittleEndian(nonce[4..]));
    }

    /// <summary>The id of the provider's key.</summary>
    public string KeyId { get; }

    /// <summary>What the file stores in the clear, so that it can be opened: a <see cref="CipherHeader"/>.</summary>
    public ReadOnlySpan<byte> Header => _header;

    private static ReadOnlySpan<byte> Purpose => "basalt.lsm file v1"u8;

    /// <summary>The cipher of a new file, under the provider's current key.</summary>
    /// <param name="keys">The provider.</param>
    /// <param name="entropy">Where salt and nonces come from; null: the system's generator. Anything else is for examples.</param>
    public static FileCipher Create(IKeyProvider keys, RandomNumberGenerator? entropy = null)
    {
        var id = keys.CurrentKeyId;
        if (id is null || !CipherHeader.IsKeyId(id)) throw new LsmException(LsmErrorCode.InvalidOptions, "The current key's id must have 1 to 255 bytes of UTF-8.");
        var header = new CipherHeader(id, new byte[CipherHeader.SaltBytes], new byte[CipherHeader.CheckBytes]);
        Fill(entropy, header.Salt);
        Span<byte> key = stackalloc byte[KeyRing.KeyBytes];
        try
        {
            if (!TryDerive(keys, header, key, header.Check)) throw new LsmException(LsmErrorCode.WrongKey, $"New files are to be encrypted under the key '{id}', and the key provider does not have it. Add it to the provider.");
            return new FileCipher(key, header, entropy);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>The cipher of a file that begins its encrypted part with this header.</summary>
    /// <exception cref="LsmException">WrongKey, or corrupt when the header is not one.</exception>
    public static FileCipher Open(IKeyProvider? keys, ReadOnlySpan<byte> header, string path, long offset) =>
        Open(keys, CipherHeader.TryRead(header, path) ?? throw LsmException.Corrupt(path, offset, "what it says of its key cannot be read"), path);

    /// <summary>The cipher of a file with this header; without the very key that it was written under it is refused.</summary>
    public static FileCipher Open(IKeyProvider? keys, CipherHeader header, string path, RandomNumberGenerator? entropy = null)
    {
        if (keys is null) throw LsmException.WrongKey(path, header.KeyId, "no keys were given");
        Span<byte> key = stackalloc byte[KeyRing.KeyBytes];
        Span<byte> check = stackalloc byte[CipherHeader.CheckBytes];
        try
        {
            if (!TryDerive(keys, header, key, check)) throw LsmException.WrongKey(path, header.KeyId, "the key provider does not have it");
            if (!CryptographicOperations.FixedTimeEquals(check, header.Check)) throw LsmException.WrongKey(path, header.KeyId, "the key that the provider has under this id is another one");
            return new FileCipher(key, header, entropy);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
            CryptographicOperations.ZeroMemory(check);
        }
    }

    /// <summary>Seals a block under its place and kind. The destination has <see cref="Overhead"/> more bytes; it does not overlap, or begins where the block does.</summary>
    public void Seal(ulong place, uint kind, ReadOnlySpan<byte> plain, Span<byte> destination)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteNonce(nonce, kind, place);
        Encrypt(nonce, plain, destination, default);
    }

    /// <summary>Opens a block sealed under its place and kind. The plain span has <see cref="Overhead"/> fewer bytes; it does not overlap, or begins where the sealed bytes do.</summary>
    /// <exception cref="LsmException">Corrupt, with the file and the offset, when a bit is not as it was sealed.</exception>
    public void Open(ulong place, uint kind, ReadOnlySpan<byte> sealedBytes, Span<byte> plain, string path, long offset)
    {
        Span<byte> nonce = stackalloc byte[NonceBytes];
        WriteNonce(nonce, kind, place);
        Decrypt(nonce, sealedBytes, plain, default, path, offset);
    }

    /// <summary>Seals a block under a nonce of its own, which comes first in the destination: <see cref="StoredNonceOverhead"/> more bytes, not overlapping.</summary>
    public void SealWithNonce(ReadOnlySpan<byte> associated, ReadOnlySpan<byte> plain, Span<byte> destination)
    {
        WriteNonce(destination, _firstNoncePart, Interlocked.Increment(ref _nextNonce));
        Encrypt(destination[..NonceBytes], plain, destination[NonceBytes..], associated);
    }

    /// <summary>Opens what <see cref="SealWithNonce"/> sealed with the same associated bytes.</summary>
    /// <exception cref="LsmException">Corrupt, with the file and the offset, when a bit is not as it was sealed.</exception>
    public void OpenWithNonce(ReadOnlySpan<byte> associated, ReadOnlySpan<byte> sealedBytes, Span<byte> plain, string path, long offset)
    {
        if (sealedBytes.Length < StoredNonceOverhead) throw LsmException.Corrupt(path, offset, "an encrypted block is too short");
        Decrypt(sealedBytes[..NonceBytes], sealedBytes[NonceBytes..], plain, associated, path, offset);
    }

    private static bool TryDerive(IKeyProvider keys, CipherHeader header, Span<byte> key, Span<byte> check)
    {
        Span<byte> provided = stackalloc byte[KeyRing.KeyBytes];
        Span<byte> derived = stackalloc byte[KeyRing.KeyBytes + CipherHeader.CheckBytes];
        try
        {
            if (!keys.TryGetKey(header.KeyId, provided)) return false;
            HKDF.DeriveKey(HashAlgorithmName.SHA256, provided, derived, header.Salt, [.. Purpose, .. CipherHeader.KeyIdBytes(header.KeyId)]);
            derived[..KeyRing.KeyBytes].CopyTo(key);
            derived[KeyRing.KeyBytes..].CopyTo(check);
            return true;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(provided);
            CryptographicOperations.ZeroMemory(derived);
        }
    }

    private void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, Span<byte> destination, ReadOnlySpan<byte> associated)
    {
        var aes = Rent();
        aes.Encrypt(nonce, plain, destination[..plain.Length], destination[plain.Length..], associated);
        Return(aes);
    }

    private void Decrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedBytes, Span<byte> plain, ReadOnlySpan<byte> associated, string path, long offset)
    {
        if (sealedBytes.Length < TagBytes) throw LsmException.Corrupt(path, offset, "an encrypted block is too short");
        var aes = Rent();
        try
        {
            aes.Decrypt(nonce, sealedBytes[..^TagBytes], sealedBytes[^TagBytes..], plain, associated);
        }
        catch (AuthenticationTagMismatchException)
        {
            throw LsmException.Corrupt(path, offset, "an encrypted block is not what was sealed there");
        }
        finally
        {
            Return(aes);
        }
    }

    private static void WriteNonce(Span<byte> nonce, uint first, ulong rest)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(nonce, first);
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[4..], rest);
    }

    /// <summary>An instance serves one thread at a time; making one costs the key schedule.</summary>
    private AesGcm Rent()
    {
        for (var i = 0; i < _idle.Length; i++)
            if (Volatile.Read(ref _idle[i]) is not null && Interlocked.Exchange(ref _idle[i], null) is { } idle) return idle;
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        return new AesGcm(_key, TagBytes);
    }

    private void Return(AesGcm aes)
    {
        if (!_isDisposed)
            for (var i = 0; i < _idle.Length; i++)
                if (Volatile.Read(ref _idle[i]) is null && Interlocked.CompareExchange(ref _idle[i], aes, null) is null) return;
        aes.Dispose();
    }

    private static void Fill(RandomNumberGenerator? entropy, Span<byte> bytes)
    {
        if (entropy is null) RandomNumberGenerator.Fill(bytes);
        else entropy.GetBytes(bytes);
    }

    public void Dispose()
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(_key);
        for (var i = 0; i < _idle.Length; i++) Interlocked.Exchange(ref _idle[i], null)?.Dispose();
    }
}
