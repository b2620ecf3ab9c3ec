using System.Collections.Immutable;
using Basalt.Lsm.Versions;

namespace Basalt.Lsm;

public sealed partial class LsmStore
{
    /// <summary>The log is rid of writes to dropped trees at the latest when there are so many such trees.</summary>
    private const int MostDropped = 1024;

    /// <summary>What dropped trees had in the memtables that take writes. It is still in their log, so it counts as if it were still there. Changed under the write gate.</summary>
    private long _droppedBytes;

    private long LeastDroppedBytes => _options.MemtableBytes / MostDropped;

    /// <summary>
    /// Removes a tree with all that it holds, durably and at once; its name may be given to a new one, which begins empty. What was committed before the call is committed, and
    /// durable, before the tree is gone. Writers wait for a moment.
    /// </summary>
    /// <remarks>
    /// From then on the tree is refused with <see cref="LsmErrorCode.Dropped"/>: its reads, batches that write to it as a whole, loads into it. Snapshots and cursors that were taken before go on, and
    /// hold the space of what they see; without them it is free when the call returns, but for what a merge of the tree, which ends, still reads. What is being attached to one of its tables ends without effect.
    /// </remarks>
    /// <exception cref="LsmException">Dropped already, read-only or closed. Poisoned: whether the tree is gone shows at the next open.</exception>
    public void DropTree(LsmTree tree)
    {
        ThrowIfForeign(tree);
        ThrowIfReadOnly();
        lock (_maintenance)
        {
            ThrowIfClosed();
            ThrowIfPoisoned();
            tree.ThrowIfDropped();
            lock (_writeGate) Drop(_version.Find(tree.Id)!);
        }

        try
        {
            tree.EndWork();
        }
        finally
        {
            Tell(tree.Name);
            TidyUp();
            if (!_options.RunsMaintenanceInline && IsMemoryFull) FreezeFull();
        }
    }

    /// <summary>The caller has the maintenance lock and the write gate.</summary>
    private void Drop(TreeContent content)
    {
        var tree = content.Tree;
        try
        {
            // A power cut must not take what was written before and leave what was done later.
            _log.Sync();
        }
        catch (Exception e)
        {
            throw Poison(e);
        }

        var isLogged = content.Memtables.Any(static memtable => !memtable.IsEmpty);
        var edit = new VersionEdit();
        edit.Dropped.Add((tree.Id, isLogged ? _sequence : 0));
        AppendEdit(edit);
        tree.MarkDropped();
        _trees.Remove(tree.Name);
        if (isLogged) _droppedBytes += Math.Max(_active[tree.Id].Bytes, LeastDroppedBytes);
        _active.Remove(tree.Id);
        Retire(content.Tables.SelectMany(static table => table.Files));
        ImmutableInterlocked.Update(ref _damaged, damaged => damaged.RemoveRange(content.Tables.Select(static table => table.Number)));
        Install(_version.Without(tree));
        CountActive();
    }

    /// <summary>What follows a step that has been done and must not seem to have failed: the flush thread meets what fails here, keeps it and tries again.</summary>
    private void TidyUp()
    {
        try
        {
            _admission.Change();
            if (!_options.RunsMaintenanceInline && IsMergeDue()) _merger.Ask();
            RemoveOldLogs();
        }
        catch (Exception)
        {
            if (!_options.RunsMaintenanceInline) _flusher.Ask();
        }
    }
}
