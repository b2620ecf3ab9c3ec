namespace Basalt.Lsm.Memtables;

/// <summary>An entry that is to be added: where its key and value lie in the bytes of a batch.</summary>
internal readonly record struct MemtableEntry(int KeyAt, int KeyLength, int ValueAt, int ValueLength, EntryKind Kind);
