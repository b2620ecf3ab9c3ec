using System.Buffers;
using System.Text.Json;
using Basalt.Records;

namespace Basalt.Queries.Sorting;

/// <summary>
/// Sorts any number of records in bounded memory: beyond the budget, sorted runs go to temporary files and are merged. One use, one thread.
/// </summary>
internal sealed class RecordSorter : IDisposable
{
    /// <summary>The memory that records take before they are spilled, in bytes.</summary>
    public const long DefaultBudget = 64L << 20;

    // Runs are merged in one pass up to this many; more are first merged into fewer, so that open files stay bounded.
    private const int MergeWidth = 64;

    private readonly RecordOrder _order;
    private readonly long _budget;
    private readonly List<Record> _buffer = [];
    private readonly List<string> _runs = [];
    private string? _folder;
    private long _bytes;

    public RecordSorter(RecordOrder order, long budget = DefaultBudget)
    {
        _order = order;
        _budget = budget;
    }

    public int SpilledRuns => _runs.Count;

    public void Add(Record record)
    {
        _buffer.Add(record);
        _bytes += RecordSize.Estimate(record);
        if (_bytes >= _budget) Spill();
    }

    /// <summary>The records in order. Call once, after the last <see cref="Add"/>.</summary>
    public IEnumerable<Record> Sorted(CancellationToken cancellationToken)
    {
        _buffer.Sort(_order);
        if (_runs.Count == 0) return _buffer;
        while (_runs.Count > MergeWidth)
        {
            var first = _runs.GetRange(0, MergeWidth);
            var merged = WriteRun(Merge(first.Select(ReadRun), cancellationToken));
            foreach (var run in first) File.Delete(run);
            _runs.RemoveRange(0, MergeWidth);
            _runs.Add(merged);
        }

        return Merge(_runs.Select(ReadRun).Append(_buffer), cancellationToken);
    }

    public void Dispose()
    {
        if (_folder is not null) Directory.Delete(_folder, recursive: true);
        _folder = null;
    }

    private void Spill()
    {
        _buffer.Sort(_order);
        _runs.Add(WriteRun(_buffer));
        _buffer.Clear();
        _bytes = 0;
    }

    private IEnumerable<Record> Merge(IEnumerable<IEnumerable<Record>> runs, CancellationToken cancellationToken)
    {
        var heads = new PriorityQueue<IEnumerator<Record>, Record>(_order);
        var open = new List<IEnumerator<Record>>();
        try
        {
            foreach (var run in runs)
            {
                var head = run.GetEnumerator();
                open.Add(head);
                if (head.MoveNext()) heads.Enqueue(head, head.Current);
            }

            while (heads.TryDequeue(out var head, out var record))
            {
                cancellationToken.ThrowIfCancellationRequested();
                yield return record;
                if (head.MoveNext()) heads.Enqueue(head, head.Current);
            }
        }
        finally
        {
            foreach (var head in open) head.Dispose();
        }
    }

    private string WriteRun(IEnumerable<Record> records)
    {
        _folder ??= Directory.CreateTempSubdirectory("basalt-sort-").FullName;
        var path = Path.Combine(_folder, Guid.NewGuid().ToString("N"));
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        var line = new ArrayBufferWriter<byte>(1 << 12);
        using var json = new Utf8JsonWriter(line, RecordJson.WriterOptions);
        foreach (var record in records)
        {
            line.ResetWrittenCount();
            json.Reset();
            RecordJson.Write(json, record, JsonForm.Exact);
            json.Flush();
            file.Write(BitConverter.GetBytes(line.WrittenCount));
            file.Write(line.WrittenSpan);
        }

        return path;
    }

    private static IEnumerable<Record> ReadRun(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
        var reader = new RecordJsonReader();
        var length = new byte[sizeof(int)];
        var buffer = Array.Empty<byte>();
        while (file.ReadAtLeast(length, length.Length, throwOnEndOfStream: false) == length.Length)
        {
            var count = BitConverter.ToInt32(length);
            if (buffer.Length < count) buffer = new byte[count];
            file.ReadExactly(buffer, 0, count);
            yield return reader.ReadRecord(buffer.AsSpan(0, count));
        }
    }
}
