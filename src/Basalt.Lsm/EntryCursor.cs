using Basalt.Lsm.Tables;

namespace Basalt.Lsm;

/// <summary>
/// Entries of one source in the order of their keys, ascending or descending as it was made, each key once. Begin with <see cref="Start"/>.
/// The spans are valid until the next move.
/// </summary>
internal abstract class EntryCursor
{
    public abstract ReadOnlySpan<byte> Key { get; }

    public abstract ReadOnlySpan<byte> Value { get; }

    public abstract EntryKind Kind { get; }

    /// <summary>The table that the entry comes from; null: a memtable.</summary>
    public virtual Table? Table => null;

    /// <summary>The place of the entry in its table; -1 without one.</summary>
    public virtual long Ordinal => -1;

    public bool IsTombstone => Kind.IsTombstone;

    /// <summary>Goes to the first entry of the range in the cursor's direction; false when there is none.</summary>
    public abstract bool Start(KeyRange range);

    /// <summary>Goes to the next entry; false behind the last of the range.</summary>
    public abstract bool Move();
}
