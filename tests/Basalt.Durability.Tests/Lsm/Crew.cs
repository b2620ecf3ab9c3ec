using Basalt.Lsm;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>Writers that each write a history of their own into one store, so that groups form and each can tell what it was promised.</summary>
internal sealed class Crew(int seed, int writers, int batches)
{
    private readonly int[] _safe = new int[writers];

    public IReadOnlyList<History> Histories { get; } = [.. Enumerable.Range(0, writers).Select(writer => new History(seed + writer, batches, $"{writer} "))];

    public bool IsDone => Histories.All(static history => history.Acknowledged == history.Count);

    public long Acknowledged => Histories.Sum(static history => (long)history.Acknowledged);

    /// <summary>Takes up what a store holds.</summary>
    public void Resume(IReadOnlyList<int> held)
    {
        for (var writer = 0; writer < held.Count; writer++)
        {
            Histories[writer].Resume(held[writer]);
            _safe[writer] = held[writer];
        }
    }

    /// <summary>Flushes, after which everything that was acknowledged before is durable under every policy.</summary>
    public void Flush(LsmStore store, Func<bool> hasPower)
    {
        var before = Histories.Select(static history => history.Acknowledged).ToArray();
        store.Flush();
        if (hasPower()) before.CopyTo(_safe, 0);
    }

    /// <summary>How many batches of each writer the store holds, having checked that it holds exactly these, what was promised among them, and is whole.</summary>
    public int[] Check(LsmStore store, bool acknowledgedIsDurable)
    {
        var held = Histories.Select(history => history.Held(store, history.Dropped)).ToArray();
        for (var writer = 0; writer < held.Length; writer++)
            Assert.InRange(held[writer], acknowledgedIsDurable ? Histories[writer].Acknowledged : _safe[writer], Histories[writer].Issued);
        Assert.Empty(store.Verify());
        return held;
    }
}
