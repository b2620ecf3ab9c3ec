using Basalt.Records;

namespace Basalt.Migration;

/// <summary>Refuses, before anything is written, a file with an id that the collection holds already. Asks for ids by the batch.</summary>
internal sealed class ExistingIds
{
    private const int BatchSize = 1000;
    private readonly Collection _target;
    private readonly Func<SourceRecord, string> _place;
    private readonly List<string> _ids = [];
    private readonly List<string> _places = [];

    private ExistingIds(Collection target, Func<SourceRecord, string> place)
    {
        _target = target;
        _place = place;
    }

    /// <summary>The check, or null when the collection is missing or empty and has nothing to clash with.</summary>
    public static async ValueTask<ExistingIds?> OfAsync(Collection target, Func<SourceRecord, string> place, CancellationToken cancellationToken)
    {
        if (await target.Database.DescribeCollectionAsync(target.Name, cancellationToken).ConfigureAwait(false) is null) return null;
        return await Move.IsEmptyAsync(target, cancellationToken).ConfigureAwait(false) ? null : new ExistingIds(target, place);
    }

    /// <exception cref="BasaltException"><see cref="ErrorCode.AlreadyExists"/>: an id of the batch that this one completes is there.</exception>
    public ValueTask RefuseAsync(string id, SourceRecord source, CancellationToken cancellationToken)
    {
        _ids.Add(id);
        _places.Add(_place(source));
        return _ids.Count < BatchSize ? ValueTask.CompletedTask : EndAsync(cancellationToken);
    }

    /// <inheritdoc cref="RefuseAsync"/>
    public async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        if (_ids.Count == 0) return;
        IReadOnlyList<Record?> found = await _target.GetManyAsync(_ids, cancellationToken).ConfigureAwait(false);
        for (var i = 0; i < found.Count; i++)
        {
            if (found[i] is null) continue;
            throw new BasaltException(ErrorCode.AlreadyExists, $"{_places[i]}: The record '{_ids[i]}' exists already in '{_target.Name}'. Nothing was written.") { Operation = "import", Target = $"{_target.Name}/{_ids[i]}" };
        }

        _ids.Clear();
        _places.Clear();
    }
}
