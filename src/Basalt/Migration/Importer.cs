using System.Globalization;
using System.Runtime.CompilerServices;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Migration;

/// <summary>Imports files of records into collections.</summary>
public static class Importer
{
    /// <summary>
    /// Imports a file. Bad input writes nothing (see <see cref="ImportOptions.ValidateFirst"/>); what is written is written in batches, each durable
    /// before the next one, in the order of the file, and at the end read back and compared (see <see cref="ImportOptions.Verify"/>).
    /// </summary>
    /// <param name="source">The file.</param>
    /// <param name="target">The collection; it is created when it is missing.</param>
    /// <param name="options">How to import.</param>
    /// <param name="progress">Told how far it is, or null.</param>
    /// <param name="cancellationToken">Stops after the batch that is being written, with its checkpoint.</param>
    /// <exception cref="BasaltException">
    /// <see cref="ErrorCode.InvalidData"/>: the file is broken. <see cref="ErrorCode.InvalidRecord"/>: a record cannot be imported; the message says
    /// where it is. <see cref="ErrorCode.AlreadyExists"/>: an id exists, or is in the file twice. <see cref="ErrorCode.Conflict"/>: the collection
    /// has another schema, or the checkpoint belongs to another import. <see cref="ErrorCode.Corrupt"/>: the verification failed.
    /// <see cref="ErrorCode.InvalidOptions"/>: the options contradict themselves.
    /// </exception>
    public static async Task<MoveReport> RunAsync(
        RecordSource source, Collection target, ImportOptions? options = null, IProgress<MoveProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        options ??= new ImportOptions();
        options.Validate();
        var time = target.Database.Options.TimeProvider;
        var started = time.GetTimestamp();
        var schema = await SchemaAsync(target, options, cancellationToken).ConfigureAwait(false);
        var checkpoint = await OpenCheckpointAsync(source, options, cancellationToken).ConfigureAwait(false);
        var earlier = options.Checkpoint is { Resume: true } ? checkpoint!.Load() : null;
        var state = earlier ?? new MoveState { Milliseconds = time.GetUtcNow().ToUnixTimeMilliseconds(), Origin = RecordIdMinter.DrawOrigin() };

        var isText = source.Format is RecordFormat.Csv or RecordFormat.Tsv;
        var steps = new ImportSteps(source, options, schema, isText ? Validation.Lenient : target.Database.Options.Validation, state);
        var types = isText ? ColumnTypes.For(schema, options.Transform, options.VectorField) : ColumnTypes.Inferred;
        using var ids = new RepeatedIds();
        long? rows = null;
        if (options.ValidateFirst)
        {
            // What a resumed import finds in the collection may be its own.
            var existing = options.OnConflict == ConflictPolicy.Fail && earlier is null ? await ExistingIds.OfAsync(target, steps.Place, cancellationToken).ConfigureAwait(false) : null;
            rows = await CheckAsync(source, types, steps, options.OnConflict is ConflictPolicy.Skip or ConflictPolicy.Merge ? null : ids, existing, time, progress, cancellationToken).ConfigureAwait(false);
            if (options.OnConflict == ConflictPolicy.Fail && ids.FirstRepetition() is { } repeated) throw await RepeatedAsync(source, types, steps, repeated, cancellationToken).ConfigureAwait(false);
        }

        await target.Database.CreateCollectionAsync(target.Name, schema, cancellationToken).ConfigureAwait(false);
        if (earlier is null) state = state with { WasEmpty = await Move.IsEmptyAsync(target, cancellationToken).ConfigureAwait(false) };
        var rules = new MoveRules(options.OnConflict, options.BatchSize, options.Verify, options.KeepsTimestamps, options.OnBatch);
        using var move = new Move(target, rules, state, earlier is not null, checkpoint, steps.Place);
        using var replaced = options is { OnConflict: ConflictPolicy.Upsert, ValidateFirst: true } ? ids.Replaced() : Enumerable.Empty<long>().GetEnumerator();
        await move.WriteAsync(ItemsAsync(source, types, steps, replaced, state.Read, cancellationToken), rows, source.TotalBytes, progress, cancellationToken).ConfigureAwait(false);
        return await move.EndAsync(progress, started, cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<Schema> SchemaAsync(Collection target, ImportOptions options, CancellationToken cancellationToken)
    {
        var existing = await target.Database.DescribeCollectionAsync(target.Name, cancellationToken).ConfigureAwait(false);
        if (existing is null) return options.Schema ?? Schema.Any;
        if (options.Schema is null || options.Schema.Equals(existing.Schema)) return existing.Schema;
        throw new BasaltException(ErrorCode.Conflict, $"The collection '{target.Name}' exists with another schema; import without a schema, or into another collection.") { Operation = "import", Target = target.Name };
    }

    private static async ValueTask<CheckpointFile?> OpenCheckpointAsync(RecordSource source, ImportOptions options, CancellationToken cancellationToken) =>
        options.Checkpoint is null ? null : CheckpointFile.Open(
            options.Checkpoint,
            "import",
            ("source content", await source.ContentHashAsync(cancellationToken).ConfigureAwait(false)),
            ("format", source.Reading),
            ("delimiter", source.Delimiter.ToString(CultureInfo.InvariantCulture)),
            ("id field", options.IdField ?? ""),
            ("vector field", options.VectorField ?? ""),
            ("conflict policy", options.OnConflict.ToString()),
            ("transform", options.Transform?.ToString() ?? ""),
            ("time to live", options.TimeToLive?.ToString() ?? ""),
            ("timestamp option", options.KeepsTimestamps.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Reads everything as it will be read again, and writes nothing.</summary>
    private static async ValueTask<long> CheckAsync(
        RecordSource source, ColumnTypes types, ImportSteps steps, RepeatedIds? ids, ExistingIds? existing, TimeProvider time, IProgress<MoveProgress>? progress, CancellationToken cancellationToken)
    {
        var clock = new ProgressClock(progress, time, MovePhase.Checking);
        long rows = 0, bytes = 0;
        await foreach (var item in source.ReadAsync(types, cancellationToken).ConfigureAwait(false))
        {
            rows = item.Row;
            bytes = item.Bytes;
            if (steps.Prepare(item) is { } record)
            {
                ids?.Add(record.Id, item.Row);
                if (existing is not null) await existing.RefuseAsync(record.Id, item, cancellationToken).ConfigureAwait(false);
            }

            clock.Report(rows, bytes, null, source.TotalBytes);
        }

        if (existing is not null) await existing.EndAsync(cancellationToken).ConfigureAwait(false);
        clock.Report(rows, bytes, rows, source.TotalBytes, isLast: true);
        return rows;
    }

    /// <summary>The error about two rows of one id, which are read once more to name it.</summary>
    private static async ValueTask<BasaltException> RepeatedAsync(
        RecordSource source, ColumnTypes types, ImportSteps steps, (long Row, long Earlier) repeated, CancellationToken cancellationToken)
    {
        SourceRecord earlier = default;
        await foreach (var item in source.ReadAsync(types, cancellationToken).ConfigureAwait(false))
        {
            if (item.Row == repeated.Earlier) earlier = item;
            if (item.Row != repeated.Row) continue;
            var id = steps.Prepare(item)!.Id;
            return new BasaltException(ErrorCode.AlreadyExists, $"{steps.Place(item)}: the id '{id}' is there already, on {source.Place(earlier)}. Nothing was written.") { Operation = "import", Target = id };
        }

        throw new InvalidOperationException($"Row {repeated.Row} was there when the ids were compared.");
    }

    private static async IAsyncEnumerable<Moving> ItemsAsync(
        RecordSource source, ColumnTypes types, ImportSteps steps, IEnumerator<long> replaced, long done, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var nextReplaced = replaced.MoveNext() ? replaced.Current : long.MaxValue;
        await foreach (var item in source.ReadAsync(types, cancellationToken).ConfigureAwait(false))
        {
            var isReplaced = item.Row == nextReplaced;
            if (isReplaced) nextReplaced = replaced.MoveNext() ? replaced.Current : long.MaxValue;
            if (item.Row <= done) continue;
            var record = steps.Prepare(item);
            yield return new Moving(record ?? item.Record, record is null ? Fate.Filtered : isReplaced ? Fate.Replaced : Fate.Written, item);
        }
    }
}
