using Basalt.Lsm.Compaction;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    /// <summary>Tells the listener again what it could not be told. Idle, without a thread, as long as it does not throw.</summary>
    private readonly Worker _teller;
    private readonly Lock _telling = new();

    /// <summary>Trees that have other tables, which the listener could not be told.</summary>
    private readonly HashSet<string> _untold = new(StringComparer.Ordinal);

    /// <summary>Trees whose tables flushes and loads have changed during this turn: the listener is told when it is over. Touched by whoever has the flush turn.</summary>
    private readonly HashSet<string> _flushed = new(StringComparer.Ordinal);

    /// <summary>
    /// Tells the listener that trees have other tables now, on this thread, which has neither the maintenance lock nor the write gate. What was done is
    /// done: what the listener throws does not fail it, and is met by another thread, which keeps it and tries again.
    /// </summary>
    private void Tell(params IEnumerable<string> trees)
    {
        var isTold = true;
        foreach (var tree in trees) isTold &= TryTell(tree, out _);
        if (!isTold) _teller.Ask();
    }

    /// <summary>The work of the thread that tells again.</summary>
    private void TellAgain()
    {
        string[] trees;
        lock (_telling)
        {
            trees = [.. _untold];
            _untold.Clear();
        }

        Exception? failure = null;
        foreach (var tree in trees)
            if (!TryTell(tree, out var thrown)) failure ??= new InvalidOperationException($"What listens to changes of tables failed for '{tree}': {thrown!.Message}", thrown);
        if (failure is not null) throw failure;
    }

    private bool TryTell(string tree, out Exception? thrown)
    {
        try
        {
            _options.TablesChanged(tree);
            thrown = null;
            return true;
        }
        catch (Exception e)
        {
            lock (_telling) _untold.Add(tree);
            thrown = e;
            return false;
        }
    }
}
