using System.Runtime.InteropServices;

namespace Basalt.Migration;

/// <summary>
/// Sorts any number of (key, row) pairs in bounded memory: beyond the limit, sorted runs go to a temporary file and are merged at the end. One
/// use, one thread.
/// </summary>
internal sealed class RowSorter(int limit = RowSorter.DefaultLimit) : IDisposable
{
    /// <summary>The pairs that are held in memory: 8 MiB of them.</summary>
    private const int DefaultLimit = 8 << 20 >> 5;

    private const int ReadAhead = 512;
    private readonly List<Entry> _entries = [];
    private readonly List<(long Offset, int Count)> _runs = [];
    private FileStream? _file;

    /// <summary>A row and the key by which it is found.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct Entry(UInt128 Key, long Row);

    private static readonly Comparer<Entry> ByKeyAndRow = Comparer<Entry>.Create(static (a, b) => a.Key != b.Key ? a.Key.CompareTo(b.Key) : a.Row.CompareTo(b.Row));

    public void Add(UInt128 key, long row)
    {
        _entries.Add(new Entry(key, row));
        if (_entries.Count >= limit) Spill();
    }

    /// <summary>All pairs by key, then row. Call once, after the last <see cref="Add"/>.</summary>
    public IEnumerable<Entry> Sorted()
    {
        _entries.Sort(ByKeyAndRow);
        if (_runs.Count == 0) return _entries;
        return Merge();
    }

    public void Dispose() => _file?.Dispose();

    private void Spill()
    {
        _entries.Sort(ByKeyAndRow);
        _file ??= new FileStream(
            Path.Combine(Path.GetTempPath(), "basalt-rows-" + Guid.NewGuid().ToString("N")), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 0, FileOptions.DeleteOnClose);
        _runs.Add((_file.Position, _entries.Count));
        _file.Write(MemoryMarshal.AsBytes(CollectionsMarshal.AsSpan(_entries)));
        _entries.Clear();
    }

    private IEnumerable<Entry> Merge()
    {
        var heads = new PriorityQueue<IEnumerator<Entry>, Entry>(ByKeyAndRow);
        foreach (var run in _runs.Select(run => ReadRun(run.Offset, run.Count)).Append(_entries))
        {
            var head = run.GetEnumerator();
            if (head.MoveNext()) heads.Enqueue(head, head.Current);
        }

        while (heads.TryDequeue(out var head, out var entry))
        {
            yield return entry;
            if (head.MoveNext()) heads.Enqueue(head, head.Current);
        }
    }

    private IEnumerable<Entry> ReadRun(long offset, int count)
    {
        var entries = new Entry[ReadAhead];
        for (var at = 0; at < count; at += ReadAhead)
        {
            var length = Math.Min(ReadAhead, count - at);
            _file!.Position = offset + (long)at * System.Runtime.CompilerServices.Unsafe.SizeOf<Entry>();
            _file.ReadExactly(MemoryMarshal.AsBytes(entries.AsSpan(0, length)));
            for (var i = 0; i < length; i++) yield return entries[i];
        }
    }
}
