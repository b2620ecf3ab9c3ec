using System.Buffers.Binary;

namespace Basalt.Backends.Files;

/// <summary>What a frame of the journal says.</summary>
internal enum FrameKind : byte
{
    /// <summary>A batch of writes: a line per record, <c>+</c> and its exact JSON, or <c>-</c> and its id as JSON text.</summary>
    Batch = 1,

    /// <summary>The data file is being appended to: the payload is the length before (int64) and the bytes that stood there from on.</summary>
    Appending = 2,

    /// <summary>The data file is being replaced by the new one beside it: the payload is the sidecar that goes with it.</summary>
    Replacing = 3,

    /// <summary>The collection is dropped; its files are being removed.</summary>
    Dropped = 4,
}

/// <summary>One frame.</summary>
internal readonly record struct JournalFrame(FrameKind Kind, long Generation, long Offset, ReadOnlyMemory<byte> Payload)
{
    // Layout, little-endian: 4 magic | 4 payload length | 4 CRC-32C of all that follows | 8 generation | 1 kind | 3 zero | payload.
    // The first byte of the magic never occurs in UTF-8, so a search for frames does not stumble over payloads.
    public const int HeaderLength = 24;

    private const int ChecksumAt = 8;
    private const int CheckedFrom = 12;

    private static ReadOnlySpan<byte> Magic => [0xF5, (byte)'B', (byte)'J', (byte)'1'];

    public static byte[] Encode(FrameKind kind, long generation, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[HeaderLength + payload.Length];
        Magic.CopyTo(frame);
        BinaryPrimitives.WriteInt32LittleEndian(frame.AsSpan(4), payload.Length);
        BinaryPrimitives.WriteInt64LittleEndian(frame.AsSpan(CheckedFrom), generation);
        frame[20] = (byte)kind;
        payload.CopyTo(frame.AsSpan(HeaderLength));
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(ChecksumAt), Checksum(frame));
        return frame;
    }

    /// <summary>The frames in a piece of the journal, and where the valid ones end.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Corrupt"/>: a broken frame has a valid one behind it, so it is no torn end.</exception>
    public static List<JournalFrame> Parse(ReadOnlyMemory<byte> bytes, long offset, string path, out long end)
    {
        var frames = new List<JournalFrame>();
        var at = 0;
        while (TryParse(bytes[at..], offset + at, out var frame))
        {
            frames.Add(frame);
            at += HeaderLength + frame.Payload.Length;
        }

        end = offset + at;
        if (at == bytes.Length) return frames;
        for (var next = at + 1; next < bytes.Length; next++)
        {
            var found = bytes.Span[next..].IndexOf(Magic);
            if (found < 0) break;
            next += found;
            if (TryParse(bytes[next..], offset + next, out _)) throw FileFaults.Corrupt(path, $"the journal frame at byte {end} is broken, and valid ones follow at byte {offset + next}.");
        }

        return frames;
    }

    private static bool TryParse(ReadOnlyMemory<byte> bytes, long offset, out JournalFrame frame)
    {
        frame = default;
        var span = bytes.Span;
        if (span.Length < HeaderLength || !span.StartsWith(Magic)) return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(span[4..]);
        if (length < 0 || length > span.Length - HeaderLength) return false;
        if (Checksum(span[..(HeaderLength + length)]) != BinaryPrimitives.ReadUInt32LittleEndian(span[ChecksumAt..])) return false;
        frame = new JournalFrame((FrameKind)span[20], BinaryPrimitives.ReadInt64LittleEndian(span[CheckedFrom..]), offset, bytes.Slice(HeaderLength, length));
        return true;
    }

    // The length is covered too: it is mixed in, because it stands in front of the checksum.
    private static uint Checksum(ReadOnlySpan<byte> frame) => Crc32C.Of(frame[CheckedFrom..]) ^ (uint)BinaryPrimitives.ReadInt32LittleEndian(frame[4..]);
}
