using Basalt.PointClouds.Columns;
using Basalt.PointClouds.Editing;
using Basalt.PointClouds.Runs;

namespace Basalt.PointClouds.Reading;

/// <summary>A chunk that has to be looked at.</summary>
/// <param name="Run">Its run.</param>
/// <param name="Number">Its number in the run.</param>
/// <param name="Entry">What the directory says of it.</param>
/// <param name="Wanted">The stored labels to look for, and what their points are called; null for all that it has.</param>
internal sealed record ChunkTask(Run Run, int Number, ChunkEntry Entry, List<(ulong Label, Part Part)>? Wanted);

/// <summary>
/// Which chunks a query looks at: by the directory of labels where labels are asked for, by the boxes of all chunks where a place is. Both are read by id, page by page, and kept in memory within the cache.
/// </summary>
internal sealed class ReadPlan
{
    private readonly CloudStore _store;
    private readonly CloudHead _head;
    private readonly PointQuery _query;

    private ReadPlan(CloudStore store, CloudHead head, PointQuery query, LabelMap map, Filtering filtering) => (_store, _head, _query, Map, Filtering) = (store, head, query, map, filtering);

    public CloudStore Store => _store;

    public CloudHead Head => _head;

    public LabelMap Map { get; }

    public Filtering Filtering { get; }

    public ReadTiming? Timing => _query.Timing;

    /// <summary>Whether the box that is asked for has no place for a point.</summary>
    public bool FindsNothing { get; private init; }

    private int Axes => _store.Schema.Axes.Count;

    /// <exception cref="ArgumentException">The query does not fit the cloud.</exception>
    public static ReadPlan Of(CloudStore store, CloudHead head, PointQuery query, LabelMap map)
    {
        var box = query.Box?.ToExtent(store.Schema);
        if (query.Ball is { } ball && !(ball.Radius >= 0)) throw new ArgumentException($"A radius is zero or more, not {ball.Radius}.", nameof(query));
        foreach (var attribute in query.Attributes ?? [])
            if (store.Schema.IndexOfAttribute(attribute) < 0) throw store.Fault(ErrorCode.InvalidQuery, $"The cloud has no attribute '{attribute}'; it has {store.Schema}.");
        var place = query.Ball is null ? null : new Place(store.Schema, query.Ball.Center);
        var radius = query.Ball?.Radius ?? 0;
        return new ReadPlan(store, head, query, map, new Filtering(box, place, radius * radius, query.Block)) { FindsNothing = query.Box is not null && box is null };
    }

    /// <summary>The chunks, run by run, each with the labels that are looked for.</summary>
    public async IAsyncEnumerable<ChunkTask> TasksAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (FindsNothing) yield break;
        foreach (var summary in _head.Runs)
        {
            var run = await _store.RunAsync(summary, cancellationToken).ConfigureAwait(false);
            Extent? blockExtent = null;
            if (_query.Block is { } block)
            {
                if (await _store.FindBlockAsync(run, block, cancellationToken).ConfigureAwait(false) is not { } found) continue;
                blockExtent = found.Extent;
            }

            if (_query.Labels is null)
            {
                for (var page = 0; page < run.ChunkPages; page++)
                {
                    var entries = await _store.ChunksAsync(run, page, Timing, cancellationToken).ConfigureAwait(false);
                    for (var i = 0; i < entries.Length; i++)
                        if (Meets(entries[i].Extent, blockExtent)) yield return new ChunkTask(run, page * DirectoryPage.MostEntries + i, entries[i], null);
                }

                continue;
            }

            foreach (var (number, wanted) in await ChunksOfLabelsAsync(run, blockExtent, cancellationToken).ConfigureAwait(false))
            {
                var entries = await _store.ChunksAsync(run, number / DirectoryPage.MostEntries, Timing, cancellationToken).ConfigureAwait(false);
                var entry = number % DirectoryPage.MostEntries < entries.Length ? entries[number % DirectoryPage.MostEntries] : throw _store.Damaged(Run.RecordId(run.Summary.Id), new InvalidDataException($"a label is in the chunk {number}, and there are fewer"));
                if (Meets(entry.Extent, blockExtent)) yield return new ChunkTask(run, number, entry, wanted);
            }
        }
    }

    private async ValueTask<SortedDictionary<int, List<(ulong Label, Part Part)>>> ChunksOfLabelsAsync(Run run, Extent? blockExtent, CancellationToken cancellationToken)
    {
        var chunks = new SortedDictionary<int, List<(ulong, Part)>>();
        foreach (var label in _query.Labels!.Distinct())
        foreach (var part in Map.PartsOf(label))
        {
            if (await _store.FindLabelAsync(run, part.Stored, Timing, cancellationToken).ConfigureAwait(false) is not { } entry || !Meets(entry.Extent, blockExtent)) continue;
            for (var number = entry.FirstChunk; number < entry.FirstChunk + entry.Chunks; number++)
            {
                if (!chunks.TryGetValue(number, out var wanted)) chunks.Add(number, wanted = []);
                wanted.Add((label, part));
            }
        }

        return chunks;
    }

    private bool Meets(in Extent extent, in Extent? block) =>
        (Filtering.Box is not { } box || box.Meets(extent, Axes)) && (block is not { } of || of.Meets(extent, Axes)) && (Filtering.Place is not { } place || place.SquareTo(extent) <= Filtering.SquaredRadius);
}
