using Basalt.Backends;
using Basalt.Filters;
using Basalt.Queries;
using Basalt.Records;
using Basalt.Schemas;
using Basalt.Telemetry;

namespace Basalt;

/// <summary>
/// A named set of records, with a schema or without. Ids are unique; every write sets a version that the collection never used before and the
/// timestamps. Reads see all acknowledged writes. Thread-safe, except within a transaction. A record handed in is never changed.
/// </summary>
public sealed partial class Collection
{
    private readonly Database _database;
    private readonly IRecords _records;

    internal Collection(Database database, IRecords records, string name)
    {
        _database = database;
        _records = records;
        Name = name;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    internal Database Database => _database;

    private string System => _database.Capabilities.Scheme;

    /// <summary>The schema; open and without fields when none was declared or the collection does not exist.</summary>
    public ValueTask<Schema> SchemaAsync(CancellationToken cancellationToken = default) => _database.SchemaAsync(Name, cancellationToken);

    /// <summary>The record by that id, or null when there is none.</summary>
    public ValueTask<Record?> GetAsync(string id, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Operation.RunAsync(System, "get", Name, (this, id), static (s, ct) => s.Item1._records.ReadAsync(s.Item1.Name, s.id, ct), cancellationToken);
    }

    /// <summary>The record by that id.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.NotFound"/>: there is none.</exception>
    public async ValueTask<Record> GetRequiredAsync(string id, CancellationToken cancellationToken = default) =>
        await GetAsync(id, cancellationToken).ConfigureAwait(false)
        ?? throw new BasaltException(ErrorCode.NotFound, $"There is no record '{id}' in '{Name}'.") { Backend = System, Operation = "get", Target = Name };

    /// <summary>The records by those ids, at the ids' positions; null where there is none.</summary>
    public ValueTask<IReadOnlyList<Record?>> GetManyAsync(IReadOnlyList<string> ids, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return Operation.RunAsync(System, "get_many", Name, (this, ids), static (s, ct) => s.Item1._records.ReadManyAsync(s.Item1.Name, s.ids, ct), cancellationToken);
    }

    /// <summary>Adds a record. Its id is the record's own, else the value of the declared id field, else minted (UUIDv7, ascending).</summary>
    /// <returns>The record as stored, with id, version and timestamps.</returns>
    /// <exception cref="BasaltException"><see cref="ErrorCode.AlreadyExists"/>, or <see cref="ErrorCode.InvalidRecord"/> when it breaks the schema.</exception>
    public ValueTask<Record> CreateAsync(Record record, CancellationToken cancellationToken = default) =>
        Operation.RunAsync(System, "create", Name, (this, record), static async (s, ct) =>
            (await s.Item1.WriteOneAsync(WriteKind.Create, s.record, null, ct).ConfigureAwait(false))!, cancellationToken);

    /// <summary>Replaces a record whole.</summary>
    /// <param name="record">The record, with its id.</param>
    /// <param name="ifVersion">When given: only if the stored record has this version.</param>
    /// <param name="cancellationToken">Ends the wait; the write may still happen.</param>
    /// <returns>The record as stored, or null when there is none by that id.</returns>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Conflict"/>, or <see cref="ErrorCode.InvalidRecord"/>.</exception>
    public ValueTask<Record?> UpdateAsync(Record record, long? ifVersion = null, CancellationToken cancellationToken = default) =>
        Operation.RunAsync(System, "update", Name, (this, record, ifVersion), static (s, ct) => s.Item1.WriteOneAsync(WriteKind.Update, s.record, s.ifVersion, ct), cancellationToken);

    /// <summary>Adds a record or replaces it whole. With <paramref name="ifVersion"/> 0 only if there is none.</summary>
    /// <inheritdoc cref="UpdateAsync"/>
    public ValueTask<Record> UpsertAsync(Record record, long? ifVersion = null, CancellationToken cancellationToken = default) =>
        Operation.RunAsync(System, "upsert", Name, (this, record, ifVersion), static async (s, ct) =>
            (await s.Item1.WriteOneAsync(WriteKind.Upsert, s.record, s.ifVersion, ct).ConfigureAwait(false))!, cancellationToken);

    /// <summary>Removes a record; false when there is none.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Conflict"/>: the stored version is not <paramref name="ifVersion"/>.</exception>
    public ValueTask<bool> DeleteAsync(string id, long? ifVersion = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        return Operation.RunAsync(System, "delete", Name, (this, id, ifVersion), static (s, ct) => s.Item1.DeleteCoreAsync(s.id, s.ifVersion, ct), cancellationToken);
    }

    /// <summary>Changes what the patch names, atomically: a concurrent write makes it start over from what is then there.</summary>
    /// <returns>The record as stored, or null when there is none by that id.</returns>
    /// <exception cref="BasaltException"><see cref="ErrorCode.Conflict"/>: the version is not <paramref name="ifVersion"/>, or 16 attempts met other writers.</exception>
    public ValueTask<Record?> PatchAsync(string id, Patch patch, long? ifVersion = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(patch);
        return Operation.RunAsync(System, "patch", Name, (this, id, patch, ifVersion), static (s, ct) => s.Item1.PatchCoreAsync(s.id, s.patch, s.ifVersion, ct), cancellationToken);
    }

    private async ValueTask<Record?> WriteOneAsync(WriteKind kind, Record record, long? ifVersion, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(record);
        var schema = await SchemaAsync(cancellationToken).ConfigureAwait(false);
        var prepared = Admission.Admit(record, kind, schema, _database);
        if (prepared.Problem is { } problem) throw Fault(ErrorCode.InvalidRecord, problem, prepared.Record.Id);
        if (await HasNothingToChangeAsync(kind, cancellationToken).ConfigureAwait(false)) return null;
        var outcome = await WriteAsync(new Write(kind, prepared.Record, ifVersion), cancellationToken).ConfigureAwait(false);
        return outcome.Status switch
        {
            WriteStatus.Done => outcome.Stored,
            WriteStatus.NotFound => null,
            _ => throw Fault(outcome.Status, prepared.Record.Id),
        };
    }

    private async ValueTask<bool> DeleteCoreAsync(string id, long? ifVersion, CancellationToken cancellationToken)
    {
        if (await HasNothingToChangeAsync(WriteKind.Delete, cancellationToken).ConfigureAwait(false)) return false;
        var outcome = await WriteAsync(new Write(WriteKind.Delete, new Record { Id = id }, ifVersion), cancellationToken).ConfigureAwait(false);
        return outcome.Status switch
        {
            WriteStatus.Done => true,
            WriteStatus.NotFound => false,
            _ => throw Fault(outcome.Status, id),
        };
    }

    private async ValueTask<Record?> PatchCoreAsync(string id, Patch patch, long? ifVersion, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var current = await _records.ReadAsync(Name, id, cancellationToken).ConfigureAwait(false);
            if (current is null) return null;
            if (ifVersion is { } expected && expected != current.Version) throw Fault(WriteStatus.Conflict, id);
            try
            {
                return await WriteOneAsync(WriteKind.Update, patch.Apply(current), current.Version, cancellationToken).ConfigureAwait(false);
            }
            catch (BasaltException e) when (e.Code == ErrorCode.Conflict && ifVersion is null && attempt < MaxAttempts)
            {
                // Somebody wrote in between: once more from what is there.
            }
        }
    }

    /// <summary>Whether a change of existing records meets no collection: it must not bring one into being. A transaction knows its own collections.</summary>
    private ValueTask<bool> HasNothingToChangeAsync(WriteKind kind, CancellationToken cancellationToken) =>
        kind is WriteKind.Update or WriteKind.Delete && ReferenceEquals(_records, _database.Backend) ? _database.IsMissingAsync(Name, cancellationToken) : ValueTask.FromResult(false);

    private async ValueTask<WriteOutcome> WriteAsync(Write write, CancellationToken cancellationToken)
    {
        var batch = new WriteBatch([write], OnFailure.Continue, _database.Options.TimeProvider.GetUtcNow());
        var outcomes = await _records.WriteAsync(Name, batch, cancellationToken).ConfigureAwait(false);
        return outcomes[0];
    }

    private BasaltException Fault(WriteStatus status, string id) => status switch
    {
        WriteStatus.AlreadyExists => Fault(ErrorCode.AlreadyExists, $"The record '{id}' exists already in '{Name}'.", id),
        WriteStatus.NotFound => Fault(ErrorCode.NotFound, $"There is no record '{id}' in '{Name}'.", id),
        WriteStatus.Conflict => Fault(ErrorCode.Conflict, $"The record '{id}' in '{Name}' has another version than expected; read it again.", id),
        _ => Fault(ErrorCode.Unexpected, $"The record '{id}' was not written to '{Name}'.", id),
    };

    private BasaltException Fault(ErrorCode code, string message, string id) => new(code, message) { Backend = System, Target = $"{Name}/{id}" };

    /// <summary>Refuses paths that a closed schema does not declare.</summary>
    private void RequireKnown(Schema schema, IEnumerable<FieldPath> paths, string where)
    {
        foreach (var path in paths)
        {
            if (schema.Knows(path)) continue;
            var nearest = schema.Suggest(path);
            var hint = nearest is null ? $"its fields are {string.Join(", ", schema.Fields.Select(static f => f.Name))}" : $"did you mean '{nearest}'?";
            throw new BasaltException(ErrorCode.InvalidQuery, $"The {where} names '{path}', which '{Name}' does not declare; {hint}") { Backend = System, Target = Name };
        }
    }

    private void RequireKnown(Schema schema, Query query)
    {
        RequireKnown(schema, QueryPlanner.Leaves(query.Filter).Select(static leaf => leaf.Path), "filter");
        RequireKnown(schema, query.Sort.Select(static key => key.Path), "sort");
        if (query.Fields is not null) RequireKnown(schema, query.Fields, "projection");
    }
}
