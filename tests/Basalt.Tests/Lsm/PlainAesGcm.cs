using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Basalt.Tests.Lsm;

/// <summary>AES-256-GCM and HKDF-SHA256 written down from NIST SP 800-38D and RFC 5869, as slow as they come: the oracle of the file cipher.</summary>
internal static class PlainAesGcm
{
    /// <summary>The ciphertext followed by the tag.</summary>
    public static byte[] Seal(byte[] key, byte[] nonce, byte[] plain, byte[] associated)
    {
        using var aes = Aes.Create();
        aes.Key = key;
        var counter = (byte[])[.. nonce, 0, 0, 0, 1];
        var first = aes.EncryptEcb(counter, PaddingMode.None);
        var cipher = new byte[plain.Length];
        for (var at = 0; at < plain.Length; at++)
        {
            if (at % 16 == 0) BinaryPrimitives.WriteUInt32BigEndian(counter.AsSpan(12), (uint)(at / 16 + 2));
            cipher[at] = (byte)(plain[at] ^ aes.EncryptEcb(counter, PaddingMode.None)[at % 16]);
        }

        var lengths = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(lengths, (ulong)associated.Length * 8);
        BinaryPrimitives.WriteUInt64BigEndian(lengths.AsSpan(8), (ulong)cipher.Length * 8);
        var hash = Hash(aes.EncryptEcb(new byte[16], PaddingMode.None), [.. Padded(associated), .. Padded(cipher), .. lengths]);
        return [.. cipher, .. hash.Zip(first, static (a, b) => (byte)(a ^ b))];
    }

    public static byte[] Derive(byte[] key, byte[] salt, byte[] purpose, int length)
    {
        var extracted = HMACSHA256.HashData(salt, key);
        byte[] last = [], derived = [];
        for (byte i = 1; derived.Length < length; i++)
        {
            last = HMACSHA256.HashData(extracted, (byte[])[.. last, .. purpose, i]);
            derived = [.. derived, .. last];
        }

        return derived[..length];
    }

    private static byte[] Padded(byte[] bytes) => [.. bytes, .. new byte[(16 - bytes.Length % 16) % 16]];

    /// <summary>GHASH: multiplication in GF(2^128), bit by bit.</summary>
    private static byte[] Hash(byte[] key, byte[] blocks)
    {
        var h = new UInt128(BinaryPrimitives.ReadUInt64BigEndian(key), BinaryPrimitives.ReadUInt64BigEndian(key.AsSpan(8)));
        UInt128 y = 0;
        for (var at = 0; at < blocks.Length; at += 16)
        {
            y ^= new UInt128(BinaryPrimitives.ReadUInt64BigEndian(blocks.AsSpan(at)), BinaryPrimitives.ReadUInt64BigEndian(blocks.AsSpan(at + 8)));
            var (product, v) = ((UInt128)0, h);
            for (var bit = 127; bit >= 0; bit--)
            {
                if ((y >> bit & 1) == 1) product ^= v;
                v = (v & 1) == 1 ? v >> 1 ^ (UInt128)0xE1 << 120 : v >> 1;
            }

            y = product;
        }

        var hash = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(hash, y);
        return hash;
    }
}
