using System.Buffers;
using Basalt.Lsm.Encryption;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memory;

namespace Basalt.Lsm.Tables;

/// <summary>Reads the blocks of a table file: through the cache, or past it for those who read everything once. Thread-safe.</summary>
internal sealed class BlockFile(IReadableFile file, string path, ulong number, FileCipher? cipher, BlockCache cache)
{
    /// <summary>The content of a block, held for the caller. The check is asked once, when the block comes from the disk.</summary>
    public CachedBlock Read<TCheck>(BlockPlace place, TCheck check)
        where TCheck : struct, IBlockCheck
    {
        var key = new BlockKey(number, place.Offset);
        return cache.Find(key) ?? Load(key, place, check);
    }

    /// <summary>The content of a block into a buffer that grows to hold it; its length is returned. What is cached is used and nothing is added.</summary>
    public int Read(BlockPlace place, BlockRole role, ref byte[] content)
    {
        if (cache.Find(new BlockKey(number, place.Offset)) is { } cached)
        {
            Fit(ref content, cached.Length);
            cached.Content.CopyTo(content);
            var length = cached.Length;
            cached.Release();
            return length;
        }

        Fit(ref content, place.Length);
        var body = Envelope.Unseal(ReadExactly(place, content.AsSpan(0, place.Length)), cipher, role, path, place.Offset, out var compression);
        if (compression == TableCompression.None) return body.Length;
        var compressed = ArrayPool<byte>.Shared.Rent(body.Length);
        try
        {
            body.CopyTo(compressed);
            var stream = compressed.AsSpan(0, body.Length);
            var length = Envelope.ContentLength(stream, path, place.Offset, out var start);
            Fit(ref content, length);
            Envelope.Decompress(stream[start..], content.AsSpan(0, length), path, place.Offset);
            return length;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(compressed);
        }
    }

    private CachedBlock Load<TCheck>(BlockKey key, BlockPlace place, TCheck check)
        where TCheck : struct, IBlockCheck
    {
        var block = cache.Room(key, place.Length);
        try
        {
            var body = Envelope.Unseal(ReadExactly(place, block.Room[..place.Length]), cipher, TCheck.Role, path, place.Offset, out var compression);
            if (compression == TableCompression.None)
            {
                block.Fill(body.Length);
            }
            else
            {
                var length = Envelope.ContentLength(body, path, place.Offset, out var start);
                var large = cache.Room(key, length);
                try
                {
                    Envelope.Decompress(body[start..], large.Room[..length], path, place.Offset);
                    large.Fill(length);
                }
                catch
                {
                    large.Release();
                    throw;
                }

                block.Release();
                block = large;
            }

            if (!check.IsSound(block.Content)) throw LsmException.Corrupt(path, place.Offset, "a block contradicts the index above it");
        }
        catch
        {
            block.Release();
            throw;
        }

        return cache.Add(key, block);
    }

    private Span<byte> ReadExactly(BlockPlace place, Span<byte> buffer) =>
        file.Read(place.Offset, buffer) == buffer.Length ? buffer : throw LsmException.Corrupt(path, place.Offset, "the file is cut short");

    private static void Fit(ref byte[] buffer, int length)
    {
        if (buffer.Length < length) buffer = new byte[Math.Max(length, (int)Math.Min(Array.MaxLength, buffer.Length * 2L))];
    }
}

/// <summary>What a block must be beside whole: asked before anybody searches it.</summary>
internal interface IBlockCheck
{
    static abstract BlockRole Role { get; }

    bool IsSound(ReadOnlySpan<byte> content);
}
