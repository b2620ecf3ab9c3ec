using System.Runtime.CompilerServices;
using Basalt.Changes;
using Basalt.Engine.Changes;
using Basalt.Engine.Collections;
using Basalt.Engine.Indexes;
using Basalt.Lsm;

namespace Basalt.Engine;

public sealed partial class EngineBackend
{
    /// <inheritdoc/>
    public async IAsyncEnumerable<Change> ChangesAsync(string? after, bool follows, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfDisposed();
        var log = RequireChanges();
        var until = follows ? long.MaxValue : log.Last;
        for (var position = log.PositionOf(after); ;)
        {
            // Taken before it is read: what comes meanwhile is not waited for.
            var changed = log.Changed;
            ThrowIfDisposed();
            var found = EngineFaults.Guard(_folder, () => log.Read(position, until, cancellationToken));
            foreach (var (at, change) in found)
            {
                position = at;
                yield return change;
            }

            if (found.Count > 0) continue;
            if (!follows) yield break;
            await changed.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public ValueTask<string> ChangeTokenAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        ThrowIfDisposed();
        var log = RequireChanges();
        return ValueTask.FromResult(log.TokenOf(log.Last));
    }

    /// <summary>
    /// The changes that a database keeps, behind a token and up to now, without opening it for writing: another process may have it open. What that one has logged and not yet
    /// acknowledged may be among them. It reads the log of the database into memory each time.
    /// </summary>
    /// <exception cref="BasaltException">There is no database, it keeps no changes (<see cref="ErrorCode.Unsupported"/>), or as of <see cref="Database.ChangesAsync"/>.</exception>
    public static IEnumerable<Change> StoredChanges(EngineOptions options, string? after, CancellationToken cancellationToken = default)
    {
        RequireContent(options);
        using var keys = options.ReadKeys();
        using var store = EngineFaults.Guard(options.Path, () => LsmStore.OpenReadOnly(options.ToLsm(keys), cancellationToken));
        var log = EngineFaults.Guard(options.Path, () => store.Trees.Contains(CatalogueKey.Tree) ? Catalogue.Open(store, new SidecarRegistry()).Changes : null);
        if (log is not { IsKept: true }) throw NoChanges(options.Path);
        for (var position = log.PositionOf(after); ;)
        {
            var found = EngineFaults.Guard(options.Path, () => log.Read(position, log.Last, cancellationToken));
            if (found.Count == 0) yield break;
            foreach (var (at, change) in found)
            {
                position = at;
                yield return change;
            }
        }
    }

    private ChangeLog RequireChanges() => _catalogue.Changes is { IsKept: true } log ? log : throw NoChanges(_folder);

    private static BasaltException NoChanges(string folder) =>
        new(ErrorCode.Unsupported, $"{folder} keeps no changes. Open it once with changes=1gb, or for how long they are to be kept, such as changes=7d.") { Backend = EngineFaults.Scheme, Operation = "changes", Target = folder };
}
