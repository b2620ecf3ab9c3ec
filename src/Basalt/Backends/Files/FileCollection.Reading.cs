using System.Runtime.CompilerServices;
using Basalt.Backends.Files.Formats;
using Basalt.Filters;
using Basalt.Queries.Sorting;
using Basalt.Records;

namespace Basalt.Backends.Files;

/// <summary>Reads: from a state, which stays as it is.</summary>
internal sealed partial class FileCollection
{
    public async ValueTask<Record?> ReadAsync(string id, CancellationToken cancellationToken)
    {
        var state = await RequireAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (state.Overlay.Find(id) is { } written) return FileState.IsTombstone(written) ? null : written;
            var survey = await SurveyAsync(state, withIndex: true, cancellationToken).ConfigureAwait(false);
            Record? found = null;
            Guarded(() => found = FindInFile(state, survey, id, []));
            return found;
        }
        finally
        {
            state.File.Release();
        }
    }

    public async IAsyncEnumerable<Record> ScanAsync(PushedQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var left = query.Limit ?? long.MaxValue;
        var state = await RequireAsync(cancellationToken).ConfigureAwait(false);
        RecordSorter? sorter = null;
        try
        {
            if (left == 0) yield break;
            var matches = query.Filter.Compile();
            var ascending = false;
            if (query.AnyOrder) await RequireUniqueAsync(state, cancellationToken).ConfigureAwait(false);
            else ascending = (await SurveyUniqueAsync(state, cancellationToken).ConfigureAwait(false)).IsAscending;

            var records = Merged(state, ascending, query.AfterId, cancellationToken);
            if (!query.AnyOrder && !ascending)
            {
                sorter = new RecordSorter(RecordOrder.ById);
                Sort(sorter, records, query.AfterId, matches);
                records = sorter.Sorted(cancellationToken);
                matches = static _ => true;
            }

            using var cursor = records.GetEnumerator();
            while (Advance(cursor))
            {
                var record = cursor.Current;
                if (query.AfterId is not null && Text.Compare(record.Id, query.AfterId) <= 0) continue;
                if (!matches(record)) continue;
                yield return record;
                if (--left == 0) yield break;
            }
        }
        finally
        {
            sorter?.Dispose();
            state.File.Release();
        }
    }

    public async ValueTask<long> CountAsync(Filter filter, CancellationToken cancellationToken)
    {
        var state = await RequireAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            // What this backend wrote, and nobody touched since, it has counted.
            if (filter == Filter.True && state.Overlay.Count == 0 && state.Sidecar is { IsOwned: true, Records: { } counted } sidecar && sidecar.Stamp == state.Stamp) return counted;
            await RequireUniqueAsync(state, cancellationToken).ConfigureAwait(false);
            if (filter == Filter.True && state.Overlay.Count == 0 && state.File.Survey?.RecordsOf(state) is { } known) return known;
            var matches = filter.Compile();
            long count = 0;
            Guarded(() =>
            {
                foreach (var record in Merged(state, ascending: false, null, cancellationToken))
                    if (matches(record)) count++;
            });
            return count;
        }
        finally
        {
            state.File.Release();
        }
    }

    public async ValueTask<CollectionDescription?> DescribeAsync(CancellationToken cancellationToken)
    {
        if (await AcquireAsync(cancellationToken).ConfigureAwait(false) is not { } state) return null;
        try
        {
            long? records = state.Overlay.Count > 0 ? null
                : state.File.Survey?.RecordsOf(state) is { } known ? known
                : state.Sidecar is { Records: not null } sidecar && sidecar.Stamp == state.Stamp ? sidecar.Records
                : null;
            var bytes = state.Stamp.Length + (state.SidecarText?.Length ?? 0) + state.JournalLength;
            return new CollectionDescription(Name, state.Schema, records, bytes, Path);
        }
        finally
        {
            state.File.Release();
        }
    }

    public async ValueTask<ScanCost> EstimateAsync(CancellationToken cancellationToken)
    {
        var state = await RequireAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return new ScanCost(1, state.Length + state.Tail.Length, state.File.Survey?.RecordsOf(state) ?? state.Sidecar?.Records);
        }
        finally
        {
            state.File.Release();
        }
    }

    private async ValueTask<FileState> RequireAsync(CancellationToken cancellationToken) =>
        await AcquireAsync(cancellationToken).ConfigureAwait(false) ?? throw FileFaults.NotFound(Name, Path);

    /// <summary>A pass that knows the order of ids and has proved that none is there twice.</summary>
    private async ValueTask<Survey> SurveyUniqueAsync(FileState state, CancellationToken cancellationToken)
    {
        var survey = await SurveyAsync(state, withIndex: false, cancellationToken).ConfigureAwait(false);
        return survey.IsAscending || survey.Index is not null ? survey : await SurveyAsync(state, withIndex: true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Proves that no id is there twice, unless this backend wrote the whole file itself.</summary>
    private async ValueTask RequireUniqueAsync(FileState state, CancellationToken cancellationToken)
    {
        if (state.Sidecar is { IsOwned: true } sidecar && sidecar.Stamp == state.Stamp) return;
        await SurveyUniqueAsync(state, cancellationToken).ConfigureAwait(false);
    }

    private void Sort(RecordSorter sorter, IEnumerable<Record> records, string? afterId, Predicate<Record> matches) => Guarded(() =>
    {
        foreach (var record in records)
            if (matches(record) && (afterId is null || Text.Compare(record.Id, afterId) > 0)) sorter.Add(record);
    });

    private bool Advance(IEnumerator<Record> cursor)
    {
        try
        {
            return cursor.MoveNext();
        }
        catch (MalformedException e)
        {
            throw FileFaults.Malformed(Path, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileFaults.FromIO(Path, e);
        }
    }

    /// <summary>
    /// The records of a state: in the order of ids where the file's ids ascend, else in the file's order with the new ones at the end. Where the
    /// file ascends it may start some way before the first id greater than <paramref name="afterId"/>.
    /// </summary>
    private static IEnumerable<Record> Merged(FileState state, bool ascending, string? afterId, CancellationToken cancellationToken)
    {
        var start = ascending && afterId is not null && !state.Format.IsGzip && state.File.Survey is { } survey ? survey.StartFor(afterId) : RecordPlace.Start;
        using var reader = state.OpenRecords(start);
        if (ascending && state.Overlay.Count > 0)
        {
            foreach (var record in MergedInOrder(state, reader, afterId, cancellationToken)) yield return record;
            yield break;
        }

        var seen = state.Overlay.Count > 0 ? new HashSet<string>() : null;
        while (reader.MoveNext())
        {
            if ((reader.Place.Ordinal & 0xFF) == 0) cancellationToken.ThrowIfCancellationRequested();
            var record = state.Identify(reader.Read(), reader.Place.Ordinal);
            if (seen is null || state.Overlay.Find(record.Id) is not { } written)
            {
                yield return record;
                continue;
            }

            seen.Add(record.Id);
            if (!FileState.IsTombstone(written)) yield return written;
        }

        if (seen is null) yield break;
        foreach (var record in Overlaid(state))
            if (!FileState.IsTombstone(record) && !seen.Contains(record.Id)) yield return record;
    }

    private static IEnumerable<Record> MergedInOrder(FileState state, RecordReader reader, string? afterId, CancellationToken cancellationToken)
    {
        using var overlay = Overlaid(state, afterId).GetEnumerator();
        var hasWritten = overlay.MoveNext();
        while (reader.MoveNext())
        {
            if ((reader.Place.Ordinal & 0xFF) == 0) cancellationToken.ThrowIfCancellationRequested();
            var record = state.Identify(reader.Read(), reader.Place.Ordinal);
            if (afterId is not null && Text.Compare(record.Id, afterId) <= 0) continue;
            while (hasWritten && Text.Compare(overlay.Current.Id, record.Id) < 0)
            {
                if (!FileState.IsTombstone(overlay.Current)) yield return overlay.Current;
                hasWritten = overlay.MoveNext();
            }

            if (hasWritten && overlay.Current.Id == record.Id)
            {
                if (!FileState.IsTombstone(overlay.Current)) yield return overlay.Current;
                hasWritten = overlay.MoveNext();
                continue;
            }

            yield return record;
        }

        for (; hasWritten; hasWritten = overlay.MoveNext())
            if (!FileState.IsTombstone(overlay.Current)) yield return overlay.Current;
    }
}
