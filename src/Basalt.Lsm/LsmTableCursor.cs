using Basalt.Lsm.Tables;

namespace Basalt.Lsm;

/// <summary>Walks entries of one table by their ordinals, tombstones included. One thread at a time; valid as long as the table.</summary>
public sealed class LsmTableCursor
{
    private readonly Action _check;
    private readonly TableCursor _entries;
    private readonly long _to;
    private long _next;
    private bool _isOn;

    internal LsmTableCursor(Table table, long from, long to, Action check)
    {
        (_check, _entries) = (check, new TableCursor(table, isDescending: false));
        (_next, _to) = (from, to);
    }

    /// <summary>The place of the entry in its table.</summary>
    public long Ordinal => _isOn ? _entries.Ordinal : throw NotOnEntry();

    /// <summary>The key; valid until the next move.</summary>
    public ReadOnlySpan<byte> Key => _isOn ? _entries.Key : throw NotOnEntry();

    /// <summary>The value, empty for a tombstone; valid until the next move.</summary>
    public ReadOnlySpan<byte> Value => _isOn ? _entries.Value : throw NotOnEntry();

    /// <summary>Whether the entry says that the key was deleted.</summary>
    public bool IsTombstone => _isOn ? _entries.IsTombstone : throw NotOnEntry();

    /// <summary>When the value ceases to count; null: never.</summary>
    public DateTimeOffset? Expires => _isOn ? TableEntry.ExpiryOf(_entries.Kind) : throw NotOnEntry();

    /// <summary>Goes to the next entry, at first to the first one; false at the end.</summary>
    public bool MoveNext()
    {
        _check();
        if (_next >= _to) return _isOn = false;
        if (_isOn) _entries.Move();
        else _entries.StartAt(_next);
        _next++;
        return _isOn = true;
    }

    private static InvalidOperationException NotOnEntry() => new("The cursor is not on an entry: call MoveNext first.");
}
