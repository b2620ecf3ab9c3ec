namespace Basalt.Catalog.Statistics;

/// <summary>A series as one source has it.</summary>
/// <param name="Source">Which source, by its place.</param>
/// <param name="Tally">What it has.</param>
internal readonly record struct SeriesPart(int Source, SeriesTally Tally);

/// <summary>Walks several sorted sources of chunks as one, in the order of names. Holds a chunk of each in memory.</summary>
internal sealed class FragmentMerge : IAsyncDisposable
{
    private readonly PriorityQueue<Source, Source> _queue;
    private readonly List<Source> _sources;
    private readonly List<SeriesPart> _parts = [];
    private byte[] _name = [];
    private int _nameLength;
    private bool _isOpen;

    /// <summary>A merge of sources, which it then owns.</summary>
    public FragmentMerge(IReadOnlyList<IAsyncEnumerator<ReadOnlyMemory<byte>>> sources)
    {
        _queue = new PriorityQueue<Source, Source>(Comparer<Source>.Create(Source.Compare));
        _sources = [.. sources.Select(static (chunks, i) => new Source(i, chunks))];
    }

    /// <summary>The name of the series.</summary>
    public ReadOnlySpan<byte> Name => _name.AsSpan(0, _nameLength);

    /// <summary>The series as each source has it, in the order of the sources; valid until the next one.</summary>
    public IReadOnlyList<SeriesPart> Parts => _parts;

    /// <summary>Goes to the next series; false at the end.</summary>
    public async ValueTask<bool> ReadAsync()
    {
        _parts.Clear();
        if (!_isOpen) await OpenAsync().ConfigureAwait(false);
        if (_queue.Count == 0) return false;
        KeepName(_queue.Peek().Name);
        while (_queue.Count > 0 && _queue.Peek().Name.SequenceEqual(Name))
        {
            var source = _queue.Dequeue();
            _parts.Add(new SeriesPart(source.Index, source.Tally));
            if (await source.ReadAsync().ConfigureAwait(false)) _queue.Enqueue(source, source);
        }

        return true;
    }

    /// <summary>The parts of the series in the order of the sources, as one.</summary>
    public SeriesTally Total()
    {
        var total = new SeriesTally();
        foreach (var part in _parts) total.Append(part.Tally);
        return total;
    }

    /// <summary>The parts of the series in the order of their first times, as one: for sources whose own order says nothing.</summary>
    public SeriesTally TotalByTime()
    {
        _parts.Sort(static (a, b) => (a.Tally.First, a.Tally.Last, a.Source).CompareTo((b.Tally.First, b.Tally.Last, b.Source)));
        return Total();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var source in _sources) await source.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask OpenAsync()
    {
        foreach (var source in _sources)
            if (await source.ReadAsync().ConfigureAwait(false)) _queue.Enqueue(source, source);
        _isOpen = true;
    }

    private void KeepName(ReadOnlySpan<byte> name)
    {
        if (_name.Length < name.Length) _name = new byte[name.Length * 2];
        name.CopyTo(_name);
        _nameLength = name.Length;
    }

    private sealed class Source(int index, IAsyncEnumerator<ReadOnlyMemory<byte>> chunks) : IAsyncDisposable
    {
        private FragmentReader? _reader;

        public int Index => index;

        public ReadOnlySpan<byte> Name => _reader!.Name;

        public SeriesTally Tally => _reader!.Tally;

        public async ValueTask<bool> ReadAsync()
        {
            while (_reader is null || !_reader.Read())
            {
                if (!await chunks.MoveNextAsync().ConfigureAwait(false)) return false;
                _reader = new FragmentReader(chunks.Current);
            }

            return true;
        }

        public static int Compare(Source a, Source b)
        {
            var order = a.Name.SequenceCompareTo(b.Name);
            return order != 0 ? order : a.Index.CompareTo(b.Index);
        }

        public ValueTask DisposeAsync() => chunks.DisposeAsync();
    }
}
