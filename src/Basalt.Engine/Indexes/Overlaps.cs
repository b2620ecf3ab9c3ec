using System.Collections.Concurrent;
using Basalt.Lsm;

namespace Basalt.Engine.Indexes;

/// <summary>
/// Which entries of a table do not count as a newer table has their keys. Tables do not change, so it is found out once for two of them: by walking over the smaller and looking up in the
/// larger. Holds 4 bytes for an entry that does not count. Thread-safe.
/// </summary>
internal sealed class Overlaps
{
    private const int EntriesBetweenChecks = 1024;
    private readonly ConcurrentDictionary<(ulong Older, ulong Newer), int[]> _known = [];

    /// <summary>The ordinals of entries of the older table, tombstones left out, whose keys are in the newer one.</summary>
    public int[] Of(LsmTable older, LsmTable newer, CancellationToken cancellationToken)
    {
        var pair = (older.Number, newer.Number);
        return _known.TryGetValue(pair, out var known) ? known : _known.GetOrAdd(pair, Find(older, newer, cancellationToken));
    }

    /// <summary>Forgets tables that are gone.</summary>
    public void Keep(Func<ulong, bool> isThere)
    {
        foreach (var pair in _known.Keys)
            if (!isThere(pair.Older) || !isThere(pair.Newer)) _known.TryRemove(pair, out _);
    }

    private static int[] Find(LsmTable older, LsmTable newer, CancellationToken cancellationToken)
    {
        if (older.Entries == 0 || newer.Entries == 0 || !older.MayShareKeysWith(newer)) return [];
        var (ordinals, isByOlder) = (new List<int>(), older.Entries <= newer.Entries);
        var cursor = (isByOlder ? older : newer).Scan(0, (isByOlder ? older : newer).Entries);
        for (var seen = 0; cursor.MoveNext(); seen++)
        {
            if (seen % EntriesBetweenChecks == 0) cancellationToken.ThrowIfCancellationRequested();
            if (isByOlder)
            {
                if (!cursor.IsTombstone && newer.Contains(cursor.Key, out _)) ordinals.Add((int)cursor.Ordinal);
            }
            else if (older.Contains(cursor.Key, out var ordinal) && ordinal >= 0) ordinals.Add((int)ordinal);
        }

        return [.. ordinals];
    }
}
