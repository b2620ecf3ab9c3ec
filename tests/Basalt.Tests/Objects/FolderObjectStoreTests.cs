using Basalt.Conformance;
using Basalt.Objects;
using Basalt.Objects.Folders;

namespace Basalt.Tests.Objects;

public sealed class FolderObjectStoreTests : ObjectStoreContract
{
    private readonly string _folder = Directory.CreateTempSubdirectory("basalt-objects-").FullName;

    private protected override ValueTask<IObjectStore> OpenAsync() => ValueTask.FromResult<IObjectStore>(new FolderObjectStore(Path.Combine(_folder, "root")));

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Objects_are_plain_files_and_files_are_objects()
    {
        await Store.PutAsync("a/b.csv", "x\n1\n"u8.ToArray(), cancellationToken: Token);
        Assert.Equal("x\n1\n", await File.ReadAllTextAsync(Path.Combine(_folder, "root/a/b.csv"), Token));
        Directory.CreateDirectory(Path.Combine(_folder, "root/c/empty"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "root/c/d.txt"), "hello", Token);
        Assert.Equal(["a/b.csv", "c/d.txt"], await KeysAsync(new ObjectListing()));
        Assert.Equal(["c/d.txt"], await KeysAsync(new ObjectListing { Prefix = "c/", Delimiter = '/' }));
        Assert.Equal(5, (await Store.HeadAsync("c/d.txt", Token))!.Length);
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("a/../../secret")]
    [InlineData("./../secret")]
    public async Task No_key_leads_out_of_the_folder(string key)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "secret"), "s", Token);
        await Store.PutAsync("a/x", Bytes(1, 1), cancellationToken: Token);
        Assert.Null(await Store.HeadAsync(key, Token));
        Assert.Null(await Store.OpenAsync(key, cancellationToken: Token));
        await Store.DeleteAsync(key, Token);
        Assert.True(File.Exists(Path.Combine(_folder, "secret")));
    }

    [Fact]
    public async Task Links_are_not_followed()
    {
        await Store.PutAsync("a/x", Bytes(1, 1), cancellationToken: Token);
        await File.WriteAllTextAsync(Path.Combine(_folder, "secret"), "s", Token);
        File.CreateSymbolicLink(Path.Combine(_folder, "root/link"), Path.Combine(_folder, "secret"));
        Directory.CreateSymbolicLink(Path.Combine(_folder, "root/out"), _folder);
        Assert.Equal(["a/x"], await KeysAsync(new ObjectListing()));
        Assert.Equal(["a/"], await KeysAsync(new ObjectListing { Delimiter = '/' }));
        Assert.Null(await Store.OpenAsync("link", cancellationToken: Token));
        Assert.Null(await Store.OpenAsync("out/secret", cancellationToken: Token));
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await Store.PutAsync("out/secret", Bytes(1, 1), cancellationToken: Token));
        Assert.Equal(ErrorCode.Unauthorized, fault.Code);
        Assert.Equal("s", await File.ReadAllTextAsync(Path.Combine(_folder, "secret"), Token));
    }

    [Fact]
    public async Task An_object_and_a_folder_of_the_same_name_exclude_each_other_until_one_is_deleted()
    {
        await Store.PutAsync("a/b/c", Bytes(1, 1), cancellationToken: Token);
        Assert.Equal(ErrorCode.Unsupported, (await Assert.ThrowsAsync<BasaltException>(async () => await Store.PutAsync("a/b", Bytes(1, 1), cancellationToken: Token))).Code);
        Assert.Equal(ErrorCode.Unsupported, (await Assert.ThrowsAsync<BasaltException>(async () => await Store.PutAsync("a/b/c/d", Bytes(1, 1), cancellationToken: Token))).Code);
        await Store.DeleteAsync("a/b/c", Token);
        await Store.PutAsync("a", Bytes(1, 1), cancellationToken: Token);
        Assert.Equal(["a"], await KeysAsync(new ObjectListing()));
    }

    [Fact]
    public async Task An_ETag_is_new_when_the_clock_stands_still()
    {
        await using var still = new FolderObjectStore(Path.Combine(_folder, "still"), new ManualClock());
        await using var other = new FolderObjectStore(Path.Combine(_folder, "still"), new ManualClock());
        var seen = new HashSet<string>();
        for (var i = 0; i < 10; i++)
        {
            Assert.True(seen.Add(await still.PutAsync("o", new[] { (byte)i }, cancellationToken: Token)));
            Assert.True(seen.Add(await other.PutAsync("o", new[] { (byte)i }, cancellationToken: Token)));
            Assert.Contains((await still.HeadAsync("o", Token))!.ETag, seen);
        }
    }

    [Fact]
    public async Task Two_stores_of_one_folder_count_without_losing_a_step()
    {
        await using var other = new FolderObjectStore(Path.Combine(_folder, "root"));
        await Store.PutAsync("n", new byte[] { 0 }, cancellationToken: Token);
        await Task.WhenAll(Task.Run(() => CountAsync(Store)), Task.Run(() => CountAsync(other)));
        Assert.Equal(40, (await Store.ReadAllAsync("n", 1, cancellationToken: Token))!.Value.Bytes[0]);

        static async Task CountAsync(IObjectStore store)
        {
            for (int done = 0, attempts = 0; done < 20; attempts++)
            {
                Assert.True(attempts < 1000, "no put under a condition succeeds");
                var (entry, bytes) = (await store.ReadAllAsync("n", 1, cancellationToken: Token))!.Value;
                try
                {
                    await store.PutAsync("n", new[] { (byte)(bytes[0] + 1) }, PutCondition.IfMatch(entry.ETag), Token);
                    done++;
                }
                catch (BasaltException e) when (e.Code == ErrorCode.Conflict)
                {
                    // The other one counted.
                }
            }
        }
    }

    [Fact]
    public async Task A_file_that_is_cut_while_it_is_read_is_a_conflict()
    {
        await Store.PutAsync("o", Bytes(10_000, 1), cancellationToken: Token);
        var content = (await Store.OpenAsync("o", cancellationToken: Token))!;
        await using var closing = content;
        await using (var file = new FileStream(Path.Combine(_folder, "root/o"), FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) file.SetLength(100);
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await content.Stream.ReadExactlyAsync(new byte[10_000], Token));
        Assert.Equal(ErrorCode.Conflict, fault.Code);
    }

    [Fact]
    public async Task A_content_that_is_open_stays_what_it_was()
    {
        await Store.PutAsync("o", Bytes(10_000, 1), cancellationToken: Token);
        var content = (await Store.OpenAsync("o", cancellationToken: Token))!;
        await using var closing = content;
        await Store.PutAsync("o", Bytes(10_000, 2), cancellationToken: Token);
        var buffer = new byte[10_000];
        await content.Stream.ReadExactlyAsync(buffer, Token);
        Assert.Equal(Bytes(10_000, 1), buffer);
    }

    [Fact]
    public async Task What_dead_writers_left_is_removed_and_what_lives_is_not()
    {
        var room = Path.Combine(_folder, "root/.basalt-put");
        Directory.CreateDirectory(room);
        var (dead, living) = (Path.Combine(room, Guid.NewGuid().ToString("n")), Path.Combine(room, Guid.NewGuid().ToString("n")));
        await File.WriteAllTextAsync(dead, "x", Token);
        await File.WriteAllTextAsync(living, "x", Token);
        File.SetLastWriteTimeUtc(dead, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        await Store.PutAsync("o", Bytes(1, 1), cancellationToken: Token);
        Assert.False(File.Exists(dead));
        Assert.True(File.Exists(living));
        Assert.Equal(["o"], await KeysAsync(new ObjectListing()));
        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.PutAsync(".basalt-put/lock", Bytes(1, 1), cancellationToken: Token));
        Assert.Null(await Store.HeadAsync(".basalt-put/lock", Token));
    }

    [Fact]
    public void A_file_is_no_store()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        Assert.Equal(ErrorCode.InvalidOptions, Assert.Throws<BasaltException>(() => new FolderObjectStore(file)).Code);
    }
}
