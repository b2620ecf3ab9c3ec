using System.Security.Cryptography;
using System.Text;
using Basalt.Lsm;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Tests.Lsm;

public sealed class FileCipherTests
{
    private static readonly byte[] Key = [.. Enumerable.Range(1, 32).Select(static i => (byte)i)];

    [Fact]
    public void The_oracle_gives_the_published_answers()
    {
        // The Galois/Counter Mode of Operation (McGrew, Viega), test cases 13 and 16.
        Assert.Equal("530f8afbc74536b9a963b4f1c4cb738b", Hex(PlainAesGcm.Seal(new byte[32], new byte[12], [], [])));
        var sealedBytes = PlainAesGcm.Seal(
            Convert.FromHexString("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
            Convert.FromHexString("cafebabefacedbaddecaf888"),
            Convert.FromHexString("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"),
            Convert.FromHexString("feedfacedeadbeeffeedfacedeadbeefabaddad2"));
        Assert.Equal("522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662" + "76fc6ece0f4e1768cddf8853bb2d551b", Hex(sealedBytes));
        // RFC 5869, test case 1.
        var derived = PlainAesGcm.Derive(Convert.FromHexString("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), Convert.FromHexString("000102030405060708090a0b0c"), Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9"), 42);
        Assert.Equal("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865", Hex(derived));
    }

    [Fact]
    public void What_is_written_is_what_the_oracle_says()
    {
        using var keys = new KeyRing("spring", Key);
        using var cipher = FileCipher.Create(keys, new CountingEntropy());
        var salt = (byte[])[.. Enumerable.Range(0, 32).Select(static i => (byte)i)];
        var derived = PlainAesGcm.Derive(Key, salt, "basalt.lsm file v1spring"u8.ToArray(), 48);
        var header = (byte[])[1, 6, .. "spring"u8, .. salt, .. derived[32..]];
        Assert.Equal(Hex([.. header, .. BitConverter.GetBytes(Crc32C.Of(header))]), Hex(cipher.Header));
        foreach (var length in (int[])[0, 1, 15, 16, 17, 1000])
        {
            var plain = RandomNumberGenerator.GetBytes(length);
            var block = new byte[length + FileCipher.Overhead];
            cipher.Seal(0x0807060504030201, 0x44332211, plain, block);
            Assert.Equal(Hex(PlainAesGcm.Seal(derived[..32], [0x11, 0x22, 0x33, 0x44, 1, 2, 3, 4, 5, 6, 7, 8], plain, [])), Hex(block));
            var inPlace = (byte[])[.. plain, .. new byte[FileCipher.Overhead]];
            cipher.Seal(0x0807060504030201, 0x44332211, inPlace.AsSpan(0, length), inPlace);
            Assert.Equal(block, inPlace);
            cipher.Open(0x0807060504030201, 0x44332211, inPlace, inPlace.AsSpan(0, length), "f", 0);
            Assert.Equal(plain, inPlace.AsSpan(0, length));
            var frame = new byte[length + FileCipher.StoredNonceOverhead];
            cipher.SealWithNonce("head"u8, plain, frame);
            Assert.Equal(Hex(PlainAesGcm.Seal(derived[..32], frame[..12], plain, "head"u8.ToArray())), Hex(frame.AsSpan(12)));
        }
    }

    [Fact]
    public void A_sealed_block_opens_again_and_stored_nonces_differ()
    {
        using var keys = new KeyRing("k", Key);
        using var written = FileCipher.Create(keys);
        using var read = FileCipher.Open(keys, written.Header, "f", 0);
        Assert.Equal("k", read.KeyId);
        var nonces = new HashSet<string>();
        foreach (var cipher in (FileCipher[])[written, read])
        {
            var (frame, plain) = (new byte[5 + FileCipher.StoredNonceOverhead], new byte[5]);
            for (var i = 0; i < 1000; i++)
            {
                cipher.SealWithNonce([], "value"u8, frame);
                Assert.True(nonces.Add(Hex(frame.AsSpan(0, 12))));
                read.OpenWithNonce([], frame, plain, "f", 0);
                Assert.Equal("value"u8, plain);
            }
        }

        using var other = FileCipher.Create(keys);
        Assert.NotEqual(Hex(written.Header), Hex(other.Header));
    }

    [Fact]
    public void A_change_of_any_byte_of_block_place_kind_or_associated_data_is_refused_by_name()
    {
        using var keys = new KeyRing("k", Key);
        using var cipher = FileCipher.Create(keys);
        var (block, frame, plain) = (new byte[40 + FileCipher.Overhead], new byte[40 + FileCipher.StoredNonceOverhead], new byte[40]);
        cipher.Seal(7, 3, new byte[40], block);
        cipher.SealWithNonce("head"u8, new byte[40], frame);
        void Refused(Action open)
        {
            var fault = Assert.Throws<LsmException>(open);
            Assert.Equal((LsmErrorCode.Corrupt, "f", 99L), (fault.Code, fault.File, fault.Offset));
        }

        for (var at = 0; at < frame.Length; at++)
        {
            if (at < block.Length)
            {
                block[at] ^= 1;
                Refused(() => cipher.Open(7, 3, block, plain, "f", 99));
                block[at] ^= 1;
            }

            frame[at] ^= 0x80;
            Refused(() => cipher.OpenWithNonce("head"u8, frame, plain, "f", 99));
            frame[at] ^= 0x80;
        }

        Refused(() => cipher.Open(8, 3, block, plain, "f", 99));
        Refused(() => cipher.Open(7, 4, block, plain, "f", 99));
        Refused(() => cipher.OpenWithNonce("Head"u8, frame, plain, "f", 99));
        for (var length = 0; length < FileCipher.Overhead; length++) Refused(() => cipher.Open(7, 3, block.AsSpan(0, length), [], "f", 99));
        for (var length = 0; length < FileCipher.StoredNonceOverhead; length++) Refused(() => cipher.OpenWithNonce([], frame.AsSpan(0, length), [], "f", 99));
        cipher.Open(7, 3, block, plain, "f", 99);
        cipher.OpenWithNonce("head"u8, frame, plain, "f", 99);
    }

    [Fact]
    public void A_header_with_any_byte_changed_or_missing_is_damage_and_not_a_wrong_key()
    {
        using var keys = new KeyRing("k", Key);
        using var cipher = FileCipher.Create(keys);
        var header = cipher.Header.ToArray();
        for (var at = 0; at < header.Length; at++)
        {
            header[at] ^= 4;
            Assert.Equal(LsmErrorCode.Corrupt, Assert.Throws<LsmException>(() => FileCipher.Open(keys, header, "f", 32)).Code);
            header[at] ^= 4;
            Assert.Equal(LsmErrorCode.Corrupt, Assert.Throws<LsmException>(() => FileCipher.Open(keys, header.AsSpan(0, at), "f", 32)).Code);
        }

        header[0] = 2;
        BitConverter.TryWriteBytes(header.AsSpan(header.Length - 4), Crc32C.Of(header.AsSpan(0, header.Length - 4)));
        Assert.Equal(LsmErrorCode.FormatTooNew, Assert.Throws<LsmException>(() => FileCipher.Open(keys, header, "f", 32)).Code);
    }

    [Fact]
    public void A_missing_or_other_key_is_refused_with_the_id_that_is_needed()
    {
        using var keys = new KeyRing("spring", Key);
        using var cipher = FileCipher.Create(keys);
        using var impostor = new KeyRing("spring", new byte[32]);
        using var stranger = new KeyRing("autumn", Key);
        foreach (var wrong in (IKeyProvider?[])[null, impostor, stranger])
        {
            var fault = Assert.Throws<LsmException>(() => FileCipher.Open(wrong, cipher.Header, "f", 0));
            Assert.Equal((LsmErrorCode.WrongKey, "f"), (fault.Code, fault.File));
            Assert.Contains("'spring'", fault.Message);
        }

        // The id is part of the derivation: a header cannot be turned to another id of the same key.
        var header = CipherHeader.TryRead(cipher.Header, "f")! with { KeyId = "autumn" };
        Assert.Equal(LsmErrorCode.WrongKey, Assert.Throws<LsmException>(() => FileCipher.Open(stranger, header, "f")).Code);
    }

    [Fact]
    public void Many_threads_share_a_cipher_and_a_block_costs_no_allocation()
    {
        using var keys = new KeyRing("k", Key);
        using var cipher = FileCipher.Create(keys);
        Parallel.For(0, 16, thread =>
        {
            var (plain, block, opened) = (Encoding.UTF8.GetBytes($"block of thread {thread}"), new byte[64], new byte[64]);
            for (var i = 0; i < 500; i++)
            {
                var sealedBytes = block.AsSpan(0, plain.Length + FileCipher.Overhead);
                cipher.Seal((ulong)i, (uint)thread, plain, sealedBytes);
                cipher.Open((ulong)i, (uint)thread, sealedBytes, opened.AsSpan(0, plain.Length), "f", i);
                Assert.True(opened.AsSpan(0, plain.Length).SequenceEqual(plain));
            }
        });

        var (source, target) = (new byte[4096], new byte[4096 + FileCipher.StoredNonceOverhead]);
        cipher.SealWithNonce([], source, target);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            cipher.SealWithNonce([], source, target);
            cipher.OpenWithNonce([], target, source, "f", 0);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_ring_refuses_bad_keys_rotates_and_forgets()
    {
        var ring = new KeyRing("a", Key);
        Assert.Throws<ArgumentException>(() => ring.Add("a", Key));
        Assert.Throws<ArgumentException>(() => ring.Add("b", Key.AsSpan(1)));
        foreach (var id in (string[])["", new('x', 256), new('é', 128), "\ud800"]) Assert.Throws<ArgumentException>(() => ring.Add(id, Key));
        Assert.Throws<ArgumentException>(() => ring.Use("b"));
        ring.Add(new string('é', 127), new byte[32]);
        ring.Use(new string('é', 127));
        Assert.Equal(new string('é', 127), ring.CurrentKeyId);
        Span<byte> key = stackalloc byte[32];
        Assert.True(ring.TryGetKey("a", key) && key.SequenceEqual(Key));
        Assert.False(ring.TryGetKey("b", key));
        ring.Dispose();
        Assert.Throws<ObjectDisposedException>(() => ring.TryGetKey("a", new byte[32]));
    }

    private static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);
}
