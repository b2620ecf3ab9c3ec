using System.Text;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Encryption;

/// <summary>
/// What an encrypted file says of its key, in the clear: version (1 byte), length of the id (1 byte, at least 1), id (UTF-8), salt (32), check
/// (16), CRC-32C of all before (4). The check is derived with the file's key, from the provider's key, the salt and the id, so it proves all
/// three; the checksum tells a damaged header from another key. Normative: docs/formats/encryption.md.
/// </summary>
internal sealed record CipherHeader(string KeyId, byte[] Salt, byte[] Check)
{
    public const byte Version = 1;
    public const int SaltBytes = 32;
    public const int CheckBytes = 16;
    public const int MaxSize = FixedSize + MostKeyIdBytes;
    private const int MostKeyIdBytes = 255;
    private const int FixedSize = 2 + SaltBytes + CheckBytes + sizeof(uint);

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public int Size => FixedSize + Strict.GetByteCount(KeyId);

    public static bool IsKeyId(string keyId)
    {
        try
        {
            return Strict.GetByteCount(keyId) is > 0 and <= MostKeyIdBytes;
        }
        catch (EncoderFallbackException)
        {
            return false;
        }
    }

    public static byte[] KeyIdBytes(string keyId) => Strict.GetBytes(keyId);

    public byte[] Encode()
    {
        var bytes = new ByteBuffer(Size);
        var id = KeyIdBytes(KeyId);
        bytes.Add(Version);
        bytes.Add((byte)id.Length);
        bytes.Add(id);
        bytes.Add(Salt);
        bytes.Add(Check);
        bytes.AddUInt32(Crc32C.Of(bytes.Written));
        return bytes.Written.ToArray();
    }

    /// <summary>The header at the beginning of the bytes; null when it is not whole. A whole one of a newer version is refused.</summary>
    public static CipherHeader? TryRead(ReadOnlySpan<byte> bytes, string path)
    {
        var reader = new ByteReader(bytes);
        var version = reader.ReadByte();
        var id = reader.Take(reader.ReadByte());
        var salt = reader.Take(SaltBytes);
        var check = reader.Take(CheckBytes);
        var checksum = Crc32C.Of(bytes[..reader.Position]);
        if (reader.ReadUInt32() != checksum || !reader.IsSound || id.IsEmpty) return null;
        if (version != Version) throw LsmException.TooNew(path, version, Version);
        try
        {
            return new CipherHeader(Strict.GetString(id), salt.ToArray(), check.ToArray());
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
