using System.Runtime.CompilerServices;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Migration;

/// <summary>Copies collections, within a database or between databases of any backends.</summary>
public static class Copier
{
    /// <summary>
    /// Copies the records in the order of their ids, with ids, metadata and timestamps. The destination is created when it is missing: with the
    /// source's schema, or without a schema when a transform changes more than which records come along. Each run reads one snapshot of the
    /// source; what changes in it between an interrupted run and its resumption behind the place reached is copied as it then is.
    /// </summary>
    /// <param name="source">The collection to read.</param>
    /// <param name="target">The collection to write; another one than the source.</param>
    /// <param name="options">How to copy.</param>
    /// <param name="progress">Told how far it is, or null.</param>
    /// <param name="cancellationToken">Stops after the batch that is being written, with its checkpoint.</param>
    /// <exception cref="BasaltException">
    /// <see cref="ErrorCode.NotFound"/>: there is no such source. <see cref="ErrorCode.AlreadyExists"/>: an id exists. <see cref="ErrorCode.InvalidRecord"/>:
    /// a record cannot be transformed or written. <see cref="ErrorCode.Conflict"/>: the checkpoint belongs to another copy.
    /// <see cref="ErrorCode.Corrupt"/>: the verification failed.
    /// <see cref="ErrorCode.InvalidOptions"/>: the options contradict themselves.
    /// </exception>
    /// <exception cref="ArgumentException">Source and target are the same.</exception>
    public static async Task<MoveReport> RunAsync(
        Collection source, Collection target, CopyOptions? options = null, IProgress<MoveProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(target);
        if (source.Name == target.Name && ReferenceEquals(source.Database.Backend, target.Database.Backend)) throw new ArgumentException($"'{source.Name}' cannot be copied to itself.", nameof(target));
        options ??= new CopyOptions();
        options.Validate();
        var time = target.Database.Options.TimeProvider;
        var started = time.GetTimestamp();
        var from = await source.Database.DescribeCollectionAsync(source.Name, cancellationToken).ConfigureAwait(false)
            ?? throw new BasaltException(ErrorCode.NotFound, $"There is no collection '{source.Name}' to copy.") { Operation = "copy", Target = source.Name };
        var checkpoint = options.Checkpoint is null ? null : CheckpointFile.Open(
            options.Checkpoint,
            "copy",
            ("conflict policy", options.OnConflict.ToString()),
            ("transform", options.Transform?.ToString() ?? ""));
        var earlier = options.Checkpoint is { Resume: true } ? checkpoint!.Load() : null;
        var schema = await SchemaAsync(from.Schema, target, options, cancellationToken).ConfigureAwait(false);
        await target.Database.CreateCollectionAsync(target.Name, schema, cancellationToken).ConfigureAwait(false);
        var state = earlier ?? new MoveState { Milliseconds = 0, Origin = 0, WasEmpty = await Move.IsEmptyAsync(target, cancellationToken).ConfigureAwait(false) };

        var rules = new MoveRules(options.OnConflict, options.BatchSize, options.Verify, KeepsTimestamps: true, options.OnBatch);
        using var move = new Move(target, rules, state, earlier is not null, checkpoint, Place);
        var items = ItemsAsync(source, state, options.Transform, schema, target.Database.Options.Validation, cancellationToken);
        await move.WriteAsync(items, from.Records, null, progress, cancellationToken).ConfigureAwait(false);
        return await move.EndAsync(progress, started, cancellationToken).ConfigureAwait(false);

        string Place(SourceRecord item) => $"{source.Name}, record '{item.Record.Id}'";
    }

    private static async ValueTask<Schema> SchemaAsync(Schema source, Collection target, CopyOptions options, CancellationToken cancellationToken)
    {
        var existing = await target.Database.DescribeCollectionAsync(target.Name, cancellationToken).ConfigureAwait(false);
        return existing?.Schema ?? (options.Transform is null or { KeepsShape: true } ? source : Schema.Any);
    }

    private static async IAsyncEnumerable<Moving> ItemsAsync(
        Collection source, MoveState state, TransformSpec? transform, Schema schema, Validation validation, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var rest = state.LastId.Length == 0 ? Query.All : Query.All.After(Cursor.Write(Query.All, new Record { Id = state.LastId }));
        var row = state.Read;
        await foreach (var record in source.StreamAsync(rest, cancellationToken).ConfigureAwait(false))
        {
            var item = new SourceRecord(record, ++row, 0, 0);
            var changed = transform is null ? record : transform.Apply(record);
            yield return changed is null ? new Moving(record, Fate.Filtered, item) : new Moving(Conform(changed, schema, validation), Fate.Written, item);
        }
    }

    private static Record Conform(Record record, Schema schema, Validation validation)
    {
        if (schema.Fields.Count == 0 && schema.IsOpen) return record;
        var violations = new List<Violation>();
        var conformed = schema.Conform(record, validation, violations);
        return violations.Count == 0
            ? conformed
            : throw new BasaltException(ErrorCode.InvalidRecord, $"The record '{record.Id}' breaks the schema of the destination: {string.Join("; ", violations)}.") { Operation = "copy", Target = record.Id };
    }
}
