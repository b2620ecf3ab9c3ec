using System.Runtime.InteropServices;

namespace Basalt.Lsm.Tables;

/// <summary>
/// When the entries of a table expire, in buckets whose width doubles when there are too many, so that its memory is bounded. It answers by
/// when half of the table's bytes will be gone, late by at most the width of a bucket.
/// </summary>
internal sealed class ExpiryProfile
{
    private const int MostBuckets = 1024;
    private Dictionary<ulong, long> _bytesByBucket = [];
    private int _shift = 10;
    private long _bytes;

    public long Count { get; private set; }

    public void Add(EntryKind kind, int bytes)
    {
        _bytes += bytes;
        if (kind.Expiry == 0) return;
        Count++;
        CollectionsMarshal.GetValueRefOrAddDefault(_bytesByBucket, kind.Expiry >> _shift, out _) += bytes;
        if (_bytesByBucket.Count > MostBuckets) Widen();
    }

    /// <summary>In milliseconds since 1970; zero when less than half ever expires.</summary>
    public ulong Half()
    {
        var gone = 0L;
        foreach (var (bucket, bytes) in _bytesByBucket.OrderBy(static entry => entry.Key))
        {
            gone += bytes;
            if (gone * 2 >= _bytes) return (bucket + 1) << _shift;
        }

        return 0;
    }

    private void Widen()
    {
        for (; _bytesByBucket.Count > MostBuckets / 2; _shift++)
            _bytesByBucket = _bytesByBucket.GroupBy(static entry => entry.Key >> 1).ToDictionary(static group => group.Key, static group => group.Sum(static entry => entry.Value));
    }
}
