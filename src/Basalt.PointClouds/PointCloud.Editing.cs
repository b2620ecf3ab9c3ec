using Basalt.PointClouds.Editing;
using Basalt.PointClouds.Reading;

namespace Basalt.PointClouds;

public sealed partial class PointCloud
{
    /// <summary>All edits of labels, the first one first.</summary>
    public async ValueTask<IReadOnlyList<LabelEdit>> HistoryAsync(CancellationToken cancellationToken = default)
    {
        var head = await _store.ReadHeadAsync(cancellationToken).ConfigureAwait(false);
        return [.. (await EditsAsync(head, cancellationToken).ConfigureAwait(false)).Select(static stored => stored.Edit)];
    }

    /// <summary>Makes labels part of another one, which may be new. No point is moved: reads follow the edit, and reads as of an earlier one do not.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.NotFound"/>: a label to be merged has no points.</exception>
    public ValueTask<LabelEdit> MergeAsync(ulong target, IReadOnlyList<ulong> sources, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sources);
        if (sources.Count == 0 || sources.Contains(target) || sources.Distinct().Count() != sources.Count) throw new ArgumentException("Labels are merged into another one, each once.", nameof(sources));
        return EditAsync(EditKind.Merge, sources, target, null, cancellationToken);
    }

    /// <summary>Makes some points of a label a new label.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.NotFound"/>: the label has no points, or none of them would be split off; <see cref="ErrorCode.AlreadyExists"/>: the new label has points;
    /// <see cref="ErrorCode.InvalidQuery"/>: all of the points would be split off, or an attribute is unknown.</exception>
    public ValueTask<LabelEdit> SplitAsync(ulong label, ulong newLabel, SplitBy by, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(by);
        if (label == newLabel) throw new ArgumentException("A label is split into itself and another one.", nameof(newLabel));
        if (by is { Box: null, Blocks: null, Attribute: null }) throw new ArgumentException("A split says by a box, blocks or an attribute which points it means.", nameof(by));
        if (by.Attribute is null != by.Values is null) throw new ArgumentException("A split by an attribute names it and its values.", nameof(by));
        if (by.Attribute is { } attribute && Schema.IndexOfAttribute(attribute) < 0) throw _store.Fault(ErrorCode.InvalidQuery, $"The cloud has no attribute '{attribute}'; it has {Schema}.");
        by.Box?.ToExtent(Schema);
        return EditAsync(EditKind.Split, [label], newLabel, by, cancellationToken);
    }

    /// <summary>Takes the last edit back that still counts. It stays in the history; reads as of it still see it.</summary>
    /// <returns>The undo, which is an edit of its own; null when no edit counts any more.</returns>
    public async ValueTask<LabelEdit?> UndoAsync(CancellationToken cancellationToken = default)
    {
        LabelEdit? made = null;
        await _store.ChangeHeadAsync(async (head, ct) =>
        {
            made = null;
            var edits = await EditsAsync(head, ct).ConfigureAwait(false);
            var undone = edits.Select(static stored => stored.Edit.Undoes).ToHashSet();
            if (edits.Select(static stored => stored.Edit).LastOrDefault(edit => edit.Kind != EditKind.Undo && !undone.Contains(edit.Number)) is not { } last) return head;
            made = new LabelEdit(head.Edits + 1, EditKind.Undo, last.Sources, last.Target, null, last.Number, _options.TimeProvider.GetUtcNow());
            return head with { Edits = made.Number, LastEdit = await EditLog.StoreAsync(_store, edits, made, ct).ConfigureAwait(false) };
        }, cancellationToken).ConfigureAwait(false);
        return made;
    }

    private async ValueTask<LabelEdit> EditAsync(EditKind kind, IReadOnlyList<ulong> sources, ulong target, SplitBy? by, CancellationToken cancellationToken)
    {
        LabelEdit made = null!;
        await _store.ChangeHeadAsync(async (head, ct) =>
        {
            var edits = await EditsAsync(head, ct).ConfigureAwait(false);
            made = new LabelEdit(head.Edits + 1, kind, sources, target, by, null, _options.TimeProvider.GetUtcNow());
            var before = ReadPlan.Of(_store, head, PointQuery.All, MapOf(edits));
            foreach (var source in sources) await RequirePointsAsync(before, source, ct).ConfigureAwait(false);
            if (kind == EditKind.Split) await RequireSplitAsync(before, ReadPlan.Of(_store, head, PointQuery.All, LabelMap.Of([.. edits.Select(static stored => stored.Edit), made], Schema)), made, ct).ConfigureAwait(false);
            return head with { Edits = made.Number, LastEdit = await EditLog.StoreAsync(_store, edits, made, ct).ConfigureAwait(false) };
        }, cancellationToken).ConfigureAwait(false);
        return made;
    }

    private async ValueTask RequirePointsAsync(ReadPlan plan, ulong label, CancellationToken cancellationToken)
    {
        if (await SummarizeAsync(plan, label, cancellationToken).ConfigureAwait(false) is null) throw _store.Fault(ErrorCode.NotFound, $"The label {label} has no points in '{Name}'.");
    }

    private async ValueTask RequireSplitAsync(ReadPlan before, ReadPlan after, LabelEdit edit, CancellationToken cancellationToken)
    {
        if (await SummarizeAsync(before, edit.Target, cancellationToken).ConfigureAwait(false) is not null) throw _store.Fault(ErrorCode.AlreadyExists, $"The label {edit.Target} has points in '{Name}'; a split makes a new one.");
        if (await SummarizeAsync(after, edit.Target, cancellationToken).ConfigureAwait(false) is null) throw _store.Fault(ErrorCode.NotFound, $"No point of the label {edit.Sources[0]} would be split off.");
        if (await SummarizeAsync(after, edit.Sources[0], cancellationToken).ConfigureAwait(false) is null) throw _store.Fault(ErrorCode.InvalidQuery, $"All points of the label {edit.Sources[0]} would be split off; merge it into {edit.Target} instead.");
    }
}
