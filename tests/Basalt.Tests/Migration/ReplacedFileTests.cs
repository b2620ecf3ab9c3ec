using Basalt.Migration;

namespace Basalt.Tests.Migration;

public sealed class ReplacedFileTests : IDisposable
{
    private readonly Workbench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task Nothing_is_left_behind_when_the_rest_cannot_be_written()
    {
        var file = new ReplacedFile(_bench.PathOf("out.jsonl"), overwrite: false);
        // As on a full disk: what is buffered cannot be written when the stream is closed, here for being behind the largest file there can be.
        file.Stream.Position = long.MaxValue - 1;
        file.Stream.WriteByte(1);
        await Assert.ThrowsAnyAsync<Exception>(async () => await file.DisposeAsync());
        Assert.Empty(Directory.GetFiles(_bench.Folder));
    }
}
