using Version = Basalt.Lsm.Versions.Version;

namespace Basalt.Lsm;

/// <summary>
/// Walks the entries of a range as of one moment; later writes do not show. It holds what it reads, files included, until it is disposed of.
/// One thread at a time. Damage is met by an <see cref="LsmException"/>, never by a missing entry.
/// </summary>
public sealed class LsmCursor : IDisposable
{
    private readonly EntryCursor _entries;
    private readonly KeyRange _range;
    private readonly Moment _moment;
    private readonly bool _showsGone;
    private Version? _version;
    private State _state;

    internal LsmCursor(EntryCursor entries, KeyRange range, Version heldVersion, Moment moment, bool showsGone = false) =>
        (_entries, _range, _version, _moment, _showsGone) = (entries, range, heldVersion, moment, showsGone);

    private enum State
    {
        Before,
        On,
        Behind,
    }

    /// <summary>The key; valid until the next move.</summary>
    public ReadOnlySpan<byte> Key => _state == State.On ? _entries.Key : throw NotOnEntry();

    /// <summary>The value, empty for a tombstone; valid until the next move.</summary>
    public ReadOnlySpan<byte> Value => IsTombstone ? default : _entries.Value;

    /// <summary>Whether the entry says that the key has no value: it was deleted, or has expired. Only <see cref="LsmTree.ScanMemory"/> shows such entries.</summary>
    public bool IsTombstone => _state == State.On ? _showsGone && _moment.IsGone(_entries.Kind) : throw NotOnEntry();

    /// <summary>When the value ceases to count; null: never.</summary>
    public DateTimeOffset? Expires => _state != State.On ? throw NotOnEntry() : _entries.Kind.Expiry is > 0 and var expiry ? DateTimeOffset.FromUnixTimeMilliseconds((long)expiry) : null;

    /// <summary>Goes to the next entry, at first to the first one; false at the end.</summary>
    public bool MoveNext()
    {
        ObjectDisposedException.ThrowIf(_version is null, this);
        if (_state == State.Behind) return false;
        var found = _state == State.Before ? _entries.Start(_range) : _entries.Move();
        while (found && !_showsGone && _moment.IsGone(_entries.Kind)) found = _entries.Move();
        _state = found ? State.On : State.Behind;
        return found;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_version is not { } version) return;
        (_version, _state) = (null, State.Behind);
        version.Release();
    }

    private static InvalidOperationException NotOnEntry() => new("The cursor is not on an entry: call MoveNext first.");
}
