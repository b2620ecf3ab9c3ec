using System.Globalization;
using Basalt.Changes;
using Basalt.Engine.Collections;
using Basalt.Lsm;
using Basalt.Lsm.IO;

namespace Basalt.Engine.Changes;

/// <summary>
/// The changes that are kept, by position: numbers that ascend by one. The one writer adds to it within the commits that make them; anybody reads, by snapshots, in bounded memory.
/// </summary>
internal sealed class ChangeLog
{
    private const int MostRead = 256;
    private const int MostReadBytes = 1 << 20;
    private readonly LsmStore _store;
    private readonly LsmTree _catalogue;
    private ChangeSegment[] _segments;
    private long _last;
    private TaskCompletionSource _changed = NewSignal();
    private (ChangeSegment[] Kept, ChangeSegment[] Gone, long Last)? _pending;

    private ChangeLog(LsmStore store, LsmTree catalogue, ChangeRetention retention, ChangeSegment[] segments, long last) =>
        (_store, _catalogue, Retention, _segments, _last) = (store, catalogue, retention, segments, last);

    /// <summary>How long they are kept.</summary>
    public ChangeRetention Retention { get; private set; }

    public bool IsKept => Retention.IsKept;

    /// <summary>The position of the last one.</summary>
    public long Last => Volatile.Read(ref _last);

    public IReadOnlyList<ChangeSegment> Segments => Volatile.Read(ref _segments);

    /// <summary>Completed when there are others than at the time at which it was taken.</summary>
    public Task Changed => Volatile.Read(ref _changed).Task;

    public static ChangeLog Open(LsmStore store, LsmTree catalogue)
    {
        var retention = catalogue.Get(CatalogueKey.Retention) is { } stored ? ChangeRetention.Decode(stored) : ChangeRetention.None;
        var segments = new List<ChangeSegment>();
        using (var cursor = catalogue.Scan(KeyRange.Prefix(CatalogueKey.Segments)))
            while (cursor.MoveNext()) segments.Add(ChangeSegment.Read(store, cursor.Key, cursor.Value));
        return new ChangeLog(store, catalogue, retention, [.. segments], RecordTally.Read(catalogue.Get(CatalogueKey.LastChange)).Records);
    }

    /// <summary>Keeps changes as long as is asked for, and remembers it. What happens while they are not kept is a gap, and a token from before it is refused.</summary>
    public void Keep(ChangeRetention retention)
    {
        if (retention == Retention) return;
        var batch = new WriteBatch();
        var gone = retention.IsKept ? [] : _segments;
        var last = _last;
        if (retention.IsKept)
        {
            batch.Put(_catalogue, CatalogueKey.Retention, retention.Encode());
            // The gap: no token is of this position.
            if (!IsKept) last++;
        }
        else batch.Delete(_catalogue, CatalogueKey.Retention);
        foreach (var segment in gone) batch.Delete(_catalogue, CatalogueKey.Segment(segment.First));
        PutLast(batch, last);
        _store.Commit(batch);
        Retention = retention;
        _pending = (retention.IsKept ? _segments : [], gone, last);
        Apply();
    }

    /// <summary>Gives changes their positions within a commit.</summary>
    public void Write(WriteBatch batch, ByteBuffer bytes, IReadOnlyList<Range> changes, long now)
    {
        if (changes.Count == 0) return;
        var (segments, last) = (_segments, _last);
        var isNew = segments is not [.., var open] || open.Bytes >= Retention.SegmentBytes || now - open.Begun >= Retention.SegmentMilliseconds;
        // Durable at once; without an entry in the catalogue its tree is removed at the next open.
        var segment = isNew ? new ChangeSegment(last + 1, _store.Tree(ChangeSegment.TreeOf(last + 1)), 0, now, now) : segments[^1];
        var size = segment.Bytes;
        foreach (var range in changes)
        {
            var value = bytes.Written[range];
            batch.Put(segment.Tree, ChangeSegment.Key(++last), value);
            size += sizeof(long) + value.Length;
        }

        segment = segment with { Bytes = size, Written = now };
        ChangeSegment[] all = isNew ? [.. segments, segment] : [.. segments[..^1], segment];
        var gone = all[..CountGone(all, now)];
        foreach (var old in gone) batch.Delete(_catalogue, CatalogueKey.Segment(old.First));
        batch.Put(_catalogue, CatalogueKey.Segment(segment.First), segment.Encode());
        PutLast(batch, last);
        _pending = (all[gone.Length..], gone, last);
    }

    /// <summary>The commit is durable.</summary>
    public void Apply()
    {
        if (_pending is not { } pending) return;
        _pending = null;
        Volatile.Write(ref _segments, pending.Kept);
        Volatile.Write(ref _last, pending.Last);
        foreach (var segment in pending.Gone) Catalogue.TryDrop(_store, segment.Tree);
        Interlocked.Exchange(ref _changed, NewSignal()).SetResult();
    }

    /// <summary>The commit was not done.</summary>
    public void Abandon() => _pending = null;

    /// <summary>Those who wait look again, and find the database closed.</summary>
    public void Close() => Volatile.Read(ref _changed).TrySetResult();

    /// <summary>Where a token leads; without one, to the beginning of what is kept.</summary>
    public long PositionOf(string? token)
    {
        if (token is null) return First - 1;
        var cut = token.IndexOf('.', StringComparison.Ordinal);
        if (cut < 0 || !Guid.TryParseExact(token.AsSpan(0, cut), "N", out var identity) || !long.TryParse(token.AsSpan(cut + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var position))
            throw Invalid($"'{token}' is no token of a change.");
        if (identity != _store.Identity) throw Invalid($"The token '{token}' is of another database: one that is made of a backup begins anew.");
        return position <= Last ? position : throw Invalid($"The token '{token}' is of a change that this database does not have.");
    }

    public string TokenOf(long position) => string.Create(CultureInfo.InvariantCulture, $"{_store.Identity:N}.{position}");

    /// <summary>Some changes behind a position and up to another; none when there are no more.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Gone"/>: some behind it are no longer kept.</exception>
    public IReadOnlyList<(long Position, Change Change)> Read(long after, long until, CancellationToken cancellationToken)
    {
        // Taken before the segments are looked at: those that go meanwhile stay readable in it.
        using var snapshot = _store.Snapshot();
        var segments = Volatile.Read(ref _segments);
        if (after < (segments.Length > 0 ? segments[0].First : Last + 1) - 1) throw new BasaltException(ErrorCode.Gone, $"Changes behind the token '{TokenOf(after)}' are no longer kept. Copy the collections anew, and go on behind a token of now.") { Backend = EngineFaults.Scheme, Operation = "changes" };
        var found = new List<(long, Change)>();
        var bytes = 0L;
        for (var i = 0; i < segments.Length; i++)
        {
            if (i + 1 < segments.Length && segments[i + 1].First <= after + 1) continue;
            using var cursor = segments[i].Tree.Scan(KeyRange.AtLeast(ChangeSegment.Key(after + 1)), snapshot: snapshot);
            while (cursor.MoveNext())
            {
                cancellationToken.ThrowIfCancellationRequested();
                var position = ChangeSegment.PositionOf(cursor.Key);
                if (position != after + 1) throw new InvalidDataException($"the change {after + 1} is missing");
                if (position > until || found.Count == MostRead || bytes > MostReadBytes) return found;
                found.Add((position, ChangeFormat.Read(cursor.Value, TokenOf(position))));
                bytes += cursor.Value.Length;
                after = position;
            }
        }

        return found;
    }

    private long First => Volatile.Read(ref _segments) is [var first, ..] ? first.First : Last + 1;

    /// <summary>How many of the oldest segments are beyond a bound. The last one stays.</summary>
    private int CountGone(ChangeSegment[] segments, long now)
    {
        var bytes = segments.Sum(static segment => segment.Bytes);
        var gone = 0;
        while (gone < segments.Length - 1 && (bytes > Retention.Bytes || now - segments[gone].Written > Retention.AgeMilliseconds)) bytes -= segments[gone++].Bytes;
        return gone;
    }

    private void PutLast(WriteBatch batch, long last)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt64LittleEndian(bytes, last);
        batch.Put(_catalogue, CatalogueKey.LastChange, bytes);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static BasaltException Invalid(string message) => new(ErrorCode.InvalidQuery, message) { Backend = EngineFaults.Scheme, Operation = "changes" };
}
