using System.Buffers.Binary;

namespace Basalt.Engine.Scalars;

/// <summary>
/// Entries sorted by key and ordinal, in memory: runs of 65,536 are sorted while they are still in the cache, and merged when they are read. Holds 24 bytes an entry, and what its
/// key has behind the ninth byte. Not thread-safe.
/// </summary>
internal sealed unsafe class SortedRuns
{
    private const int RunLength = 1 << 16;
    private const int ArenaBytes = 1 << 18;
    private const int HeadEnd = 1 + sizeof(ulong);
    private readonly List<KeyEntry[]> _runs = [];
    private readonly List<byte[]> _arenas = [];
    private KeyEntry[] _run = [];
    private int _count;
    private byte* _free;
    private byte* _freeEnd;

    public void Add(ReadOnlySpan<byte> key, int ordinal)
    {
        if (_count == _run.Length) Grow();
        Span<byte> head = stackalloc byte[sizeof(ulong)];
        head.Clear();
        var tail = key.Length > HeadEnd ? Keep(key[HeadEnd..]) : null;
        key[1..Math.Min(key.Length, HeadEnd)].CopyTo(head);
        _run[_count++] = new KeyEntry(key[0], BinaryPrimitives.ReadUInt64BigEndian(head), tail, key.Length - 1, ordinal);
    }

    /// <summary>The entries in order. Nothing is added from here on.</summary>
    public IEnumerable<KeyEntry> Read()
    {
        Close();
        if (_runs.Count == 1) return _runs[0];
        return Merge();
    }

    // A heap of runs by their next entry; entries differ at least in their ordinals, so ties cannot be.
    private IEnumerable<KeyEntry> Merge()
    {
        var heap = new (KeyEntry Next, int Run)[_runs.Count];
        var places = new int[_runs.Count];
        for (var i = 0; i < heap.Length; i++) heap[i] = (_runs[i][0], i);
        Array.Sort(heap, static (left, right) => left.Next.CompareTo(right.Next));
        var count = heap.Length;
        while (count > 0)
        {
            var (next, run) = heap[0];
            yield return next;
            if (++places[run] < _runs[run].Length) heap[0].Next = _runs[run][places[run]];
            else heap[0] = heap[--count];
            Sink(heap.AsSpan(0, count));
        }
    }

    private static void Sink(Span<(KeyEntry Next, int Run)> heap)
    {
        if (heap.Length < 2) return;
        var (moved, at) = (heap[0], 0);
        while (true)
        {
            var child = 2 * at + 1;
            if (child >= heap.Length) break;
            if (child + 1 < heap.Length && heap[child + 1].Next.CompareTo(heap[child].Next) < 0) child++;
            if (moved.Next.CompareTo(heap[child].Next) <= 0) break;
            heap[at] = heap[child];
            at = child;
        }

        heap[at] = moved;
    }

    private void Grow()
    {
        if (_count < RunLength)
        {
            Array.Resize(ref _run, Math.Max(16, 2 * _count));
            return;
        }

        Close();
        _run = new KeyEntry[RunLength];
    }

    private void Close()
    {
        if (_count > 0)
        {
            if (_count < _run.Length) Array.Resize(ref _run, _count);
            Array.Sort(_run);
            _runs.Add(_run);
        }
        else if (_runs.Count == 0)
        {
            _runs.Add([]);
        }

        (_run, _count) = ([], 0);
    }

    private byte* Keep(ReadOnlySpan<byte> tail)
    {
        if (_freeEnd - _free < tail.Length)
        {
            var arena = GC.AllocateUninitializedArray<byte>(ArenaBytes, pinned: true);
            _arenas.Add(arena);
            fixed (byte* start = arena) _free = start;
            _freeEnd = _free + ArenaBytes;
        }

        var kept = _free;
        tail.CopyTo(new Span<byte>(kept, tail.Length));
        _free += tail.Length;
        return kept;
    }
}
