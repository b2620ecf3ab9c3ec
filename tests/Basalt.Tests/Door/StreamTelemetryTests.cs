using System.Diagnostics;
using Basalt.Backends.Memory;
using Basalt.Queries;

namespace Basalt.Tests.Door;

public sealed class StreamTelemetryTests
{
    [Fact]
    public async Task Stream_that_fails_before_its_first_record_is_recorded_as_failed()
    {
        var name = $"missing-{Guid.NewGuid():N}";
        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Basalt",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                if (activity.DisplayName == $"stream {name}") ended.Add(activity);
            },
        };
        ActivitySource.AddActivityListener(listener);
        await using var db = Database.Over(new MemoryBackend());
        foreach (var query in new[] { Query.All, Query.All.After("no cursor") })
        {
            await Assert.ThrowsAsync<BasaltException>(async () =>
            {
                await foreach (var _ in db.Collection(name).StreamAsync(query)) Assert.Fail("There is nothing.");
            });
        }

        Assert.Equal(["NotFound", "InvalidQuery"], ended.Select(static activity => activity.GetTagItem("error.type")));
    }
}
