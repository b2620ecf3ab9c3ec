namespace Basalt.Lsm;

/// <summary>What an entry says of its key: that it was deleted, or that it has a value, for good or until a time in milliseconds since 1970.</summary>
internal readonly record struct EntryKind
{
    /// <summary>The end of the year 9999.</summary>
    public const ulong MaxExpiry = 253_402_300_799_999;

    private EntryKind(bool isTombstone, ulong expiry) => (IsTombstone, Expiry) = (isTombstone, expiry);

    public static EntryKind Tombstone { get; } = new(true, 0);

    public bool IsTombstone { get; }

    /// <summary>Zero: never.</summary>
    public ulong Expiry { get; }

    public static EntryKind Value(ulong expiry = 0) => new(false, expiry);
}
