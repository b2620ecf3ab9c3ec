using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Basalt.Lsm.IO;
using Basalt.Lsm.Memtables;

namespace Basalt.Lsm.Wal;

/// <summary>What an operation of a batch does.</summary>
internal enum OperationKind : byte
{
    Put = 1,
    Delete = 2,
    PutExpiring = 3,
}

/// <summary>Reads the operations of a batch: kind, keyspace, key and, for a put, the value, before it the expiry if it has one.</summary>
internal ref struct BatchReader(ReadOnlySpan<byte> payload)
{
    private readonly ReadOnlySpan<byte> _payload = payload;
    private ByteReader _reader = new(payload);

    public OperationKind Kind { get; private set; }

    public uint Keyspace { get; private set; }

    public ReadOnlySpan<byte> Key { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Zero unless the value expires.</summary>
    public ulong Expiry { get; private set; }

    /// <summary>What the operation makes of the key.</summary>
    public readonly EntryKind Entry => Kind == OperationKind.Delete ? EntryKind.Tombstone : EntryKind.Value(Expiry);

    /// <summary>The entry that the operation makes, by where it lies in the payload.</summary>
    public readonly MemtableEntry Place => new(PlaceOf(Key), Key.Length, PlaceOf(Value), Value.Length, Entry);

    /// <summary>False once the bytes turned out not to be a batch.</summary>
    public readonly bool IsSound => _reader.IsSound;

    /// <summary>The next operation; false at the end or when the rest is not a batch.</summary>
    public bool Read()
    {
        if (_reader.IsAtEnd || !_reader.IsSound) return false;
        Kind = (OperationKind)_reader.ReadByte();
        var keyspace = _reader.ReadVarint();
        Key = _reader.ReadText();
        Expiry = Kind == OperationKind.PutExpiring ? _reader.ReadVarint() : 0;
        Value = Kind == OperationKind.Delete ? default : _reader.ReadText();
        if (Kind is < OperationKind.Put or > OperationKind.PutExpiring || Expiry > EntryKind.MaxExpiry || (Kind == OperationKind.PutExpiring && Expiry == 0) || keyspace > uint.MaxValue || Key.Length > WriteBatch.MaxKeyBytes || Value.Length > WriteBatch.MaxValueBytes) _reader.Take(ulong.MaxValue);
        Keyspace = (uint)keyspace;
        return _reader.IsSound;
    }

    private readonly int PlaceOf(ReadOnlySpan<byte> part) =>
        part.IsEmpty ? 0 : (int)Unsafe.ByteOffset(ref MemoryMarshal.GetReference(_payload), ref MemoryMarshal.GetReference(part));
}
