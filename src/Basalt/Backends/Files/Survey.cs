using Basalt.Backends.Files.Formats;
using Basalt.Records;

namespace Basalt.Backends.Files;

/// <summary>
/// What a full pass over a data file found: that it is well-formed, whether its ids ascend, and on request where each id is. Goes on from where it
/// ended when the file was appended to. Extended under the gate of its collection, read by anyone.
/// </summary>
internal sealed class Survey(bool withIndex)
{
    private const int FenceStep = 1024;

    private readonly List<(RecordPlace Place, string Id)> _fence = [];
    private readonly Lock _fenceGate = new();
    private RecordPlace _next = RecordPlace.Start;
    private string? _lastId;

    /// <summary>Where each id is, when that was asked for.</summary>
    public IdIndex? Index { get; } = withIndex ? new IdIndex() : null;

    /// <summary>The length of the file up to which was read.</summary>
    public long Covered { get; private set; }

    /// <summary>Whether every id is greater than the one before it, so that none is there twice.</summary>
    public bool IsAscending { get; private set; } = true;

    /// <summary>How many records are in what is covered. While the survey may be extended, ask <see cref="RecordsOf"/>.</summary>
    public long Records { get; private set; }

    /// <summary>The greatest version in the file.</summary>
    public long Version { get; private set; }

    /// <summary>Whether the text ends with a line feed, or is empty.</summary>
    public bool EndsWithNewLine { get; private set; } = true;

    /// <summary>The length of the text, uncompressed; of a JSON array up to its closing bracket.</summary>
    public long TextLength => _next.Offset;

    /// <summary>Reads on to the end of the state.</summary>
    /// <exception cref="MalformedException">The text is not well-formed.</exception>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Corrupt"/>: with an index: an id is there twice.</exception>
    public void Extend(FileState state, CancellationToken cancellationToken)
    {
        if (Covered == state.Length && (Covered > 0 || state.Tail.Length == 0)) return;
        using var reader = state.OpenRecords(_next, compressed: state.Format.IsGzip ? Covered : null);
        var candidates = new List<long>();
        var line = _next.Line;
        var records = Records;
        while (reader.MoveNext())
        {
            var place = reader.Place;
            if ((place.Ordinal & 0xFF) == 0) cancellationToken.ThrowIfCancellationRequested();
            var record = state.Identify(reader.Read(), place.Ordinal);
            if (Index is not null)
            {
                Index.Find(record.Id, candidates);
                foreach (var at in candidates)
                    if (ReadAt(state, at) is { } other && other.Record.Id == record.Id) throw Duplicate(state, record.Id, at, place);
                Index.Add(record.Id, place.Offset);
            }

            if (_lastId is not null && Text.Compare(_lastId, record.Id) >= 0) IsAscending = false;
            _lastId = record.Id;
            Version = Math.Max(Version, record.Version);
            if (place.Ordinal % FenceStep == 0)
                lock (_fenceGate) _fence.Add((place, record.Id));
            records = place.Ordinal + 1;
            line = place.Line + 1;
        }

        EndsWithNewLine = reader.EndsWithNewLine;
        lock (_fenceGate) (Covered, Records) = (state.Length, records);
        // What is appended behind a last line without end begins by ending it.
        _next = new RecordPlace(state.Format.IsGzip ? reader.Position : state.Length, Records, EndsWithNewLine ? line : line - 1);
    }

    /// <summary>How many records the file of a state holds, when the survey covers just that; else null.</summary>
    public long? RecordsOf(FileState state)
    {
        lock (_fenceGate) return Covered == state.Length ? Records : null;
    }

    /// <summary>A record by its offset, and its line; or null when it is behind the end of the state.</summary>
    public (Record Record, long Line)? ReadAt(FileState state, long offset)
    {
        if (!state.Format.IsGzip)
        {
            if (offset >= state.Length) return null;
            using var direct = state.OpenRecords(new RecordPlace(offset, 0, 0), capacity: 4096);
            if (!direct.MoveNext()) return null;
            var record = direct.Read();
            // Only a record without an id of its own needs to know how many are before it.
            if (record.Id.Length > 0 || state.DeclaredId(record) is not null) return (state.Identify(record, 0), 0);
        }

        using var reader = state.OpenRecords(state.Format.IsGzip ? RecordPlace.Start : Before(offset));
        while (reader.MoveNext())
        {
            if (reader.Place.Offset == offset) return (state.Identify(reader.Read(), reader.Place.Ordinal), reader.Place.Line);
            if (reader.Place.Offset > offset) break;
        }

        return null;
    }

    /// <summary>Where to start reading for ids greater than this one, in a file whose ids ascend.</summary>
    public RecordPlace StartFor(string afterId)
    {
        lock (_fenceGate)
        {
            int low = 0, high = _fence.Count - 1;
            while (low <= high)
            {
                var middle = (low + high) >> 1;
                if (Text.Compare(_fence[middle].Id, afterId) <= 0) low = middle + 1;
                else high = middle - 1;
            }

            return high < 0 ? RecordPlace.Start : _fence[high].Place;
        }
    }

    private RecordPlace Before(long offset)
    {
        lock (_fenceGate)
        {
            int low = 0, high = _fence.Count - 1;
            while (low <= high)
            {
                var middle = (low + high) >> 1;
                if (_fence[middle].Place.Offset <= offset) low = middle + 1;
                else high = middle - 1;
            }

            return high < 0 ? RecordPlace.Start : _fence[high].Place;
        }
    }

    private static BasaltException Duplicate(FileState state, string id, long first, RecordPlace second)
    {
        using var reader = state.OpenRecords(RecordPlace.Start);
        long line = 0;
        while (line == 0 && reader.MoveNext())
            if (reader.Place.Offset == first) line = reader.Place.Line;
        return FileFaults.Corrupt(state.File.Path, $"the id '{id}' is there twice: at line {line} (byte {first}) and at line {second.Line} (byte {second.Offset}). Nothing was changed; correct the file.");
    }
}
