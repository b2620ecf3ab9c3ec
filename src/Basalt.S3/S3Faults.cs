using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;

namespace Basalt.S3;

/// <summary>What a failed attempt means: in the words of the door, and whether to try again.</summary>
/// <param name="Code">What went wrong.</param>
/// <param name="IsRetryable">Whether the same request may succeed.</param>
/// <param name="Reason">For the message: never a header, a signature or a body.</param>
internal readonly record struct S3Fault(ErrorCode Code, bool IsRetryable, string Reason);

/// <summary>Tells faults of the protocol, of the connection and of the library apart.</summary>
internal static class S3Faults
{
    public const string Scheme = "s3";

    public static bool IsMissingObject(AmazonServiceException e) => e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode is not ("NoSuchBucket" or "NoSuchUpload");

    public static bool IsFailedCondition(AmazonServiceException e) => e.StatusCode == HttpStatusCode.PreconditionFailed || e.ErrorCode == "PreconditionFailed";

    public static S3Fault Of(Exception e, bool timedOut) => e switch
    {
        OperationCanceledException when timedOut => new(ErrorCode.Timeout, true, "it took too long"),
        TimeoutException => new(ErrorCode.Timeout, true, "it took too long"),
        AmazonServiceException { StatusCode: >= HttpStatusCode.Continue } service => OfAnswer(service),
        HttpRequestException or SocketException or IOException => new(ErrorCode.Unavailable, true, Root(e).Message),
        AmazonServiceException or AmazonClientException => e.InnerException is { } inner and not AmazonClientException
            ? Of(inner, timedOut)
            : new(e.Message.Contains("credential", StringComparison.OrdinalIgnoreCase) ? ErrorCode.Unauthorized : ErrorCode.Unavailable, false, e.Message),
        _ => new(ErrorCode.Unexpected, false, $"{e.GetType().Name}: {e.Message}"),
    };

    public static BasaltException ToException(S3Fault fault, string operation, string address, string key, int attempts, Exception inner)
    {
        var where = key.Length == 0 ? address : $"'{key}' in {address}";
        var tries = attempts > 1 ? $" after {attempts} attempts" : "";
        return new BasaltException(fault.Code, $"{operation} of {where} failed{tries}: {fault.Reason}.", inner) { Backend = Scheme, Operation = operation, Target = key.Length == 0 ? address : key };
    }

    private static S3Fault OfAnswer(AmazonServiceException e)
    {
        var reason = $"{(string.IsNullOrEmpty(e.ErrorCode) ? e.StatusCode.ToString() : e.ErrorCode)} ({(int)e.StatusCode})";
        return (e.ErrorCode, (int)e.StatusCode) switch
        {
            ("SlowDown" or "Throttling" or "ThrottlingException" or "RequestLimitExceeded" or "TooManyRequests", _) or (_, 429 or 503) => new(ErrorCode.Throttled, true, reason),
            ("RequestTimeout" or "RequestTimeTooSkewed", _) => new(ErrorCode.Timeout, true, reason),
            // Another conditional write of the key was under way.
            ("ConditionalRequestConflict" or "OperationAborted", _) => new(ErrorCode.Conflict, true, reason),
            (_, 501) => new(ErrorCode.Unsupported, false, reason),
            ("InternalError", _) or (_, >= 500) => new(ErrorCode.Unavailable, true, reason),
            (_, 401 or 403) => new(ErrorCode.Unauthorized, false, reason),
            (_, 404) => new(ErrorCode.NotFound, false, reason),
            (_, 409 or 412) => new(ErrorCode.Conflict, false, reason),
            (_, 301 or 307) => new(ErrorCode.InvalidOptions, false, $"{reason}: the bucket is in another region or at another endpoint"),
            _ => new(ErrorCode.Unexpected, false, $"{reason}: {e.Message}"),
        };
    }

    private static Exception Root(Exception e)
    {
        while (e.InnerException is { } inner) e = inner;
        return e;
    }
}
