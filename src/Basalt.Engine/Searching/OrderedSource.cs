using Basalt.Engine.Scalars;
using Basalt.Records;
using Basalt.Vectors;

namespace Basalt.Engine.Searching;

/// <summary>Candidates in the order of one indexed field, ties by id: those of one table, or those in memory. One thread.</summary>
internal abstract class OrderedSource
{
    private string? _id;

    /// <summary>The key of the value of the current candidate; empty for null. Valid until the next move.</summary>
    public abstract ReadOnlySpan<byte> Key { get; }

    /// <summary>The id of the current candidate, which is read when it is asked for.</summary>
    public string Id => _id ??= ReadId();

    /// <summary>Goes to the next candidate; false at the end.</summary>
    public bool Move()
    {
        _id = null;
        return MoveNext();
    }

    /// <summary>The record of the current candidate; null when it does not count.</summary>
    public abstract Record? Read();

    protected abstract bool MoveNext();

    protected abstract string ReadId();
}

/// <summary>The entries of a table, by its scalar index.</summary>
/// <param name="view">What the table is part of.</param>
/// <param name="part">The table.</param>
/// <param name="cursor">Walks over its entries in order.</param>
/// <param name="candidates">The only ones of them that may match; null for all.</param>
/// <param name="start">Where a page goes on: of entries with this key only those behind the id; null from the beginning.</param>
internal sealed class OrderedTable(SearchView view, int part, ScalarCursor cursor, OrdinalSet? candidates, (byte[] Key, string Id)? start) : OrderedSource
{
    private readonly long _first = view.Tables[part].FirstOrdinal;
    private (byte[] Key, string Id)? _start = start;
    private int _behind = -1;

    public override ReadOnlySpan<byte> Key => cursor.Key;

    public override Record? Read() => view.ReadOnce(part, cursor.Ordinal);

    protected override bool MoveNext()
    {
        for (var seen = 1; cursor.Read(); seen++)
        {
            if (seen % 4096 == 0) view.CancellationToken.ThrowIfCancellationRequested();
            if (cursor.Ordinal >= _first && candidates?.Accepts(cursor.Ordinal) != false && !IsBeforeStart()) return true;
        }

        return false;
    }

    protected override string ReadId() => view.Id(part, cursor.Ordinal);

    private bool IsBeforeStart()
    {
        if (_start is not { } start) return false;
        if (cursor.Key.SequenceEqual(start.Key))
        {
            if (_behind < 0) _behind = FirstBehind(start.Id);
            return cursor.Ordinal < _behind;
        }

        _start = null;
        return false;
    }

    /// <summary>Entries are in the order of ids: the first whose id is greater.</summary>
    private int FirstBehind(string id)
    {
        var (low, high) = ((int)_first, checked((int)view.Tables[part].Entries));
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (Text.Compare(view.Id(part, middle), id) > 0) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}

/// <summary>Records in memory, in order.</summary>
internal sealed class OrderedTail(List<(byte[] Key, Record Record)> records) : OrderedSource
{
    private int _at = -1;

    public override ReadOnlySpan<byte> Key => records[_at].Key;

    public override Record? Read() => records[_at].Record;

    protected override bool MoveNext() => ++_at < records.Count;

    protected override string ReadId() => records[_at].Record.Id;
}
