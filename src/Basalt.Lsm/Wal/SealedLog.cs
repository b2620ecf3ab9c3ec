namespace Basalt.Lsm.Wal;

/// <summary>A log that takes no more writes and is kept until they are in tables. Without a key id it is not encrypted.</summary>
internal readonly record struct SealedLog(string Path, string? KeyId);
