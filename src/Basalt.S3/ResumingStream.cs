using System.Buffers;
using Basalt.Backends.Files;
using Basalt.Objects;

namespace Basalt.S3;

/// <summary>
/// The bytes of a range of an object. A connection that breaks, stalls or ends early is made again from where it was, under the same ETag, so that what is read is one content
/// or a fault; attempts are counted anew when bytes have come.
/// </summary>
internal sealed class ResumingStream(
    S3Options options, Attempts attempts, string address, ObjectEntry entry, long offset, long length, Stream first,
    Func<ObjectRange, CancellationToken, ValueTask<Stream>> reopen) : ForwardStream
{
    private readonly long _end = offset + length;
    private long _at = offset;
    private Stream? _body = first;

    /// <summary>Blocks; <see cref="ReadAsync(Memory{byte}, CancellationToken)"/> does not.</summary>
    public override int Read(Span<byte> buffer)
    {
        var copy = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length, 1 << 16));
        // A synchronous reader of a network stream has to wait: there is no other way to it.
        var count = ReadAsync(copy.AsMemory(0, Math.Min(buffer.Length, copy.Length)), CancellationToken.None).AsTask().GetAwaiter().GetResult();
        copy.AsSpan(0, count).CopyTo(buffer);
        ArrayPool<byte>.Shared.Return(copy);
        return count;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.Length == 0 || _at == _end) return 0;
        buffer = buffer[..(int)Math.Min(buffer.Length, _end - _at)];
        for (var number = 1; ; number++)
        {
            using var limit = new CancellationTokenSource(options.AttemptTimeout, options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                _body ??= await reopen(ObjectRange.Slice(_at, _end - _at), cancellationToken).ConfigureAwait(false);
                var count = await _body.ReadAsync(buffer, either.Token).ConfigureAwait(false);
                if (count == 0) throw new IOException("the body ended early");
                _at += count;
                return count;
            }
            catch (Exception e) when (e is not BasaltException)
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (_body is not null) await _body.DisposeAsync().ConfigureAwait(false);
                _body = null;
                var fault = S3Faults.Of(e, limit.IsCancellationRequested);
                if (!fault.IsRetryable || number == options.MaxAttempts) throw S3Faults.ToException(fault, "read", address, entry.Key, number, e);
                await attempts.PauseAsync("read", entry.Key, number, fault, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _body?.Dispose();
        _body = null;
        base.Dispose(disposing);
    }
}
