using Microsoft.Extensions.Logging;

namespace Basalt.S3;

/// <summary>
/// Tries requests again that failed by throttling, connection, server or time: a bounded number of times, after pauses of random length whose bound doubles ("full jitter", Brooker,
/// Exponential Backoff and Jitter, 2015), so that many clients that were refused at once do not come back at once.
/// </summary>
internal sealed partial class Attempts(S3Options options, string address)
{
    private const int SentBytesASecond = 256 << 10;
    private readonly ILogger _log = options.LoggerFactory.CreateLogger<S3ObjectStore>();

    /// <summary>Runs a request. One before it may have been done, its answer lost: layers below repeat requests on broken connections, too.</summary>
    public async ValueTask<T> RunAsync<T>(string operation, string key, long sentBytes, Func<CancellationToken, Task<T>> attempt, CancellationToken cancellationToken)
    {
        for (var number = 1; ; number++)
        {
            using var limit = new CancellationTokenSource(options.AttemptTimeout + TimeSpan.FromSeconds(sentBytes / SentBytesASecond), options.TimeProvider);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                return await attempt(either.Token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is not (BasaltException or ArgumentException))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var fault = S3Faults.Of(e, limit.IsCancellationRequested);
                if (!fault.IsRetryable || number == options.MaxAttempts) throw S3Faults.ToException(fault, operation, address, key, number, e);
                await PauseAsync(operation, key, number, fault, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits behind a failed attempt.</summary>
    public async ValueTask PauseAsync(string operation, string key, int number, S3Fault fault, CancellationToken cancellationToken)
    {
        var longest = Math.Min(options.LongestPause.TotalMilliseconds, options.FirstPause.TotalMilliseconds * Math.Pow(2, number - 1));
        var pause = TimeSpan.FromMilliseconds(Random.Shared.NextDouble() * longest);
        LogRetry(operation, key, address, number, fault.Reason, pause.TotalMilliseconds);
        await Task.Delay(pause, options.TimeProvider, cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(LogLevel.Information, "{Operation} of '{Key}' in {Address} failed at attempt {Number}: {Reason}; again in {Pause:0} ms")]
    private partial void LogRetry(string operation, string key, string address, int number, string reason, double pause);
}
