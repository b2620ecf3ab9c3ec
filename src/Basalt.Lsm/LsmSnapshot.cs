using Version = Basalt.Lsm.Versions.Version;

namespace Basalt.Lsm;

/// <summary>
/// All trees of a store as they were at one moment. It holds memory and files of that moment until it is disposed of, so keep it short.
/// Thread-safe but for its disposal.
/// </summary>
public sealed class LsmSnapshot : IDisposable
{
    private Version? _version;

    internal LsmSnapshot(LsmStore store, Version heldVersion, ulong sequence, Moment moment) => (Store, _version, Sequence, Moment) = (store, heldVersion, sequence, moment);

    /// <summary>The number of the last operation that it includes.</summary>
    public ulong Sequence { get; }

    /// <summary>The time that it is of, kept to the millisecond: what has expired by then has no value in it, whenever it is read.</summary>
    public DateTimeOffset Time => DateTimeOffset.FromUnixTimeMilliseconds((long)Moment.Milliseconds);

    internal LsmStore Store { get; }

    /// <summary>What has expired by then has no value in it, whenever it is read.</summary>
    internal Moment Moment { get; }

    internal Version Version => _version ?? throw new ObjectDisposedException(nameof(LsmSnapshot));

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _version, null)?.Release();
}
