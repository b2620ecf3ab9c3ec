using System.Net;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Basalt.S3;

/// <summary>When the protocol's own checksums travel with requests and answers.</summary>
public enum S3Checksums
{
    /// <summary>Amazon's own endpoints get them wherever they are supported; an endpoint of one's own only where they are required, because many servers refuse or store what they do not know.</summary>
    ByEndpoint,

    /// <summary>Only where the protocol requires them.</summary>
    WhenRequired,

    /// <summary>Wherever the protocol has them.</summary>
    WhenSupported,
}

/// <summary>How an <see cref="S3ObjectStore"/> is opened. Checked at the opening; nothing is clamped.</summary>
public sealed partial record S3Options
{
    /// <summary>The least a part may have, by the protocol.</summary>
    public const int LeastPartBytes = 5 << 20;

    /// <summary>The bucket.</summary>
    public required string Bucket { get; init; }

    /// <summary>The server, such as <c>http://127.0.0.1:9000</c>. Default: Amazon's, of the region.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The region. Default: what the environment and profile of the process say; for an endpoint of one's own <c>us-east-1</c>.</summary>
    public string? Region { get; init; }

    /// <summary>Whether the bucket stands in the path and not in the name of the host. Default: yes for an endpoint of one's own.</summary>
    public bool? PathStyle { get; init; }

    /// <summary>Whether requests are not signed, as public buckets allow. Default: they are.</summary>
    public bool IsAnonymous { get; init; }

    /// <summary>Who asks. Default: the usual chain of environment, profile, web identity, container and instance.</summary>
    public S3Credentials? Credentials { get; init; }

    /// <summary>When the protocol's checksums are used.</summary>
    public S3Checksums Checksums { get; init; }

    /// <summary>How much is put at once, in bytes: 5 MiB to 1 GiB, default 8 MiB. A streamed put holds <see cref="PartsAtOnce"/> such parts and one more in memory, and has at most 10 000.</summary>
    public int PartBytes { get; init; } = 8 << 20;

    /// <summary>How many parts of one put are on their way at once: 1 to 64, default 4.</summary>
    public int PartsAtOnce { get; init; } = 4;

    /// <summary>How often a request is tried that fails by throttling, a broken connection, the server or time: 1 to 20, default 8.</summary>
    public int MaxAttempts { get; init; } = 8;

    /// <summary>The longest pause behind the first failed attempt; it doubles with each. The pause itself is random, from nothing up to it. Default: 100 ms.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>What the pause never exceeds. Default: 10 s.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long one attempt may wait for its answer to begin, and a body for its next bytes: 100 ms to 1 h, default 30 s. What is sent has a second more for each 256 KiB.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock of waits and limits.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Where to log; nowhere unless given. Gets no secrets.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    internal bool UsesPathStyle => PathStyle ?? Endpoint is not null;

    internal bool SendsChecksums => Checksums == S3Checksums.WhenSupported || (Checksums == S3Checksums.ByEndpoint && Endpoint is null);

    /// <summary>Refuses settings that cannot be used.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidOptions"/>: the message names the setting.</exception>
    public void Validate()
    {
        if (string.IsNullOrEmpty(Bucket)) throw Invalid("s3: needs a bucket, such as s3://bucket/prefix.");
        if (!BucketName().IsMatch(Bucket) || IPAddress.TryParse(Bucket, out _)) throw Invalid("The bucket of s3: is no such name: 3 to 63 lower-case letters, digits, points and hyphens.");
        if (Endpoint is not null && !IsServer(Endpoint)) throw Invalid("The endpoint of s3: is not of the form http://HOST:PORT or https://HOST:PORT.");
        if (Region is not null && !RegionName().IsMatch(Region)) throw Invalid($"'{Region}' is not the name of a region.");
        if (IsAnonymous && Credentials is not null) throw Invalid("s3: is either anonymous or has credentials.");
        if (!Enum.IsDefined(Checksums)) throw Invalid($"There is no mode of checksums {Checksums}.");
        if (PartBytes is < LeastPartBytes or > 1 << 30) throw Invalid($"A part of s3: has 5 MiB to 1 GiB, not {PartBytes} bytes.");
        if (PartsAtOnce is < 1 or > 64) throw Invalid($"s3: puts 1 to 64 parts at once, not {PartsAtOnce}.");
        if (MaxAttempts is < 1 or > 20) throw Invalid($"s3: makes 1 to 20 attempts, not {MaxAttempts}.");
        if (FirstPause < TimeSpan.Zero || LongestPause < FirstPause || LongestPause > TimeSpan.FromMinutes(10)) throw Invalid("The pauses of s3: go from 0 to 10 minutes, the first not longer than the longest.");
        if (AttemptTimeout < TimeSpan.FromMilliseconds(100) || AttemptTimeout > TimeSpan.FromHours(1)) throw Invalid($"The time of an attempt of s3: is 100 ms to 1 h, not {AttemptTimeout}.");
        if (TimeProvider is null || LoggerFactory is null) throw Invalid("The clock or the log of s3: is null.");
    }

    internal static BasaltException Invalid(string message) => new(ErrorCode.InvalidOptions, message) { Backend = S3Faults.Scheme };

    private static bool IsServer(Uri uri) =>
        uri.IsAbsoluteUri && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0 && uri.AbsolutePath == "/" && uri.Query.Length == 0 && uri.Fragment.Length == 0;

    [GeneratedRegex(@"^[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]\z", RegexOptions.NonBacktracking)]
    private static partial Regex BucketName();

    [GeneratedRegex(@"^[a-z0-9][a-z0-9\-]{0,63}\z", RegexOptions.NonBacktracking)]
    private static partial Regex RegionName();
}
