using Basalt.Lsm.IO;
using Basalt.Lsm.Wal;

namespace Basalt.Lsm;

/// <summary>
/// Puts and deletes, in any trees of one store, that happen all or not at all. Later ones win over earlier ones of the same key.
/// At most 16,777,215 operations and 512 MiB. Not thread-safe; may be committed again.
/// </summary>
public sealed class WriteBatch
{
    private readonly ByteBuffer _payload = new();
    private LsmTree? _tree;
    private LsmTree? _lastTree;
    private HashSet<LsmTree>? _otherTrees;

    /// <summary>The longest key in bytes.</summary>
    public const int MaxKeyBytes = 65_535;

    /// <summary>The longest value in bytes.</summary>
    public const int MaxValueBytes = 128 << 20;

    /// <summary>How many operations.</summary>
    public int Count { get; private set; }

    /// <summary>How many bytes they take in the log.</summary>
    public int Bytes => _payload.Length;

    internal LsmStore? Store => _tree?.Store;

    /// <summary>Why it was left out when its group was written; null when it was not.</summary>
    internal LsmException? Refusal { get; set; }

    internal ReadOnlySpan<byte> Payload => _payload.Written;

    /// <summary>Sets the value of a key.</summary>
    public WriteBatch Put(LsmTree tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Put(tree, key, value, OperationKind.Put, 0);

    /// <summary>Sets the value of a key until a time, kept to the millisecond: from then on the key is as if it had been deleted. Years after 9999 and times before 1970 are refused.</summary>
    public WriteBatch Put(LsmTree tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, DateTimeOffset expires) => Put(tree, key, value, OperationKind.PutExpiring, ExpiryOf(expires));

    /// <summary>Removes a key; one that is not there is fine.</summary>
    public WriteBatch Delete(LsmTree tree, ReadOnlySpan<byte> key)
    {
        Begin(tree, key, 0);
        _payload.Add((byte)OperationKind.Delete);
        _payload.AddVarint(tree.Id);
        _payload.AddText(key);
        Count++;
        return this;
    }

    /// <summary>Forgets all operations and keeps the memory.</summary>
    public void Clear()
    {
        _payload.Clear();
        _otherTrees?.Clear();
        (Count, _tree, _lastTree) = (0, null, null);
    }

    /// <summary>A tree that it writes to and that was dropped; null when there is none.</summary>
    internal LsmTree? FindDropped() => _tree is { IsDropped: true } ? _tree : _otherTrees?.FirstOrDefault(static tree => tree.IsDropped);

    private WriteBatch Put(LsmTree tree, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, OperationKind kind, ulong expiry)
    {
        Begin(tree, key, value.Length);
        if (value.Length > MaxValueBytes) throw new ArgumentException($"A value has at most {MaxValueBytes} bytes, not {value.Length}.", nameof(value));
        _payload.Add((byte)kind);
        _payload.AddVarint(tree.Id);
        _payload.AddText(key);
        if (kind == OperationKind.PutExpiring) _payload.AddVarint(expiry);
        _payload.AddText(value);
        Count++;
        return this;
    }

    internal static ulong ExpiryOf(DateTimeOffset expires) =>
        expires.ToUnixTimeMilliseconds() > 0 ? Moment.Of(expires) : throw new ArgumentOutOfRangeException(nameof(expires), expires, "A value expires after the beginning of 1970.");

    private void Begin(LsmTree tree, ReadOnlySpan<byte> key, int valueLength)
    {
        ArgumentNullException.ThrowIfNull(tree);
        if (key.Length > MaxKeyBytes) throw new ArgumentException($"A key has at most {MaxKeyBytes} bytes, not {key.Length}.", nameof(key));
        if (Store is not null && Store != tree.Store) throw new ArgumentException("A batch writes to the trees of one store.", nameof(tree));
        const int overhead = 32;
        if (Count == FrameHead.MaxCount || (long)_payload.Length + key.Length + valueLength + overhead > LogFormat.MaxPayload)
            throw new InvalidOperationException($"A batch has at most {FrameHead.MaxCount} operations and {LogFormat.MaxPayload} bytes; commit this one first.");
        _tree ??= tree;
        if (tree == _tree || tree == _lastTree) return;
        (_otherTrees ??= []).Add(tree);
        _lastTree = tree;
    }
}
