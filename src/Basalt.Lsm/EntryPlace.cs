namespace Basalt.Lsm;

/// <summary>
/// Where the entry of a key is that counts: in a table, by its ordinal, or in memory; or nowhere, when the key is absent, deleted or expired.
/// A place in a table is good as long as the table is; one in memory ends with the next flush. The default value is nowhere.
/// </summary>
public readonly record struct EntryPlace
{
    // One more than the ordinal: the default value has none.
    private readonly long _behind;

    private EntryPlace(ulong table, long ordinal) => (Exists, Table, _behind) = (true, table, ordinal + 1);

    /// <summary>In memtables.</summary>
    public static EntryPlace InMemory { get; } = new(0, -1);

    /// <summary>Whether the key has a value.</summary>
    public bool Exists { get; }

    /// <summary>The <see cref="LsmTable.Number"/> of its table; zero when it is in memory, or nowhere.</summary>
    public ulong Table { get; }

    /// <summary>The place in that table; -1 without one.</summary>
    public long Ordinal => _behind - 1;

    /// <summary>A place in a table, to be compared with others.</summary>
    public static EntryPlace At(ulong table, long ordinal)
    {
        ArgumentOutOfRangeException.ThrowIfZero(table);
        ArgumentOutOfRangeException.ThrowIfNegative(ordinal);
        return new EntryPlace(table, ordinal);
    }
}
