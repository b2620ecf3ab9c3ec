using System.Buffers;
using Amazon.S3;
using Amazon.S3.Model;

namespace Basalt.S3;

/// <summary>
/// An object that is put in parts, a few at once, from a stream that is read once. What fits into one part is not sent but handed back. Disposing what was not completed gives the parts up, so that
/// nobody pays for them; where even that fails, the bucket's own rule for unfinished uploads has to.
/// </summary>
internal sealed class MultipartPut(AmazonS3Client client, S3Options options, Attempts attempts, string key) : IAsyncDisposable
{
    private const int MostParts = 10_000;
    private readonly List<Task<PartETag>> _sending = [];
    private readonly List<PartETag> _sent = [];
    private readonly CancellationTokenSource _stopping = new();
    private string? _uploadId;
    private bool _isCompleted;

    /// <summary>What the object carries to be told from others of its key.</summary>
    public string Mark { get; } = Guid.NewGuid().ToString("n");

    /// <summary>Sends everything the stream has, and returns null; or returns what it has, when that is at most one part.</summary>
    public async ValueTask<byte[]?> SendAsync(Stream content, CancellationToken cancellationToken)
    {
        var part = ArrayPool<byte>.Shared.Rent(options.PartBytes);
        var length = await FillAsync(content, part, cancellationToken).ConfigureAwait(false);
        for (var number = 1; ; number++)
        {
            if (length < options.PartBytes && _uploadId is null)
            {
                var whole = part.AsSpan(0, length).ToArray();
                ArrayPool<byte>.Shared.Return(part);
                return whole;
            }

            if (number > MostParts)
            {
                ArrayPool<byte>.Shared.Return(part);
                throw new BasaltException(ErrorCode.InvalidData, $"The content of '{key}' has more than {MostParts} parts of {options.PartBytes} bytes; ask for larger parts.") { Backend = S3Faults.Scheme, Operation = "put", Target = key };
            }

            _uploadId ??= await BeginAsync(cancellationToken).ConfigureAwait(false);
            while (_sending.Count == options.PartsAtOnce) await ReapAsync().ConfigureAwait(false);
            _sending.Add(SendPartAsync(number, part, length, cancellationToken));
            if (length < options.PartBytes) break;
            part = ArrayPool<byte>.Shared.Rent(options.PartBytes);
            length = await FillAsync(content, part, cancellationToken).ConfigureAwait(false);
            // A stream that ends with a part has no empty one behind it.
            if (length > 0) continue;
            ArrayPool<byte>.Shared.Return(part);
            break;
        }

        while (_sending.Count > 0) await ReapAsync().ConfigureAwait(false);
        return null;
    }

    /// <summary>Makes the parts one object; its ETag, or null when the server does not tell.</summary>
    public async Task<string?> CompleteAsync(CancellationToken cancellationToken)
    {
        var request = new CompleteMultipartUploadRequest { BucketName = options.Bucket, Key = key, UploadId = _uploadId, PartETags = [.. _sent.OrderBy(static p => p.PartNumber)] };
        var answer = await client.CompleteMultipartUploadAsync(request, cancellationToken).ConfigureAwait(false);
        _isCompleted = true;
        return string.IsNullOrEmpty(answer.ETag) ? null : answer.ETag.Trim('"');
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (var sending in _sending) await ((Task)sending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stopping.Dispose();
        if (_uploadId is null || _isCompleted) return;
        try
        {
            await attempts.RunAsync("abort", key, 0, token => client.AbortMultipartUploadAsync(options.Bucket, key, _uploadId, token), CancellationToken.None).ConfigureAwait(false);
        }
        catch (BasaltException)
        {
            // The put has failed, or its answer was lost and it is done: that is what is reported, not that its parts are still there.
        }
    }

    private static async ValueTask<int> FillAsync(Stream content, byte[] part, int size, CancellationToken cancellationToken) =>
        await content.ReadAtLeastAsync(part.AsMemory(0, size), size, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);

    private ValueTask<int> FillAsync(Stream content, byte[] part, CancellationToken cancellationToken) => FillAsync(content, part, options.PartBytes, cancellationToken);

    private async ValueTask<string> BeginAsync(CancellationToken cancellationToken)
    {
        var request = new InitiateMultipartUploadRequest { BucketName = options.Bucket, Key = key };
        request.Metadata.Add(S3ObjectStore.MarkName, Mark);
        return await attempts.RunAsync("put", key, 0, async token => (await client.InitiateMultipartUploadAsync(request, token).ConfigureAwait(false)).UploadId, cancellationToken).ConfigureAwait(false);
    }

    private async Task<PartETag> SendPartAsync(int number, byte[] part, int length, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        try
        {
            return await attempts.RunAsync("put", key, length, async token =>
            {
                using var body = new MemoryStream(part, 0, length, writable: false);
                var request = new UploadPartRequest { BucketName = options.Bucket, Key = key, UploadId = _uploadId, PartNumber = number, PartSize = length, InputStream = body };
                return new PartETag(number, (await client.UploadPartAsync(request, token).ConfigureAwait(false)).ETag);
            }, either.Token).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(part);
        }
    }

    private async ValueTask ReapAsync()
    {
        var done = await Task.WhenAny(_sending).ConfigureAwait(false);
        _sending.Remove(done);
        _sent.Add(await done.ConfigureAwait(false));
    }
}
