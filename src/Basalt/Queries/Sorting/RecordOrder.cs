using Basalt.Records;

namespace Basalt.Queries.Sorting;

/// <summary>The order of a query's answer: by the keys, ties by id ascending.</summary>
internal sealed class RecordOrder(IReadOnlyList<SortKey> keys) : IComparer<Record>
{
    public static RecordOrder ById { get; } = new([]);

    public int Compare(Record? x, Record? y)
    {
        foreach (var key in keys)
        {
            var order = key.Path.Resolve(x!).CompareTo(key.Path.Resolve(y!));
            if (order != 0) return key.Descending ? -order : order;
        }

        return Text.Compare(x!.Id, y!.Id);
    }

    /// <summary>Where a record lies from the place at which a page ended: positive for after it.</summary>
    public int Compare(Record record, Cursor cursor)
    {
        for (var i = 0; i < keys.Count; i++)
        {
            var order = keys[i].Path.Resolve(record).CompareTo(cursor.Keys[i]);
            if (order != 0) return keys[i].Descending ? -order : order;
        }

        return Text.Compare(record.Id, cursor.Id);
    }
}
