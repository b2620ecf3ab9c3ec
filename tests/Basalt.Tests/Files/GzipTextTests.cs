using System.IO.Compression;
using Basalt.Backends.Files;

namespace Basalt.Tests.Files;

public sealed class GzipTextTests
{
    [Fact]
    public void Members_of_every_size_are_read_to_their_end_and_every_cut_is_noticed()
    {
        var random = new Random(17);
        foreach (var size in (int[])[0, 1, 31, 32, 33, 100, 8150, 8170, 8192, 65535, 65536, 65537, 200_000])
        {
            var content = new byte[size];
            random.NextBytes(content);
            var member = GzipText.Compress(content);
            Assert.Equal(content, Read(member));
            Assert.Equal([.. content, .. content], Read([.. member, .. member]));
            for (var cut = 1; cut < member.Length; cut += Math.Max(1, member.Length / 50)) Assert.Throws<InvalidDataException>(() => Read(member[..cut]));
            for (var cut = 1; cut <= 9; cut++) Assert.Throws<InvalidDataException>(() => Read(member[..^cut]));
            Assert.Throws<InvalidDataException>(() => Read([.. member, 0]));
            Assert.Throws<InvalidDataException>(() => Read([.. member, .. member[..5]]));
        }
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Fastest)]
    public void Members_that_end_at_any_place_of_the_buffer_are_followed(CompressionLevel level)
    {
        var random = new Random(18);
        for (var size = 8100; size < 8260; size++)
        {
            var content = new byte[size];
            random.NextBytes(content);
            using var buffer = new MemoryStream();
            using (var gzip = new GZipStream(buffer, level, leaveOpen: true)) gzip.Write(content);
            Assert.Equal(content, Read(buffer.ToArray()));
        }
    }

    private static byte[] Read(byte[] compressed)
    {
        using var text = new GzipText(seal => new MemoryStream([.. compressed, .. seal.ToArray()]));
        using var all = new MemoryStream();
        text.CopyTo(all);
        return all.ToArray();
    }
}
