using System.Runtime.ExceptionServices;
using Basalt.Lsm;
using Basalt.Lsm.IO;
using Basalt.Lsm.Wal;

namespace Basalt.Durability.Tests.Lsm;

/// <summary>
/// A store in memory that lives several lives, each under options of its own, until a power cut at some operation: while it recovers, writes,
/// flushes, merges or closes. With one writer a seed repeats exactly, with several nearly.
/// </summary>
internal sealed class PowerCuts(int seed)
{
    private const int MostLives = 8;
    private readonly Random _random = new(seed);
    private Crew _crew = null!;
    private volatile bool _isCut;

    public int Lives { get; private set; }

    public long Acknowledged => _crew.Acknowledged;

    public void Run()
    {
        _crew = new Crew(seed, _random.Next(2) == 0 ? 1 : _random.Next(2, 5), _random.Next(50, 400));
        var disk = new MemoryFileSystem();
        while (Lives < MostLives && !_crew.IsDone)
        {
            var (set, when) = (AnySet(), "");
            var isAlways = OptionSets.Of(set, "s", disk).Sync == SyncPolicy.Always;
            try
            {
                Lives++;
                disk = Live(disk, set);
                when = "recovery after ";
                // The check has a copy: the next life begins with this recovery, and may be cut in it.
                using var store = LsmStore.Open(OptionSets.Of(AnySet(), "s", disk.CrashClone(0, 1)));
                _crew.Resume(_crew.Check(store, isAlways));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"{when}life {Lives} under '{set}', {_crew.Histories.Count} writers", e);
            }
        }
    }

    private string AnySet() => OptionSets.Family(seed)[_random.Next(OptionSets.Family(seed).Count)];

    /// <summary>The disk that is left.</summary>
    private MemoryFileSystem Live(MemoryFileSystem disk, string set)
    {
        var (lifetime, keep, cloneSeed) = (_random.Next(2) == 0 ? _random.Next(1, 80) : _random.Next(80, 1500), _random.Next(4) * 0.5, _random.Next());
        keep = keep > 1 ? _random.NextDouble() : keep;
        MemoryFileSystem? left = null;
        var gate = new Lock();
        _isCut = false;
        var faulting = new FaultingFileSystem(disk, operation =>
        {
            if (operation.Number < lifetime) return false;
            lock (gate)
            {
                // First nobody hears an answer any more, then the disk stays as it is.
                _isCut = true;
                left ??= disk.CrashClone(cloneSeed, keep);
            }

            return true;
        });
        try
        {
            using var store = LsmStore.Open(OptionSets.Of(set, "s", faulting));
            // What one recovery found, the next one finds.
            foreach (var history in _crew.Histories) Assert.Equal(history.Acknowledged, history.Held(store));
            Work(store);
        }
        catch (Exception e) when (IsOfPowerCut(e))
        {
            // The life has ended.
        }

        if (left is not null) return left;
        // Closed in order, all of it is durable, whatever the policy.
        foreach (var history in _crew.Histories) Assert.Equal(history.Issued, history.Acknowledged);
        _crew.Resume([.. _crew.Histories.Select(static history => history.Acknowledged)]);
        return disk.CrashClone(cloneSeed, 0);
    }

    /// <summary>Each writer on a thread, the first one here, with maintenance between its batches.</summary>
    private void Work(LsmStore store)
    {
        ExceptionDispatchInfo? fault = null;
        var others = _crew.Histories.Skip(1).Select(history => new Thread(() =>
        {
            try
            {
                history.Write(store, history.Count, () => !_isCut);
            }
            catch (Exception e)
            {
                if (!IsOfPowerCut(e)) Interlocked.CompareExchange(ref fault, ExceptionDispatchInfo.Capture(e), null);
            }
        })).ToList();
        foreach (var other in others) other.Start();
        try
        {
            var history = _crew.Histories[0];
            while (history.Acknowledged < history.Count && !_isCut)
            {
                history.Write(store, Math.Min(history.Count, history.Acknowledged + _random.Next(1, 30)), () => !_isCut);
                Maintain(store);
            }
        }
        finally
        {
            foreach (var other in others) other.Join();
            fault?.Throw();
        }
    }

    private void Maintain(LsmStore store)
    {
        switch (_random.Next(12))
        {
            case 0:
                _crew.Flush(store, () => !_isCut);
                break;
            case 1:
                store.Compact();
                break;
            case 2:
                store.Tree(_random.Next(2) == 0 ? "0 left" : "0 right").Compact();
                break;
            case 3:
                using (var snapshot = store.Snapshot())
                {
                    using var cursor = store.Tree("0 left").Scan(snapshot: snapshot, descending: _random.Next(2) == 0);
                    while (cursor.MoveNext()) Assert.Equal(1, cursor.Key.Length);
                }

                break;
            default:
                break;
        }
    }

    private bool IsOfPowerCut(Exception e) => _isCut && e is IOException or LsmException { Code: LsmErrorCode.Poisoned };
}
