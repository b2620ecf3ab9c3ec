namespace Basalt.Lsm;

/// <summary>
/// The time that a reader judges expiry by: fixed for a snapshot, so that what it shows does not change; for others the clock's, which is
/// asked only when an entry has an expiry.
/// </summary>
internal readonly struct Moment
{
    private readonly TimeProvider? _clock;
    private readonly ulong _fixed;

    private Moment(TimeProvider? clock, ulong fixedTime) => (_clock, _fixed) = (clock, fixedTime);

    public static Moment Now(TimeProvider clock) => new(clock, 0);

    public static Moment At(ulong milliseconds) => new(null, milliseconds);

    public ulong Milliseconds => _clock is null ? _fixed : Of(_clock.GetUtcNow());

    /// <summary>Whether an entry of this kind has no value (any more).</summary>
    public bool IsGone(EntryKind kind) => kind.IsTombstone || (kind.Expiry > 0 && kind.Expiry <= Milliseconds);

    public static ulong Of(DateTimeOffset time) => (ulong)Math.Max(0, time.ToUnixTimeMilliseconds());
}
