using Basalt.Backends;
using Basalt.PointClouds.Runs;

namespace Basalt.PointClouds.Optimizing;

/// <summary>
/// Removes runs that nobody needs: those that were replaced and those whose writer died, when the grace has passed. Records are removed before the head forgets the run, so that an interrupted removal is ended by the next.
/// </summary>
internal sealed class RunSweeper(CloudStore store, PointCloudOptions options)
{
    private const int BatchSize = 256;

    /// <summary>How many runs were removed.</summary>
    public async ValueTask<int> RunAsync(CancellationToken cancellationToken)
    {
        var head = await store.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
        var limit = options.TimeProvider.GetUtcNow() - options.Grace;
        // Who writes with no grace at all would take a living writer for a dead one.
        var ended = head.Retired.Where(run => run.Since <= limit).Concat(options.Grace > TimeSpan.Zero ? head.Pending.Where(run => run.Since <= limit) : []).Select(static run => run.Id).ToHashSet();
        if (ended.Count == 0) return 0;
        foreach (var run in ended) await RemoveAsync(run, cancellationToken).ConfigureAwait(false);
        await ForgetAsync(ended, cancellationToken).ConfigureAwait(false);
        return ended.Count;
    }

    /// <summary>Removes a run of this writer that will not be finished. What cannot be removed now is removed after the grace.</summary>
    public async ValueTask AbandonAsync(string run)
    {
        try
        {
            if ((await store.ReadHeadAsync(CancellationToken.None).ConfigureAwait(false)).Runs.Any(named => named.Id == run)) return;
            await RemoveAsync(run, CancellationToken.None).ConfigureAwait(false);
            await ForgetAsync([run], CancellationToken.None).ConfigureAwait(false);
        }
        catch (BasaltException)
        {
            // The caller is told of what came first; the head still names the run as pending.
        }
    }

    private async ValueTask ForgetAsync(HashSet<string> ended, CancellationToken cancellationToken) =>
        await store.ChangeHeadAsync(head => head with { Retired = [.. head.Retired.Where(run => !ended.Contains(run.Id))], Pending = [.. head.Pending.Where(run => !ended.Contains(run.Id))] }, cancellationToken).ConfigureAwait(false);

    /// <summary>Parts are numbered from zero without gaps and written in that order: where a whole batch is missing, none follows.</summary>
    private async ValueTask RemoveAsync(string run, CancellationToken cancellationToken)
    {
        foreach (var kind in new[] { Run.Chunk, Run.ChunkPage, Run.LabelPage, Run.BlockPage })
        {
            var first = 0;
            while (await RemoveAsync([.. Enumerable.Range(first, BatchSize).Select(number => Run.PartId(run, kind, number))], cancellationToken).ConfigureAwait(false)) first += BatchSize;
        }

        await RemoveAsync([Run.RecordId(run)], cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<bool> RemoveAsync(string[] ids, CancellationToken cancellationToken)
    {
        var outcomes = await store.Collection.DeleteManyAsync(ids, new BatchOptions { OnFailure = OnFailure.Continue }, cancellationToken).ConfigureAwait(false);
        foreach (var outcome in outcomes)
            if (outcome.Status == ItemStatus.Failed && outcome.Error != ErrorCode.NotFound) throw new BasaltException(outcome.Error ?? ErrorCode.Unexpected, outcome.Message ?? "A record could not be removed.") { Target = outcome.Id };
        return outcomes.Done > 0;
    }
}
