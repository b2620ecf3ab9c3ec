using Basalt.Records;

namespace Basalt.Queries.Sorting;

/// <summary>Keeps the first n records of an order out of any number: a heap whose root is the worst one kept.</summary>
internal sealed class FirstRecords(int capacity, RecordOrder order)
{
    private readonly PriorityQueue<Record, Record> _worstFirst = new(Comparer<Record>.Create((a, b) => order.Compare(b, a)));

    /// <summary>Whether a record with these sort keys would be kept, so that no more of it need be read when it would not.</summary>
    public bool Takes(Record record) => _worstFirst.Count < capacity || (capacity > 0 && order.Compare(record, _worstFirst.Peek()) < 0);

    public void Add(Record record)
    {
        if (_worstFirst.Count < capacity) _worstFirst.Enqueue(record, record);
        else if (Takes(record)) _worstFirst.DequeueEnqueue(record, record);
    }

    public Record[] Drain()
    {
        var records = new Record[_worstFirst.Count];
        for (var i = records.Length - 1; i >= 0; i--) records[i] = _worstFirst.Dequeue();
        return records;
    }
}
