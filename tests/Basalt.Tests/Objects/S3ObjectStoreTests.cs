using Amazon.S3;
using Amazon.S3.Model;
using Basalt.Objects;
using Basalt.S3;

namespace Basalt.Tests.Objects;

/// <summary>The store against a real server.</summary>
[Collection(S3Tests.Name)]
public sealed class S3ObjectStoreTests(CephServer server) : ObjectStoreContract
{
    private S3Options? _options;

    private protected override int Seeds => 3;

    private protected override async ValueTask<IObjectStore> OpenAsync()
    {
        _options = await server.NewBucketAsync() with { PartBytes = S3Options.LeastPartBytes };
        return S3ObjectStore.Open(_options);
    }

    [Fact]
    public async Task Parts_become_one_object()
    {
        foreach (var length in new[] { S3Options.LeastPartBytes - 1, S3Options.LeastPartBytes, S3Options.LeastPartBytes + 1, 2 * S3Options.LeastPartBytes, 13_000_000 })
        {
            var content = Bytes(length, length);
            await Store.PutAsync("parts", new Slow(content), Token);
            Assert.Equal(content, (await Store.ReadAllAsync("parts", length, cancellationToken: Token))!.Value.Bytes);
        }
    }

    [Fact]
    public async Task A_large_content_in_memory_goes_in_parts()
    {
        var content = Bytes((4 * S3Options.LeastPartBytes) + 1, 1);
        var eTag = await Store.PutAsync("large", content, cancellationToken: Token);
        // The server's own sign of parts.
        Assert.EndsWith("-5", eTag);
        Assert.Equal(content, (await Store.ReadAllAsync("large", content.Length, cancellationToken: Token))!.Value.Bytes);
    }

    [Fact]
    public async Task Parts_of_a_put_that_failed_are_given_up()
    {
        await Assert.ThrowsAnyAsync<Exception>(async () => await Store.PutAsync("o", new Slow(Bytes(13_000_000, 1), failsAt: 12_000_000), Token));
        using var client = server.Client();
        Assert.Empty((await client.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = _options!.Bucket }, Token)).MultipartUploads ?? []);
        Assert.Null(await Store.HeadAsync("o", Token));
    }

    [Fact]
    public async Task Keys_that_others_put_can_be_listed_read_and_deleted()
    {
        using var client = server.Client();
        string[] keys = ["a//b", "dir/", "x/../y"];
        foreach (var key in keys) await client.PutObjectAsync(new PutObjectRequest { BucketName = _options!.Bucket, Key = key, ContentBody = key, UseChunkEncoding = false }, Token);
        Assert.Equal(keys, await KeysAsync(new ObjectListing()));
        foreach (var key in new[] { "a//b", "dir/" })
        {
            Assert.Equal(key, System.Text.Encoding.UTF8.GetString((await Store.ReadAllAsync(key, 10, cancellationToken: Token))!.Value.Bytes));
            await Store.DeleteAsync(key, Token);
        }

        Assert.Equal(["x/../y"], await KeysAsync(new ObjectListing()));
    }

    [Fact]
    public async Task A_public_bucket_is_read_without_credentials_and_a_private_one_is_not()
    {
        await Store.PutAsync("o", Bytes(10, 1), cancellationToken: Token);
        await using var anonymous = S3ObjectStore.Open(_options! with { IsAnonymous = true, Credentials = null });
        var refused = await Assert.ThrowsAsync<BasaltException>(async () => await anonymous.ReadAllAsync("o", 10, cancellationToken: Token));
        Assert.Equal(ErrorCode.Unauthorized, refused.Code);
        using var client = server.Client();
        await client.PutBucketAclAsync(new PutBucketAclRequest { BucketName = _options!.Bucket, ACL = S3CannedACL.PublicRead }, Token);
        await client.PutObjectAclAsync(new PutObjectAclRequest { BucketName = _options.Bucket, Key = "o", ACL = S3CannedACL.PublicRead }, Token);
        Assert.Equal(Bytes(10, 1), (await anonymous.ReadAllAsync("o", 10, cancellationToken: Token))!.Value.Bytes);
        await foreach (var item in anonymous.ListAsync(new ObjectListing(), Token)) Assert.Equal("o", item.Key);
    }

    [Fact]
    public async Task A_wrong_key_is_refused_at_once_and_named_without_the_secret()
    {
        await using var proxy = new FaultyProxy(server.Endpoint, static (_, _) => Mishap.None);
        await using var wrong = S3ObjectStore.Open(_options! with { Endpoint = proxy.Endpoint, Credentials = new S3Credentials(CephServer.Credentials.AccessKey, "not the secret") });
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await wrong.PutAsync("o", Bytes(1, 1), cancellationToken: Token));
        Assert.Equal((ErrorCode.Unauthorized, false, "o", "s3"), (fault.Code, fault.IsTransient, fault.Target, fault.Backend));
        Assert.Contains(_options!.Bucket, fault.Message);
        Assert.DoesNotContain("not the secret", fault.ToString());
        Assert.Single(proxy.Heads);
    }

    [Fact]
    public async Task A_bucket_that_is_not_there_is_a_fault_and_no_empty_answer()
    {
        await using var missing = S3ObjectStore.Open(_options! with { Bucket = "there-is-no-such-bucket" });
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<BasaltException>(async () => await missing.OpenAsync("o", cancellationToken: Token))).Code);
        Assert.Equal(ErrorCode.NotFound, (await Assert.ThrowsAsync<BasaltException>(async () => await missing.PutAsync("o", Bytes(1, 1), cancellationToken: Token))).Code);
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await missing.ListAsync(new ObjectListing(), Token).GetAsyncEnumerator(Token).MoveNextAsync());
        Assert.Equal(ErrorCode.NotFound, fault.Code);
    }

    [Fact]
    public async Task Checksums_are_sent_to_a_server_of_ones_own_only_when_asked_for()
    {
        await using var proxy = new FaultyProxy(server.Endpoint, static (_, _) => Mishap.None);
        await using var usual = S3ObjectStore.Open(_options! with { Endpoint = proxy.Endpoint });
        await usual.PutAsync("o", Bytes(100, 1), cancellationToken: Token);
        Assert.DoesNotContain(proxy.Heads, static head => head.Contains("x-amz-checksum", StringComparison.OrdinalIgnoreCase) || head.Contains("x-amz-trailer", StringComparison.OrdinalIgnoreCase));
        await using var asked = S3ObjectStore.Open(_options! with { Endpoint = proxy.Endpoint, Checksums = S3Checksums.WhenSupported, MaxAttempts = 1 });
        // This server is too old for them, and says so.
        await Assert.ThrowsAsync<BasaltException>(async () => await asked.PutAsync("o", Bytes(100, 1), cancellationToken: Token));
        Assert.Contains("x-amz-trailer", proxy.Heads[^1], StringComparison.OrdinalIgnoreCase);
    }
}
