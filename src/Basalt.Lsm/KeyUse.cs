namespace Basalt.Lsm;

/// <summary>How many files of a store are encrypted under a key.</summary>
/// <param name="KeyId">The id of the key; null: the files are plain.</param>
/// <param name="Tables">How many tables, and sidecars in files of their own.</param>
/// <param name="Logs">How many logs and manifests.</param>
public sealed record KeyUse(string? KeyId, int Tables, int Logs);
