using System.Buffers.Binary;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;

namespace Basalt.Lsm.Wal;

/// <summary>What a frame of a log is.</summary>
internal enum FrameKind : byte
{
    /// <summary>A batch of writes, or an edit of the manifest.</summary>
    Entry = 1,

    /// <summary>The log was closed in order: everything before is synced.</summary>
    End = 2,

    /// <summary>Sequences that went to tables which were written past the log; there is no payload.</summary>
    Reserved = 3,
}

/// <summary>
/// The head of a frame, 32 bytes: checksum of the head, checksum of the payload, payload length, count and kind, sequence, synced length.
/// <c>Synced</c> is how much of the file was known to be durable when the frame was written. A damaged place below that mark was once
/// whole on disk, so it is damage; above it, it may be a write that a power cut tore. Normative: docs/formats/wal.md.
/// </summary>
internal readonly record struct FrameHead(FrameKind Kind, uint Count, int PayloadLength, uint PayloadChecksum, ulong Sequence, ulong Synced)
{
    public const int Size = 32;
    public const uint MaxCount = 0xFF_FFFF;

    public void Write(Span<byte> head, ulong number)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], PayloadChecksum);
        WriteFields(head[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(head, Checksum(head, number));
    }

    public static bool TryRead(ReadOnlySpan<byte> head, ulong number, out FrameHead read)
    {
        read = default;
        var kind = BinaryPrimitives.ReadUInt32LittleEndian(head[12..]);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(head[8..]);
        if ((byte)kind is < (byte)FrameKind.Entry or > (byte)FrameKind.Reserved || length > LogFormat.MaxStoredPayload) return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(head) != Checksum(head, number)) return false;
        read = new FrameHead((FrameKind)(byte)kind, kind >> 8, (int)length, BinaryPrimitives.ReadUInt32LittleEndian(head[4..]), BinaryPrimitives.ReadUInt64LittleEndian(head[16..]), BinaryPrimitives.ReadUInt64LittleEndian(head[24..]));
        return true;
    }

    /// <summary>The size of what <see cref="WriteBound"/> writes.</summary>
    public const int BoundSize = 32;

    /// <summary>What a sealed payload is bound to: the number of the file, and all of this head but its checksums.</summary>
    public void WriteBound(Span<byte> bound, ulong number)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(bound, number);
        WriteFields(bound[8..]);
    }

    private void WriteFields(Span<byte> fields)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(fields, (uint)PayloadLength);
        BinaryPrimitives.WriteUInt32LittleEndian(fields[4..], Count << 8 | (byte)Kind);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[8..], Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[16..], Synced);
    }

    /// <summary>The number of the file is part of it, so that a frame of another log is no frame of this one.</summary>
    private static uint Checksum(ReadOnlySpan<byte> head, ulong number)
    {
        Span<byte> seed = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(seed, number);
        return Crc32C.Continue(Crc32C.Of(seed), head[4..Size]);
    }
}

/// <summary>
/// The head of a log file, 32 bytes: magic, format version (2 bytes), flags (2), checksum of the rest, number of the file, sequence before its
/// first frame. In an encrypted file the cipher header follows.
/// </summary>
internal static class LogFormat
{
    public const int HeadSize = 32;
    public const ushort Version = 1;
    private const ushort EncryptedFlag = 1;

    /// <summary>The longest payload: a batch, or a manifest edit.</summary>
    public const int MaxPayload = 512 << 20;

    /// <summary>The longest payload as it is stored.</summary>
    public const int MaxStoredPayload = MaxPayload + FileCipher.StoredNonceOverhead;

    public static ReadOnlySpan<byte> WalMagic => "BSLTWAL\n"u8;

    public static ReadOnlySpan<byte> ManifestMagic => "BSLTMAN\n"u8;

    public static void WriteHead(Span<byte> head, ReadOnlySpan<byte> magic, ulong number, ulong sequence, bool isEncrypted)
    {
        magic.CopyTo(head);
        BinaryPrimitives.WriteUInt16LittleEndian(head[8..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(head[10..], isEncrypted ? EncryptedFlag : (ushort)0);
        BinaryPrimitives.WriteUInt64LittleEndian(head[16..], number);
        BinaryPrimitives.WriteUInt64LittleEndian(head[24..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(head[12..], Checksum(head));
    }

    /// <summary>False when the head is not whole. A whole head of a newer version is refused.</summary>
    public static bool TryReadHead(ReadOnlySpan<byte> head, ReadOnlySpan<byte> magic, string path, out ulong number, out ulong sequence, out bool isEncrypted)
    {
        (number, sequence, isEncrypted) = (0, 0, false);
        if (head.Length < HeadSize || !head.StartsWith(magic) || BinaryPrimitives.ReadUInt32LittleEndian(head[12..]) != Checksum(head)) return false;
        var (version, flags) = (BinaryPrimitives.ReadUInt16LittleEndian(head[8..]), BinaryPrimitives.ReadUInt16LittleEndian(head[10..]));
        // An unknown flag is of a newer version, whatever number that has.
        if (version > Version || flags > EncryptedFlag) throw LsmException.TooNew(path, version | (uint)flags << 16, Version);
        isEncrypted = flags == EncryptedFlag;
        number = BinaryPrimitives.ReadUInt64LittleEndian(head[16..]);
        sequence = BinaryPrimitives.ReadUInt64LittleEndian(head[24..]);
        return true;
    }

    private static uint Checksum(ReadOnlySpan<byte> head) => Crc32C.Continue(Crc32C.Of(head[..12]), head[16..HeadSize]);
}
