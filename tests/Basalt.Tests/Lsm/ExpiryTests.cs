using Basalt.Lsm;
using Basalt.Lsm.IO;
using Basalt.Lsm.Tables;

namespace Basalt.Tests.Lsm;

public sealed class ExpiryTests
{
    private readonly ManualTime _clock = new();
    private readonly MemoryFileSystem _disk = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_expired_value_is_gone_and_hides_older_ones(bool isFlushed)
    {
        using var store = Open();
        var tree = store.Tree("t");
        tree.Put("k"u8, "old"u8);
        if (isFlushed) store.Flush();
        tree.Put("k"u8, "new"u8, _clock.GetUtcNow().AddSeconds(10));
        if (isFlushed) store.Flush();
        Assert.Equal("new"u8.ToArray(), tree.Get("k"u8));
        using var before = store.Snapshot();
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(tree.Get("k"u8));
        using (var cursor = tree.Scan()) Assert.False(cursor.MoveNext());
        Assert.Equal("new"u8.ToArray(), tree.Get("k"u8, before));
        using (var cursor = tree.Scan(snapshot: before))
        {
            Assert.True(cursor.MoveNext());
            Assert.Equal(_clock.GetUtcNow(), cursor.Expires);
        }

        store.Compact();
        Assert.Null(tree.Get("k"u8));
        Assert.Equal(0, store.Stats().Entries);
        Assert.Equal("new"u8.ToArray(), tree.Get("k"u8, before));
    }

    [Fact]
    public void Expiry_survives_the_log_and_a_reopening()
    {
        using (var store = Open()) store.Tree("t").Put("k"u8, "v"u8, _clock.GetUtcNow().AddSeconds(5));
        using (var store = Open())
        {
            Assert.Equal("v"u8.ToArray(), store.Tree("t").Get("k"u8));
            store.Flush();
        }

        using (var store = Open())
        {
            Assert.Equal("v"u8.ToArray(), store.Tree("t").Get("k"u8));
            _clock.Advance(TimeSpan.FromSeconds(5));
            Assert.Null(store.Tree("t").Get("k"u8));
        }
    }

    [Fact]
    public void A_time_before_1970_is_refused()
    {
        using var store = Open();
        var tree = store.Tree("t");
        Assert.Throws<ArgumentOutOfRangeException>(() => tree.Put("k"u8, "v"u8, DateTimeOffset.UnixEpoch));
        tree.Put("k"u8, "v"u8, DateTimeOffset.MaxValue);
        Assert.Equal("v"u8.ToArray(), tree.Get("k"u8));
    }

    [Fact]
    public void A_profile_knows_when_half_is_gone_however_many_times_there_are()
    {
        var random = new Random(1);
        var profile = new ExpiryProfile();
        var times = Enumerable.Range(0, 50_000).Select(_ => (ulong)random.NextInt64(1_700_000_000_000, 1_800_000_000_000)).ToList();
        foreach (var time in times) profile.Add(EntryKind.Value(time), 10);
        times.Sort();
        var exact = times[times.Count / 2 - 1];
        Assert.InRange(profile.Half(), exact, exact + 400_000_000);
        for (var i = 0; i < 50_001; i++) profile.Add(EntryKind.Value(), 10);
        Assert.Equal(0UL, profile.Half());
        Assert.Equal(50_000, profile.Count);
    }

    private LsmStore Open() => LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = _disk, TimeProvider = _clock });
}
