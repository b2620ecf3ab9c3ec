using System.Text;

namespace Basalt.Migration;

/// <summary>
/// Finds ids that occur more than once in a file, in bounded memory: by sorting 128-bit hashes of the ids. One use, one thread.
/// </summary>
internal sealed class RepeatedIds : IDisposable
{
    private readonly RowSorter _ids;
    private readonly RowSorter _replaced;

    public RepeatedIds()
    {
        _ids = new RowSorter();
        _replaced = new RowSorter();
    }

    public void Add(string id, long row) => _ids.Add(ContentHash.Of(Encoding.UTF8.GetBytes(id)), row);

    /// <summary>The first row, in the order of the file, that repeats an id, and the row before it with the same id; or null.</summary>
    public (long Row, long Earlier)? FirstRepetition()
    {
        (long Row, long Earlier)? first = null;
        RowSorter.Entry? before = null;
        foreach (var entry in _ids.Sorted())
        {
            if (before is { } b && b.Key == entry.Key && (first is null || entry.Row < first.Value.Row)) first = (entry.Row, b.Row);
            before = entry;
        }

        return first;
    }

    /// <summary>The rows that a later row with the same id replaces, in the order of the file.</summary>
    public IEnumerator<long> Replaced()
    {
        RowSorter.Entry? before = null;
        foreach (var entry in _ids.Sorted())
        {
            if (before is { } b && b.Key == entry.Key) _replaced.Add((UInt128)b.Row, b.Row);
            before = entry;
        }

        return _replaced.Sorted().Select(static e => e.Row).GetEnumerator();
    }

    public void Dispose()
    {
        _ids.Dispose();
        _replaced.Dispose();
    }
}
