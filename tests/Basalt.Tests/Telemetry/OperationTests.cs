using System.Diagnostics;
using System.Diagnostics.Metrics;
using Basalt.Queries;
using Basalt.Records;

namespace Basalt.Tests.Telemetry;

public sealed class OperationTests
{
    [Fact]
    public async Task Operations_are_traced_by_the_conventions_for_databases()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Basalt",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = span => { lock (spans) spans.Add(span); },
        };
        ActivitySource.AddActivityListener(listener);
        await using var db = await Database.OpenAsync("memory:");
        var name = "traced-" + Guid.NewGuid().ToString("N");
        var collection = db.Collection(name);

        await collection.CreateAsync(new Record { Id = "1", ["secret"] = "hunter2" });
        await Assert.ThrowsAsync<BasaltException>(async () => await collection.CreateAsync(new Record { Id = "1" }));
        await foreach (var _ in collection.StreamAsync(Query.Where("secret = 'hunter2'")))
        {
        }

        Activity[] mine;
        lock (spans) mine = [.. spans.Where(s => name.Equals(s.GetTagItem("db.collection.name")))];
        Assert.Equal(["create", "create", "stream"], mine.Select(static s => s.GetTagItem("db.operation.name")));
        Assert.Equal($"create {name}", mine[0].DisplayName);
        Assert.Equal("basalt.memory", mine[0].GetTagItem("db.system.name"));
        Assert.Null(mine[0].GetTagItem("error.type"));
        Assert.Equal("AlreadyExists", mine[1].GetTagItem("error.type"));
        Assert.Equal(ActivityStatusCode.Error, mine[1].Status);
        Assert.Equal(1L, mine[2].GetTagItem("db.response.returned_rows"));
        Assert.DoesNotContain(mine.SelectMany(static s => s.TagObjects), static tag => tag.Value is string text && text.Contains("hunter2"));
    }

    [Fact]
    public async Task Operations_are_measured_in_seconds()
    {
        var measured = new List<(double Seconds, string Operation)>();
        var name = "measured-" + Guid.NewGuid().ToString("N");
        using var listener = new MeterListener();
        listener.InstrumentPublished = static (instrument, l) =>
        {
            if (instrument is { Meter.Name: "Basalt", Name: "db.client.operation.duration" }) l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) =>
        {
            var byName = tags.ToArray().ToDictionary(static t => t.Key, static t => t.Value);
            Assert.Equal("s", instrument.Unit);
            if (name.Equals(byName["db.collection.name"])) lock (measured) measured.Add((value, (string)byName["db.operation.name"]!));
        });
        listener.Start();
        await using var db = await Database.OpenAsync("memory:");
        await db.Collection(name).CreateAsync(new Record());
        await db.Collection(name).CountAsync();
        Assert.Equal(["create", "count"], measured.Select(static m => m.Operation));
        Assert.All(measured, static m => Assert.InRange(m.Seconds, 0, 60));
    }
}
