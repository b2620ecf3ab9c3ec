using Basalt.Objects;
using Basalt.S3;
using Microsoft.Extensions.Logging;

namespace Basalt.Tests.Objects;

/// <summary>What the store makes of throttling, lost answers, cut bodies and waiting.</summary>
[Collection(S3Tests.Name)]
public sealed class S3FaultTests(CephServer server)
{
    private static readonly byte[] Content = Enumerable.Range(0, 100_000).Select(static i => (byte)(i * 7)).ToArray();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(503)]
    [InlineData(429)]
    [InlineData(500)]
    public async Task Every_operation_outlives_refusals(int status)
    {
        await using var net = await NetAsync((_, number) => number % 4 == 0 ? Mishap.None : new Mishap { Status = status });
        await net.Store.PutAsync("a/o", Content, cancellationToken: Token);
        Assert.Equal(Content, (await net.Store.ReadAllAsync("a/o", Content.Length, cancellationToken: Token))!.Value.Bytes);
        Assert.Equal(Content.Length, (await net.Store.HeadAsync("a/o", Token))!.Length);
        await foreach (var item in net.Store.ListAsync(new ObjectListing(), Token)) Assert.Equal("a/o", item.Key);
        await net.Store.DeleteAsync("a/o", Token);
        Assert.Null(await net.Store.HeadAsync("a/o", Token));
        Assert.Equal(24, net.Proxy.Heads.Count);
    }

    [Theory]
    [InlineData(503, ErrorCode.Throttled)]
    [InlineData(500, ErrorCode.Unavailable)]
    public async Task Attempts_are_bounded(int status, ErrorCode code)
    {
        await using var net = await NetAsync((_, _) => new Mishap { Status = status });
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await net.Store.OpenAsync("a/o", cancellationToken: Token));
        Assert.Equal((code, true, "a/o", "read", "s3"), (fault.Code, fault.IsTransient, fault.Target, fault.Operation, fault.Backend));
        Assert.Contains(net.Options.Bucket, fault.Message);
        Assert.Equal(net.Options.MaxAttempts, net.Proxy.Heads.Count);
    }

    [Fact]
    public async Task Broken_connections_are_made_again()
    {
        await using var net = await NetAsync((_, number) => number % 2 == 0 ? Mishap.None : new Mishap { ResetsBefore = true });
        await net.Store.PutAsync("o", Content, cancellationToken: Token);
        Assert.Equal(Content, (await net.Store.ReadAllAsync("o", Content.Length, cancellationToken: Token))!.Value.Bytes);
    }

    [Fact]
    public async Task A_conditional_put_whose_answer_was_lost_is_known_as_ones_own()
    {
        await using var net = await NetAsync((line, _) => line.StartsWith("PUT", StringComparison.Ordinal) && Interlocked.Exchange(ref _lost, 1) == 0 ? new Mishap { LosesAnswer = true } : Mishap.None);
        var eTag = await net.Store.PutAsync("o", Content, PutCondition.IfAbsent, Token);
        Assert.Equal(eTag, (await net.Store.HeadAsync("o", Token))!.ETag);
        _lost = 0;
        var next = await net.Store.PutAsync("o", Content.AsMemory(1), PutCondition.IfMatch(eTag), Token);
        Assert.Equal((next, Content.Length - 1), ((await net.Store.HeadAsync("o", Token))!.ETag, (await net.Store.HeadAsync("o", Token))!.Length));
    }

    private int _lost;

    [Fact]
    public async Task A_conditional_put_that_another_one_won_is_refused_though_its_own_answer_was_lost()
    {
        S3ObjectStore? other = null;
        var isFirst = true;
        await using var net = await NetAsync((line, _) =>
        {
            if (!line.StartsWith("PUT", StringComparison.Ordinal) || !isFirst) return Mishap.None;
            isFirst = false;
            return new Mishap { ResetsBefore = true, };
        });
        await using var direct = other = S3ObjectStore.Open(net.Options with { Endpoint = server.Endpoint });
        await direct.PutAsync("o", new byte[] { 1 }, cancellationToken: Token);
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await net.Store.PutAsync("o", Content, PutCondition.IfAbsent, Token));
        Assert.Equal(ErrorCode.AlreadyExists, fault.Code);
        Assert.Equal(1, (await direct.HeadAsync("o", Token))!.Length);
    }

    [Fact]
    public async Task A_put_in_parts_outlives_lost_answers_at_every_request()
    {
        var large = new byte[11_000_000];
        new Random(1).NextBytes(large);
        for (var lost = 1; lost <= 5; lost++)
        {
            var at = lost;
            await using var net = await NetAsync((_, number) => number == at ? new Mishap { LosesAnswer = true } : Mishap.None);
            await net.Store.PutAsync("o", new MemoryStream(large), Token);
            Assert.Equal(large, (await net.Store.ReadAllAsync("o", large.Length, cancellationToken: Token))!.Value.Bytes);
        }
    }

    [Fact]
    public async Task A_cut_body_is_read_on_from_where_it_was_cut()
    {
        await using var net = await NetAsync((line, number) => line.StartsWith("GET", StringComparison.Ordinal) && number <= 3 ? new Mishap { CutsAfter = 30_000 } : Mishap.None);
        await net.Direct.PutAsync("o", Content, cancellationToken: Token);
        var buffer = new byte[Content.Length - 10];
        var read = await net.Store.ReadAsync("o", ObjectRange.From(10), buffer, cancellationToken: Token);
        Assert.Equal((Content.Length - 10, 10L), (read!.Value.Count, read.Value.Offset));
        Assert.Equal(Content[10..], buffer);
        Assert.True(net.Proxy.Heads.Count is >= 2 and <= 4, $"{net.Proxy.Heads.Count} requests");
        Assert.All(net.Proxy.Heads.Skip(1), static head => Assert.Contains("If-Match", head, StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_cut_body_of_an_object_that_was_replaced_meanwhile_is_a_conflict()
    {
        await using var net = await NetAsync((_, number) => number == 1 ? new Mishap { CutsAfter = 30_000 } : Mishap.None);
        await net.Direct.PutAsync("o", Content, cancellationToken: Token);
        var content = (await net.Store.OpenAsync("o", cancellationToken: Token))!;
        await using var closing = content;
        await net.Direct.PutAsync("o", new byte[Content.Length], cancellationToken: Token);
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await content.Stream.ReadExactlyAsync(new byte[Content.Length], Token));
        Assert.Equal((ErrorCode.Conflict, "o"), (fault.Code, fault.Target));
    }

    [Fact]
    public async Task A_body_that_never_comes_through_is_a_fault_and_no_short_content()
    {
        await using var net = await NetAsync((_, _) => new Mishap { CutsAfter = 0 });
        await net.Direct.PutAsync("o", Content, cancellationToken: Token);
        var fault = await Assert.ThrowsAsync<BasaltException>(async () => await net.Store.ReadAllAsync("o", Content.Length, cancellationToken: Token));
        Assert.Equal(ErrorCode.Unavailable, fault.Code);
    }

    [Fact]
    public async Task An_answer_that_takes_too_long_is_asked_for_again()
    {
        await using var net = await NetAsync((_, number) => number == 1 ? new Mishap { Delay = TimeSpan.FromSeconds(20) } : Mishap.None, static o => o with { AttemptTimeout = TimeSpan.FromMilliseconds(300) });
        Assert.Null(await net.Store.HeadAsync("o", Token));
        Assert.Equal(2, net.Proxy.Heads.Count);
        await using var never = await NetAsync((_, _) => new Mishap { Delay = TimeSpan.FromSeconds(20) }, static o => o with { AttemptTimeout = TimeSpan.FromMilliseconds(100), MaxAttempts = 3 });
        Assert.Equal(ErrorCode.Timeout, (await Assert.ThrowsAsync<BasaltException>(async () => await never.Store.HeadAsync("o", Token))).Code);
        Assert.Equal(3, never.Proxy.Heads.Count);
    }

    [Fact]
    public async Task Who_cancels_does_not_wait()
    {
        await using var net = await NetAsync((_, _) => new Mishap { Delay = TimeSpan.FromMinutes(5) });
        using var cancelling = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await net.Store.HeadAsync("o", cancelling.Token));
        Assert.Single(net.Proxy.Heads);
    }

    [Fact]
    public async Task Retries_are_logged_without_secrets()
    {
        var log = new LinesOfLog();
        await using var net = await NetAsync((_, number) => number == 1 ? new Mishap { Status = 503 } : Mishap.None, o => o with { LoggerFactory = log });
        await net.Store.PutAsync("o", Content, cancellationToken: Token);
        var line = Assert.Single(log.Lines);
        Assert.Contains("'o'", line);
        Assert.Contains("503", line);
        Assert.DoesNotContain(CephServer.SecretKey, line);
    }

    private async Task<Net> NetAsync(Func<string, int, Mishap> mishap, Func<S3Options, S3Options>? change = null)
    {
        var options = await server.NewBucketAsync();
        var proxy = new FaultyProxy(server.Endpoint, mishap);
        var direct = S3ObjectStore.Open(options);
        options = options with { Endpoint = proxy.Endpoint, FirstPause = TimeSpan.FromMilliseconds(1), PartBytes = S3Options.LeastPartBytes };
        options = change?.Invoke(options) ?? options;
        return new Net(proxy, options, S3ObjectStore.Open(options), direct);
    }

    /// <summary>A bucket behind a proxy, and the same without.</summary>
    private sealed record Net(FaultyProxy Proxy, S3Options Options, S3ObjectStore Store, S3ObjectStore Direct) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Store.DisposeAsync();
            await Direct.DisposeAsync();
            await Proxy.DisposeAsync();
        }
    }

    private sealed class LinesOfLog : ILoggerFactory, ILogger
    {
        public List<string> Lines { get; } = [];

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Add(formatter(state, exception));
    }
}
