using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Basalt.Objects;
using Basalt.Records;

namespace Basalt.S3;

/// <summary>
/// A bucket as an object store: Amazon S3, or a server that speaks its protocol. Keys are those of the bucket. Requests that fail for a while are tried again; reads go on
/// where a connection broke. An acknowledged put is as durable as the server makes it. Thread-safe.
/// </summary>
/// <remarks>
/// A conditional put whose answer was lost is told apart from one that another writer won by a mark in the object's metadata, <c>x-amz-meta-basalt-put</c>.
/// The protocol has one limit of its own: a streamed put has at most 10 000 parts of <see cref="S3Options.PartBytes"/>.
/// </remarks>
public sealed class S3ObjectStore : IObjectStore
{
    internal const string MarkName = "basalt-put";
    // In memory it is there already; below this a put is one request.
    private const int WholePutParts = 4;

    private readonly S3Options _options;
    private readonly AmazonS3Client _client;
    private readonly Attempts _attempts;

    private S3ObjectStore(S3Options options, AmazonS3Client client)
    {
        _options = options;
        _client = client;
        Address = $"s3://{options.Bucket}";
        _attempts = new Attempts(options, Address);
    }

    /// <inheritdoc/>
    public string Address { get; }

    /// <summary>Opens a bucket. No request is made yet.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: an option cannot be used, or no region is known.</exception>
    public static S3ObjectStore Open(S3Options options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        // The library's own attempts know no clock but the machine's and say nothing of what they do; there is one policy, which is Attempts.
        var config = new AmazonS3Config
        {
            MaxErrorRetry = 0,
            Timeout = Timeout.InfiniteTimeSpan,
            ForcePathStyle = options.UsesPathStyle,
            RequestChecksumCalculation = options.SendsChecksums ? RequestChecksumCalculation.WHEN_SUPPORTED : RequestChecksumCalculation.WHEN_REQUIRED,
            ResponseChecksumValidation = options.SendsChecksums ? ResponseChecksumValidation.WHEN_SUPPORTED : ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (options.Endpoint is { } endpoint)
        {
            config.ServiceURL = endpoint.ToString();
            config.UseHttp = endpoint.Scheme == Uri.UriSchemeHttp;
            config.AuthenticationRegion = options.Region ?? "us-east-1";
        }
        else if (options.Region is { } region)
        {
            config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        }

        try
        {
            var client = (options.IsAnonymous, options.Credentials) switch
            {
                (true, _) => new AmazonS3Client(new AnonymousAWSCredentials(), config),
                (_, { SessionToken: { } token } given) => new AmazonS3Client(new SessionAWSCredentials(given.AccessKey, given.SecretKey, token), config),
                (_, { } given) => new AmazonS3Client(new BasicAWSCredentials(given.AccessKey, given.SecretKey), config),
                _ => new AmazonS3Client(config),
            };
            return new S3ObjectStore(options, client);
        }
        catch (AmazonClientException e)
        {
            throw new BasaltException(ErrorCode.InvalidOptions, $"s3://{options.Bucket} cannot be opened: {e.Message}", e) { Backend = S3Faults.Scheme, Target = options.Bucket };
        }
    }

    /// <inheritdoc/>
    public ValueTask<ObjectEntry?> HeadAsync(string key, CancellationToken cancellationToken = default)
    {
        ObjectKey.Require(key);
        return _attempts.RunAsync("head", key, 0, async token => (await MetadataAsync(key, token).ConfigureAwait(false))?.Entry, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<ObjectContent?> OpenAsync(string key, ObjectRange range = default, string? ifMatch = null, CancellationToken cancellationToken = default)
    {
        ObjectKey.Require(key);
        var opened = await GetAsync(key, range, ifMatch, cancellationToken).ConfigureAwait(false);
        if (opened is not var (entry, offset, length, body)) return null;
        var stream = new ResumingStream(_options, _attempts, Address, entry, offset, length, body, async (rest, token) =>
            await GetAsync(key, rest, entry.ETag, token).ConfigureAwait(false) is { } again ? again.Body : throw ObjectFaults.Changed(Address, key, "read"));
        return new ObjectContent(entry, offset, length, stream);
    }

    /// <inheritdoc/>
    public async ValueTask<string> PutAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition = default, CancellationToken cancellationToken = default)
    {
        ObjectKey.RequireToPut(key);
        if (condition == PutCondition.Always && content.Length > (long)WholePutParts * _options.PartBytes)
        {
            using var source = Open(content);
            return await PutAsync(key, source, cancellationToken).ConfigureAwait(false);
        }

        return await PutWholeAsync(key, content, condition, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidData"/>: the stream has more than 10 000 parts.</exception>
    public async ValueTask<string> PutAsync(string key, Stream content, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(content);
        ObjectKey.RequireToPut(key);
        var put = new MultipartPut(_client, _options, _attempts, key);
        await using var closing = put.ConfigureAwait(false);
        if (await put.SendAsync(content, cancellationToken).ConfigureAwait(false) is { } whole) return await PutWholeAsync(key, whole, PutCondition.Always, cancellationToken).ConfigureAwait(false);
        var mark = put.Mark;
        return await _attempts.RunAsync("put", key, 0, async token =>
        {
            try
            {
                return await put.CompleteAsync(token).ConfigureAwait(false) ?? (await MetadataAsync(key, token).ConfigureAwait(false))!.Value.Entry.ETag;
            }
            catch (AmazonS3Exception e) when (e.ErrorCode == "NoSuchUpload")
            {
                // There is no such upload because it was completed: if the object is the one that was sent.
                if (await MetadataAsync(key, token).ConfigureAwait(false) is { } found && found.Mark == mark) return found.Entry.ETag;
                throw;
            }
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DeleteAsync(string key, CancellationToken cancellationToken = default)
    {
        ObjectKey.Require(key);
        await _attempts.RunAsync("delete", key, 0, async token =>
        {
            try
            {
                return await _client.DeleteObjectAsync(new DeleteObjectRequest { BucketName = _options.Bucket, Key = key }, token).ConfigureAwait(false);
            }
            catch (AmazonS3Exception e) when (S3Faults.IsMissingObject(e))
            {
                return null;
            }
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<ObjectListItem> ListAsync(ObjectListing listing, CancellationToken cancellationToken = default)
    {
        ObjectListing.Require(listing);
        return ListCoreAsync(listing, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    private static MemoryStream Open(ReadOnlyMemory<byte> content) =>
        MemoryMarshal.TryGetArray(content, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(content.ToArray(), writable: false);

    private static string Plain(string? eTag) => eTag?.Trim('"') ?? "";

    private static DateTimeOffset Time(DateTime? time) => time is { } known ? new DateTimeOffset(known.ToUniversalTime()) : default;

    private async Task<(ObjectEntry Entry, string? Mark)?> MetadataAsync(string key, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await _client.GetObjectMetadataAsync(new GetObjectMetadataRequest { BucketName = _options.Bucket, Key = key }, cancellationToken).ConfigureAwait(false);
            return (new ObjectEntry(key, answer.ContentLength, Plain(answer.ETag), Time(answer.LastModified)), answer.Metadata[MarkName]);
        }
        catch (AmazonS3Exception e) when (S3Faults.IsMissingObject(e))
        {
            return null;
        }
    }

    private ValueTask<(ObjectEntry Entry, long Offset, long Length, Stream Body)?> GetAsync(string key, ObjectRange range, string? ifMatch, CancellationToken cancellationToken) =>
        _attempts.RunAsync<(ObjectEntry, long, long, Stream)?>("read", key, 0, async token =>
        {
            var request = new GetObjectRequest { BucketName = _options.Bucket, Key = key, ByteRange = RangeOf(range) };
            if (ifMatch is not null) request.EtagToMatch = $"\"{ifMatch}\"";
            try
            {
                var answer = await _client.GetObjectAsync(request, token).ConfigureAwait(false);
                var (offset, total) = answer.ContentRange is { Length: > 0 } told ? Placed(told) : (0, answer.ContentLength);
                return (new ObjectEntry(key, total, Plain(answer.ETag), Time(answer.LastModified)), offset, answer.ContentLength, answer.ResponseStream);
            }
            catch (AmazonS3Exception e) when (S3Faults.IsFailedCondition(e))
            {
                throw ObjectFaults.Changed(Address, key, "read");
            }
            catch (AmazonS3Exception e) when (S3Faults.IsMissingObject(e))
            {
                return null;
            }
            catch (AmazonS3Exception e) when (e.StatusCode == System.Net.HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                // The range starts at or behind the end: nothing of an object whose length is not known yet.
                if (await MetadataAsync(key, token).ConfigureAwait(false) is not { } found) return null;
                if (ifMatch is not null && found.Entry.ETag != ifMatch) throw ObjectFaults.Changed(Address, key, "read");
                var (offset, length) = range.Within(found.Entry.Length);
                if (length > 0) throw ObjectFaults.Changed(Address, key, "read");
                return (found.Entry, offset, 0, Stream.Null);
            }
        }, cancellationToken);

    private static ByteRange? RangeOf(ObjectRange range) => range switch
    {
        { IsSuffix: true, Length: { } last } => new ByteRange($"bytes=-{last}"),
        { Length: { } length } => new ByteRange($"bytes={range.Offset}-{range.Offset + length - 1}"),
        { Offset: > 0 } => new ByteRange($"bytes={range.Offset}-"),
        _ => null,
    };

    // "bytes 10-29/1000"
    private static (long Offset, long Total) Placed(string contentRange)
    {
        var text = contentRange.AsSpan();
        var (space, dash, slash) = (text.IndexOf(' '), text.IndexOf('-'), text.IndexOf('/'));
        if (space >= 0 && dash > space && slash > dash && long.TryParse(text[(space + 1)..dash], out var offset) && long.TryParse(text[(slash + 1)..], out var total)) return (offset, total);
        throw new IOException($"the range of the answer, '{contentRange}', cannot be read");
    }

    private ValueTask<string> PutWholeAsync(string key, ReadOnlyMemory<byte> content, PutCondition condition, CancellationToken cancellationToken)
    {
        var mark = condition == PutCondition.Always ? null : Guid.NewGuid().ToString("n");
        return _attempts.RunAsync("put", key, content.Length, async token =>
        {
            using var body = Open(content);
            var request = new PutObjectRequest { BucketName = _options.Bucket, Key = key, InputStream = body, AutoCloseStream = false };
            if (mark is not null) request.Metadata.Add(MarkName, mark);
            if (condition.IsAbsent) request.IfNoneMatch = "*";
            // Without quotes: Ceph compares the header as it stands, and Amazon takes both.
            if (condition.ETag is { } expected) request.IfMatch = expected;
            try
            {
                return Plain((await _client.PutObjectAsync(request, token).ConfigureAwait(false)).ETag);
            }
            catch (AmazonS3Exception e) when (S3Faults.IsFailedCondition(e) || (condition.ETag is not null && S3Faults.IsMissingObject(e)))
            {
                // It may have lost to itself: to an attempt before this one whose answer was lost.
                if (await MetadataAsync(key, token).ConfigureAwait(false) is { } found && found.Mark == mark) return found.Entry.ETag;
                throw condition.IsAbsent ? ObjectFaults.Exists(Address, key) : ObjectFaults.Changed(Address, key, "put");
            }
        }, cancellationToken);
    }

    private async IAsyncEnumerable<ObjectListItem> ListCoreAsync(ObjectListing listing, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? next = null;
        string? last = null;
        do
        {
            var page = await PageAsync(listing, next, cancellationToken).ConfigureAwait(false);
            foreach (var item in Merged(page))
            {
                // A server may say a prefix again on its next page, or one in front of the start that has keys behind it.
                if (item.Key == last || !listing.Includes(item.Key)) continue;
                if (last is not null && Text.Compare(item.Key, last) < 0)
                    throw new BasaltException(ErrorCode.Unsupported, $"{Address} lists '{item.Key}' behind '{last}': keys that are not in order cannot be listed here.") { Backend = S3Faults.Scheme, Operation = "list", Target = Address };
                last = item.Key;
                yield return item;
            }

            next = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (next is not null);
    }

    private ValueTask<ListObjectsV2Response> PageAsync(ObjectListing listing, string? next, CancellationToken cancellationToken) =>
        _attempts.RunAsync("list", listing.Prefix, 0, token => _client.ListObjectsV2Async(new ListObjectsV2Request
        {
            BucketName = _options.Bucket,
            Prefix = listing.Prefix,
            Delimiter = listing.Delimiter?.ToString(),
            StartAfter = listing.StartAfter,
            ContinuationToken = next,
            MaxKeys = listing.PageSize,
        }, token), cancellationToken);

    /// <summary>The objects and prefixes of a page, each in order, as one.</summary>
    private static IEnumerable<ObjectListItem> Merged(ListObjectsV2Response page)
    {
        var objects = page.S3Objects ?? [];
        var prefixes = page.CommonPrefixes ?? [];
        int o = 0, p = 0;
        while (o < objects.Count || p < prefixes.Count)
        {
            if (p == prefixes.Count || (o < objects.Count && Text.Compare(objects[o].Key, prefixes[p]) < 0))
            {
                var found = objects[o++];
                yield return new ObjectListItem(found.Key, new ObjectEntry(found.Key, found.Size ?? 0, Plain(found.ETag), Time(found.LastModified)));
            }
            else
            {
                yield return new ObjectListItem(prefixes[p++], null);
            }
        }
    }
}
