namespace Basalt.Lsm.Versions;

/// <summary>
/// What the manifest says of a table: whose it is, which sequences it covers, the lowest key that still counts (lower ones have moved to
/// another table by a merge that goes on; empty: all count), and its sidecars that lie in files of their own (file 0: dropped).
/// </summary>
internal sealed record TableRecord(uint Keyspace, ulong Number, ulong MinSequence, ulong MaxSequence)
{
    public byte[] From { get; init; } = [];

    public IReadOnlyDictionary<string, ulong> Sidecars { get; init; } = new SortedDictionary<string, ulong>(StringComparer.Ordinal);

    public TableRecord With(string sidecar, ulong file) =>
        this with { Sidecars = new SortedDictionary<string, ulong>(Sidecars.ToDictionary(), StringComparer.Ordinal) { [sidecar] = file } };
}
