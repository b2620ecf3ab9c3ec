using Basalt.Engine.Writing;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Engine.Transactions;

/// <summary>What a transaction wrote to one collection, as of a moment: later writes do not change it. It hides what is stored under the same ids. Immutable.</summary>
internal sealed class OwnWrites
{
    private readonly HashSet<string> _ids;
    private readonly List<Record> _left;

    private OwnWrites(IReadOnlyDictionary<string, Written> written)
    {
        _ids = written.Keys.ToHashSet(StringComparer.Ordinal);
        _left = [.. written.Values.Select(static each => each.Left).OfType<Record>()];
        _left.Sort(static (a, b) => Text.Compare(a.Id, b.Id));
    }

    /// <summary>The writes; null when there are none.</summary>
    public static OwnWrites? Of(IReadOnlyDictionary<string, Written>? written) => written is { Count: > 0 } ? new OwnWrites(written) : null;

    /// <summary>The ids that it wrote to.</summary>
    public IReadOnlyCollection<string> Ids => _ids;

    /// <summary>Whether what is stored under an id does not count.</summary>
    public bool Hides(string id) => _ids.Contains(id);

    /// <summary>The record that it leaves under an id; null when it leaves none.</summary>
    public Record? Find(string id) => _left.Find(record => record.Id == id);

    /// <summary>The records that it leaves and that match, in the order of ids.</summary>
    public List<Record> Matches(Filter filter) => filter == Filter.True ? _left : _left.FindAll(filter.Compile());
}
