using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Basalt.Catalog.Statistics;

/// <summary>
/// The tallies of the series of one file. What does not fit into its memory goes, sorted, into a temporary file, and comes back merged: the number of series is bounded by the disk alone.
/// </summary>
internal sealed class SeriesTable(long memoryBytes) : IDisposable
{
    // An entry beside its name: the array's head, the dictionary's entry and the tally.
    private const int EntryBytes = 160;
    private readonly Dictionary<byte[], int> _places = new(NameComparer.Instance);
    private readonly List<byte[]> _names = [];
    private readonly List<SeriesTally> _tallies = [];
    private readonly List<SpilledRun> _runs = [];
    private long _bytes;
    private int _lastPlace = -1;

    /// <summary>How many runs were spilled.</summary>
    public int Runs => _runs.Count;

    /// <summary>The tally of a series, to be changed at once: the next call may move it.</summary>
    public ref SeriesTally Of(ReadOnlySpan<byte> name)
    {
        // Rows of one series mostly stand together.
        if (_lastPlace >= 0 && _names[_lastPlace].AsSpan().SequenceEqual(name)) return ref CollectionsMarshal.AsSpan(_tallies)[_lastPlace];
        if (!_places.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(name, out var place))
        {
            if (_bytes > memoryBytes) Spill();
            var key = name.ToArray();
            place = _names.Count;
            _names.Add(key);
            _tallies.Add(new SeriesTally());
            _places.Add(key, place);
            _bytes += key.Length + EntryBytes;
        }

        _lastPlace = place;
        return ref CollectionsMarshal.AsSpan(_tallies)[place];
    }

    /// <summary>Writes all series in the order of their names, and tells how many they are.</summary>
    public async ValueTask<long> WriteAsync(Func<byte[], ValueTask> emit, CancellationToken cancellationToken)
    {
        var writer = new FragmentWriter();
        long count = 0;
        if (_runs.Count == 0)
        {
            foreach (var place in Sorted())
            {
                writer.Add(_names[place], _tallies[place]);
                if (writer.IsFull) await emit(writer.Take()).ConfigureAwait(false);
                count++;
            }
        }
        else
        {
            Spill();
            // Runs are in the order of the rows, so the parts of a series follow each other.
            var merge = new FragmentMerge(_runs.ConvertAll(run => run.ChunksAsync().GetAsyncEnumerator(cancellationToken)));
            await using var closing = merge.ConfigureAwait(false);
            while (await merge.ReadAsync().ConfigureAwait(false))
            {
                cancellationToken.ThrowIfCancellationRequested();
                writer.Add(merge.Name, merge.Total());
                if (writer.IsFull) await emit(writer.Take()).ConfigureAwait(false);
                count++;
            }
        }

        if (!writer.IsEmpty) await emit(writer.Take()).ConfigureAwait(false);
        return count;
    }

    public void Dispose()
    {
        foreach (var run in _runs) run.Dispose();
    }

    private int[] Sorted()
    {
        var places = Enumerable.Range(0, _names.Count).ToArray();
        Array.Sort(places, (a, b) => _names[a].AsSpan().SequenceCompareTo(_names[b]));
        return places;
    }

    private void Spill()
    {
        var run = new SpilledRun();
        _runs.Add(run);
        var writer = new FragmentWriter();
        foreach (var place in Sorted())
        {
            writer.Add(_names[place], _tallies[place]);
            if (writer.IsFull) run.Add(writer.Take());
        }

        if (!writer.IsEmpty) run.Add(writer.Take());
        _places.Clear();
        _names.Clear();
        _tallies.Clear();
        (_bytes, _lastPlace) = (0, -1);
    }

    private sealed class NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static NameComparer Instance { get; } = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = new HashCode();
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }
    }

    /// <summary>A sorted run in a temporary file that is gone with it.</summary>
    private sealed class SpilledRun : IDisposable
    {
        private readonly FileStream _file = new(Path.Combine(Path.GetTempPath(), $"basalt-series-{Guid.NewGuid():n}"), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
        private readonly List<(long At, int Length)> _chunks = [];

        public void Add(byte[] chunk)
        {
            _chunks.Add((_file.Position, chunk.Length));
            _file.Write(chunk);
        }

        public async IAsyncEnumerable<ReadOnlyMemory<byte>> ChunksAsync()
        {
            foreach (var (at, length) in _chunks)
            {
                var chunk = new byte[length];
                _file.Position = at;
                await _file.ReadExactlyAsync(chunk).ConfigureAwait(false);
                yield return chunk;
            }
        }

        public void Dispose() => _file.Dispose();
    }
}
