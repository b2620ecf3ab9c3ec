using Basalt.Lsm.IO;

namespace Basalt.Lsm.Wal;

/// <summary>What an operation of a batch does.</summary>
internal enum OperationKind : byte
{
    Put = 1,
    Delete = 2,
}

/// <summary>Reads the operations of a batch: kind, keyspace, key and, for a put, the value.</summary>
internal ref struct BatchReader(ReadOnlySpan<byte> payload)
{
    private ByteReader _reader = new(payload);

    public OperationKind Kind { get; private set; }

    public uint Keyspace { get; private set; }

    public ReadOnlySpan<byte> Key { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>False once the bytes turned out not to be a batch.</summary>
    public readonly bool IsSound => _reader.IsSound;

    /// <summary>The next operation; false at the end or when the rest is not a batch.</summary>
    public bool Read()
    {
        if (_reader.IsAtEnd || !_reader.IsSound) return false;
        Kind = (OperationKind)_reader.ReadByte();
        var keyspace = _reader.ReadVarint();
        Key = _reader.ReadText();
        Value = Kind == OperationKind.Put ? _reader.ReadText() : default;
        if (Kind is not (OperationKind.Put or OperationKind.Delete) || keyspace > uint.MaxValue || Key.Length > WriteBatch.MaxKeyBytes || Value.Length > WriteBatch.MaxValueBytes) _reader.Take(ulong.MaxValue);
        Keyspace = (uint)keyspace;
        return _reader.IsSound;
    }
}
