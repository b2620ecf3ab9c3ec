using System.Collections;

namespace Basalt;

/// <summary>What a create does when the id exists.</summary>
public enum ConflictPolicy
{
    /// <summary>The item fails.</summary>
    Fail,

    /// <summary>The stored record stays, and the item counts as skipped.</summary>
    Skip,

    /// <summary>The stored record is replaced.</summary>
    Upsert,

    /// <summary>The fields and metadata of the record are set in the stored one, whose others stay.</summary>
    Merge,
}

/// <summary>How a batch treats conflicts and failures.</summary>
public sealed record BatchOptions
{
    /// <summary>The defaults: conflicts fail, and failures do not keep the others back.</summary>
    public static BatchOptions Default { get; } = new();

    /// <summary>What a create does when the id exists.</summary>
    public ConflictPolicy OnConflict { get; init; }

    /// <summary>What becomes of the others when one fails. Rollback needs a backend with atomic batches.</summary>
    public Backends.OnFailure OnFailure { get; init; }

    /// <summary>Whether records that carry timestamps keep them: for copies of stored records.</summary>
    public bool KeepsTimestamps { get; init; }
}

/// <summary>How an item of a batch ended.</summary>
public enum ItemStatus
{
    /// <summary>It is done, and as durable as the backend declares.</summary>
    Done,

    /// <summary>It exists already and was left alone, as the policy says.</summary>
    Skipped,

    /// <summary>It failed; code and message say why.</summary>
    Failed,

    /// <summary>It was not tried, or was rolled back, because of another item.</summary>
    NotTried,
}

/// <summary>The outcome of one item, at the item's position.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Id">The record's id; empty when none could be resolved.</param>
/// <param name="Version">The stored version; 0 when nothing was stored.</param>
/// <param name="Error">Why it failed, or null.</param>
/// <param name="Message">The failure in words, or null.</param>
public readonly record struct ItemOutcome(ItemStatus Status, string Id, long Version = 0, ErrorCode? Error = null, string? Message = null)
{
    /// <summary>Whether trying the item again, unchanged, may succeed.</summary>
    public bool IsRetryable => Status == ItemStatus.NotTried || Error is ErrorCode.Conflict or ErrorCode.Locked or ErrorCode.Throttled or ErrorCode.Unavailable or ErrorCode.Timeout;
}

/// <summary>The outcomes of a batch, by position.</summary>
public sealed class BatchResult : IReadOnlyList<ItemOutcome>
{
    private readonly ItemOutcome[] _items;

    internal BatchResult(ItemOutcome[] items)
    {
        _items = items;
        foreach (var item in items)
        {
            switch (item.Status)
            {
                case ItemStatus.Done: Done++; break;
                case ItemStatus.Skipped: Skipped++; break;
                case ItemStatus.Failed: Failed++; break;
                default: NotTried++; break;
            }
        }
    }

    /// <summary>How many items there were.</summary>
    public int Count => _items.Length;

    /// <summary>How many are done.</summary>
    public int Done { get; }

    /// <summary>How many were left alone because they exist.</summary>
    public int Skipped { get; }

    /// <summary>How many failed.</summary>
    public int Failed { get; }

    /// <summary>How many were not tried or were rolled back.</summary>
    public int NotTried { get; }

    /// <summary>The outcome of the item at that position.</summary>
    public ItemOutcome this[int index] => _items[index];

    /// <summary>Throws the first failure, for callers to whom a batch is all or nothing.</summary>
    /// <exception cref="BasaltException">An item failed; the message names it and counts the others.</exception>
    public BatchResult EnsureDone()
    {
        for (var i = 0; i < _items.Length; i++)
        {
            if (_items[i] is not { Status: ItemStatus.Failed } item) continue;
            var others = Failed > 1 ? $" ({Failed - 1} more failed)" : "";
            throw new BasaltException(item.Error ?? ErrorCode.Unexpected, $"Item {i} of the batch: {item.Message}{others}") { Target = item.Id };
        }

        return this;
    }

    /// <inheritdoc/>
    public IEnumerator<ItemOutcome> GetEnumerator() => ((IEnumerable<ItemOutcome>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
