using Basalt.Backends.Memory;
using Basalt.Hosting;
using Basalt.Records;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Basalt.Tests.Hosting;

public sealed class HostingTests
{
    private static IConfiguration Configuration(params (string Key, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.ToDictionary(static s => s.Key, static s => (string?)s.Value)).Build();

    [Fact]
    public async Task The_unnamed_database_is_injected_and_opens_once()
    {
        await using var provider = new ServiceCollection().AddBasalt("memory:").BuildServiceProvider();
        var accessor = provider.GetRequiredService<DatabaseAccessor>();
        var db = await accessor.GetAsync();
        await db.Collection("c").CreateAsync(new Record { ["a"] = 1 });
        Assert.Same(db, await accessor.GetAsync());
        Assert.Same(accessor, provider.GetRequiredKeyedService<DatabaseAccessor>(""));
    }

    [Fact]
    public async Task Named_databases_come_from_configuration()
    {
        var configuration = Configuration(("Basalt:Databases:films:Uri", "memory:"), ("Basalt:Databases:cars:Uri", "memory:"));
        await using var provider = new ServiceCollection().AddBasalt(configuration).BuildServiceProvider();
        var films = await provider.GetRequiredKeyedService<DatabaseAccessor>("films").GetAsync();
        var cars = await provider.GetRequiredKeyedService<DatabaseAccessor>("cars").GetAsync();
        Assert.NotSame(films, cars);
        Assert.Null(provider.GetService<DatabaseAccessor>());
    }

    [Fact]
    public async Task A_database_that_is_being_opened_at_the_disposal_is_disposed_too()
    {
        var opening = new TaskCompletionSource();
        var proceed = new TaskCompletionSource();
        var backend = new MemoryBackend();
        var slow = new BackendScheme("slow", "slow:", "a test", async (_, _, _) =>
        {
            opening.SetResult();
            await proceed.Task;
            return backend;
        });
        await using var provider = new ServiceCollection().AddBasalt("slow:", options => options.Backends = BackendSet.Default.With(slow)).BuildServiceProvider();
        var accessor = provider.GetRequiredService<DatabaseAccessor>();
        var first = accessor.GetAsync().AsTask();
        var second = accessor.GetAsync().AsTask();
        await opening.Task;
        var disposal = accessor.DisposeAsync().AsTask();
        proceed.SetResult();
        await disposal.WaitAsync(TimeSpan.FromSeconds(10));
        await first.WaitAsync(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await backend.PingAsync(default));
        await Task.WhenAny(second).WaitAsync(TimeSpan.FromSeconds(10));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await accessor.GetAsync());
    }

    [Fact]
    public void A_malformed_address_fails_when_the_application_is_composed() =>
        Assert.Equal(ErrorCode.InvalidOptions, Assert.Throws<BasaltException>(() => new ServiceCollection().AddBasalt("no scheme")).Code);

    [Theory]
    [InlineData("Basalt:Url", "memory:", "Basalt:Url is not a setting")]
    [InlineData("Basalt:Databases:x:Path", "y", "Basalt:Databases:x:Path is not a setting")]
    [InlineData("Other", "y", "neither Basalt:Uri nor")]
    public void A_wrong_setting_is_named(string key, string value, string message) =>
        Assert.Contains(message, Assert.Throws<BasaltException>(() => new ServiceCollection().AddBasalt(Configuration((key, value)))).Message);

    [Fact]
    public void One_name_is_registered_once() =>
        Assert.Throws<InvalidOperationException>(() => new ServiceCollection().AddBasalt("a", "memory:").AddBasalt("a", "memory:"));

    [Fact]
    public async Task The_clock_of_the_container_stamps_records()
    {
        var now = new DateTimeOffset(2001, 2, 3, 4, 5, 6, TimeSpan.Zero);
        await using var provider = new ServiceCollection().AddSingleton<TimeProvider>(new FixedTime(now)).AddBasalt("memory:").BuildServiceProvider();
        var db = await provider.GetRequiredService<DatabaseAccessor>().GetAsync();
        Assert.Equal(now, (await db.Collection("c").CreateAsync(new Record())).Created);
    }

    [Fact]
    public async Task Closing_the_container_closes_the_database()
    {
        var provider = new ServiceCollection().AddBasalt("memory:").BuildServiceProvider();
        var accessor = provider.GetRequiredService<DatabaseAccessor>();
        var db = await accessor.GetAsync();
        await provider.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await db.PingAsync());
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await accessor.GetAsync());
    }

    [Theory]
    [InlineData("memory:", HealthStatus.Healthy)]
    [InlineData("nothing:", HealthStatus.Degraded)]
    public async Task Health_says_whether_the_database_opens_and_answers(string uri, HealthStatus expected)
    {
        await using var provider = new ServiceCollection().AddBasalt(uri).BuildServiceProvider();
        var check = new DatabaseHealthCheck(provider.GetRequiredService<DatabaseAccessor>());
        var context = new HealthCheckContext { Registration = new HealthCheckRegistration("basalt", check, HealthStatus.Degraded, null) };
        var result = await check.CheckHealthAsync(context);
        Assert.Equal(expected, result.Status);
        Assert.NotEmpty(result.Description!);
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
