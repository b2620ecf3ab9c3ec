using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Amazon.Runtime;
using Amazon.S3;
using Basalt.S3;

namespace Basalt.Tests.Objects;

/// <summary>Tests that share one server of S3.</summary>
[CollectionDefinition(Name)]
public sealed class S3Tests : ICollectionFixture<CephServer>
{
    public const string Name = "S3";
}

/// <summary>
/// A real server of S3 that lives as long as the tests that need it: a Ceph gateway with a monitor and an OSD in memory. What starts it also ends it when this process dies, however it dies.
/// </summary>
public sealed class CephServer : IAsyncLifetime
{
    private static readonly string[] Programs = ["ceph", "ceph-mon", "ceph-osd", "ceph-authtool", "monmaptool", "radosgw", "radosgw-admin"];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"basalt-ceph-{Guid.NewGuid():n}");
    private Process? _process;
    private int _buckets;

    public const string SecretKey = "a secret that appears nowhere";

    public static S3Credentials Credentials { get; } = new("basalt-test", SecretKey);

    public Uri Endpoint { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Why there is no server; null when there is one.</summary>
    public string? Missing { get; private set; }

    public async ValueTask InitializeAsync()
    {
        Missing = Programs.FirstOrDefault(static p => !IsInstalled(p)) is { } missing ? $"{missing} is not installed, so there is no S3 server to test against (apt-get install radosgw ceph-mon ceph-osd)" : null;
        if (Missing is not null) return;
        var ports = FreePorts(4);
        var start = new ProcessStartInfo("bash") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        foreach (var argument in new[] { Repository.Path("tests", "Basalt.Tests", "Objects", "ceph.sh"), _folder, $"{ports[0]}", $"{ports[1]}", $"{ports[2]}", $"{FirstOfManyPorts(ports[3])}", Credentials.AccessKey, SecretKey }) start.ArgumentList.Add(argument);
        Endpoint = new Uri($"http://127.0.0.1:{ports[0]}/");
        _process = Process.Start(start)!;
        var said = await _process.StandardOutput.ReadLineAsync().WaitAsync(Patience);
        if (said == "ready") return;
        var rest = await _process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        throw new InvalidOperationException($"The S3 server did not start: {said}\n{rest}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is null) return;
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(patience.Token);
        _process.Dispose();
    }

    public void Require() => Assert.SkipWhen(Missing is not null, Missing ?? "");

    /// <summary>Options of a new bucket.</summary>
    internal async ValueTask<S3Options> NewBucketAsync()
    {
        Require();
        var name = $"bucket-{Interlocked.Increment(ref _buckets)}-{Environment.ProcessId}";
        using var client = Client();
        await client.PutBucketAsync(name, TestContext.Current.CancellationToken);
        return new S3Options { Bucket = name, Endpoint = Endpoint, Credentials = Credentials };
    }

    /// <summary>The bare client, for what the store does not do.</summary>
    internal AmazonS3Client Client() => new(new BasicAWSCredentials(Credentials.AccessKey, SecretKey), new AmazonS3Config
    {
        ServiceURL = Endpoint.ToString(),
        ForcePathStyle = true,
        AuthenticationRegion = "us-east-1",
        RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED,
        ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
    });

    private static bool IsInstalled(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(static _ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        listeners.ForEach(static l => l.Start());
        var ports = listeners.ConvertAll(static l => ((IPEndPoint)l.LocalEndpoint).Port);
        listeners.ForEach(static l => l.Dispose());
        return [.. ports];
    }

    // The OSD looks for free ports from here on by itself; the range lies below those that the system gives away.
    private static int FirstOfManyPorts(int seed) => 10_000 + (seed * 100 % 20_000);
}
