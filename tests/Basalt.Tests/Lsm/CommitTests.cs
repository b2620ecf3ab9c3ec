using System.Collections.Concurrent;
using Basalt.Lsm;
using Basalt.Lsm.IO;
using Basalt.Lsm.Wal;

namespace Basalt.Tests.Lsm;

public sealed class CommitTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_latch_lets_all_go_on_at_once_and_holds_again(bool asMonitor)
    {
        var latch = new Latch(asMonitor);
        for (var round = 0; round < 50; round++)
        {
            var passed = 0;
            var threads = Enumerable.Range(0, 6).Select(_ => new Thread(() =>
            {
                latch.Wait();
                Interlocked.Increment(ref passed);
            })).ToList();
            foreach (var thread in threads) thread.Start();
            Assert.Equal(0, Volatile.Read(ref passed));
            latch.Open();
            Assert.All(threads, static thread => Assert.True(thread.Join(Patience)));
            Assert.Equal(6, passed);
            latch.Wait();
            latch.Reset();
        }
    }

    [Fact]
    public async Task Every_batch_is_written_once_and_in_the_order_of_its_writer()
    {
        var written = new List<WriteBatch>();
        var isWriting = 0;
        var groups = 0;
        var queue = new CommitQueue(
            group =>
            {
                Assert.Equal(0, Interlocked.Exchange(ref isWriting, 1));
                written.AddRange(group);
                groups++;
                if (groups % 3 == 0) Thread.Yield();
                Volatile.Write(ref isWriting, 0);
            },
            TimeProvider.System);
        const int writers = 12, each = 500;
        var issued = new ConcurrentDictionary<int, List<WriteBatch>>();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(writer => Task.Factory.StartNew(
            () =>
            {
                var mine = issued[writer] = [];
                for (var i = 0; i < each; i++)
                {
                    mine.Add(new WriteBatch());
                    queue.Commit(mine[^1]);
                }
            },
            TaskCreationOptions.LongRunning)));
        Assert.Equal(writers * each, written.Count);
        var place = written.Select(static (batch, at) => (batch, at)).ToDictionary(static entry => entry.batch, static entry => entry.at);
        Assert.Equal(writers * each, place.Count);
        foreach (var mine in issued.Values) Assert.Equal(mine.OrderBy(batch => place[batch]), mine);
        Assert.Equal(groups, queue.Groups);
    }

    [Fact]
    public async Task A_group_shares_its_fault_and_the_next_one_is_written()
    {
        using var blocked = new ManualResetEventSlim();
        var calls = 0;
        var queue = new CommitQueue(
            group =>
            {
                if (++calls == 1) blocked.Wait(Patience);
                if (calls == 2) throw new IOException("no room");
            },
            TimeProvider.System);
        var first = Task.Factory.StartNew(() => queue.Commit(new WriteBatch()), TaskCreationOptions.LongRunning);
        Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref calls) == 1, Patience));
        var others = Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(() => Xunit.Record.Exception(() => queue.Commit(new WriteBatch())), TaskCreationOptions.LongRunning)).ToList();
        Assert.True(SpinWait.SpinUntil(() => queue.Gathered == 4, Patience));
        blocked.Set();
        await first;
        var faults = await Task.WhenAll(others);
        Assert.All(faults, static fault => Assert.Contains("no room", Assert.IsType<IOException>(fault).Message));
        Assert.Equal(4, faults.Distinct(ReferenceEqualityComparer.Instance).Count());
        queue.Commit(new WriteBatch());
        Assert.Equal(3, calls);
    }

    [Fact]
    public void One_writer_alone_makes_a_group_of_each_batch()
    {
        using var store = LsmStore.Open(new LsmOptions { Folder = "s", FileSystem = new MemoryFileSystem() });
        var tree = store.Tree("t");
        for (var i = 0; i < 100; i++) tree.Put([(byte)i], [1]);
        Assert.Equal(100, store.Stats().CommitGroups);
    }
}
