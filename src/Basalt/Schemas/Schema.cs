using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>
/// The declared fields of a collection: their types, constraints and defaults. Immutable, compared by structure, safe to share between threads.
/// </summary>
/// <remarks>
/// A schema proves itself when it is made: its bounds, allowed values and defaults are converted to the type of their field and must
/// satisfy its constraints. An open schema takes undeclared fields as they are.
/// </remarks>
public sealed class Schema : IEquatable<Schema>
{
    private static readonly TimeSpan LongestTimeToLive = TimeSpan.FromDays(36_500);
    private readonly FieldSet _fields;

    /// <summary>A schema of the given fields.</summary>
    /// <param name="fields">The declared fields, in order.</param>
    /// <param name="idField">The field whose value is the record's id when the record has none of its own, or null.</param>
    /// <param name="isOpen">Whether undeclared fields are allowed, in nested maps too.</param>
    /// <param name="timeToLive">How long a record lives from its last whole write on, unless it says itself when it expires: 1 ms to 100 years, or null for good.</param>
    /// <exception cref="ArgumentException">The declarations contradict themselves; the message names the field.</exception>
    public Schema(IEnumerable<Field> fields, string? idField = null, bool isOpen = true, TimeSpan? timeToLive = null)
    {
        ArgumentNullException.ThrowIfNull(fields);
        if (timeToLive is { } lifetime && (lifetime < TimeSpan.FromMilliseconds(1) || lifetime > LongestTimeToLive)) throw new ArgumentException($"A time to live is 1 ms to {DurationText.Format(LongestTimeToLive)}, not {lifetime}.", nameof(timeToLive));
        TimeToLive = timeToLive;
        IdField = idField;
        IsOpen = isOpen;
        _fields = FieldDeclaration.Prove([.. fields], isOpen);
        if (idField is not null) FieldDeclaration.ProveId(this, idField);
    }

    /// <summary>No declared field; takes every record.</summary>
    public static Schema Any { get; } = new([]);

    /// <summary>The declared fields, in order, with bounds and defaults in the type of their field.</summary>
    public IReadOnlyList<Field> Fields => _fields.Fields;

    /// <summary>The field whose value is the record's id when the record has none of its own, or null.</summary>
    public string? IdField { get; }

    /// <summary>Whether undeclared fields are allowed.</summary>
    public bool IsOpen { get; }

    /// <summary>
    /// How long a record lives that is written whole without an instant of its own; null: for good. A patch, which changes what it names, leaves the instant as it is.
    /// Only where <see cref="Backends.Capabilities.Expiry"/> is declared.
    /// </summary>
    public TimeSpan? TimeToLive { get; }

    /// <summary>The field of that name, or null when it is not declared.</summary>
    public Field? this[string name] => _fields.Find(name)?.Field;

    /// <summary>The field at that path, or null when it is not declared, or not in the fields of a record at all.</summary>
    public Field? Resolve(FieldPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Part != RecordPart.Fields) return null;
        var fields = _fields;
        FieldRule? rule = null;
        foreach (var name in path.Segments)
        {
            rule = fields?.Find(name);
            if (rule is null) return null;
            fields = rule.Fields;
        }

        return rule?.Field;
    }

    /// <summary>
    /// Whether a record of this schema can have a value at that path. False only where it surely cannot: an undeclared name in a
    /// closed schema, or a name inside of what is not a map.
    /// </summary>
    public bool Knows(FieldPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return path.Part != RecordPart.Fields || UnknownSegment(path) < 0;
    }

    /// <summary>The declared path that someone who wrote this unknown path probably meant, or null when none is near.</summary>
    public FieldPath? Suggest(FieldPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Part != RecordPart.Fields) return null;
        var segments = path.Segments.ToArray();
        var fields = _fields;
        for (var i = 0; i < segments.Length; i++)
        {
            if (fields is null) return null;
            var rule = fields.Find(segments[i]);
            if (rule is null)
            {
                if (fields.Nearest(segments[i]) is not { } nearest) return null;
                segments[i] = nearest;
                rule = fields.Find(nearest);
            }

            fields = rule!.Fields;
        }

        var suggestion = FieldPath.Of(segments);
        return suggestion.Equals(path) ? null : suggestion;
    }

    /// <summary>This schema with that field replaced in its place, or added at the end.</summary>
    /// <exception cref="ArgumentException">The field contradicts itself.</exception>
    public Schema With(Field field)
    {
        ArgumentNullException.ThrowIfNull(field);
        var fields = Fields.ToList();
        var at = fields.FindIndex(f => f.Name == field.Name);
        if (at < 0) fields.Add(field);
        else fields[at] = field;
        return new Schema(fields, IdField, IsOpen, TimeToLive);
    }

    /// <summary>What <see cref="Conform"/> refuses in this record in strict mode; empty when it can be written.</summary>
    public IReadOnlyList<Violation> Validate(Record record)
    {
        var violations = new List<Violation>();
        Conform(record, Validation.Strict, violations);
        return violations;
    }

    /// <summary>
    /// The record as the schema has it: missing fields get their defaults, values the declared types. Returns the very same record when
    /// nothing changes, and then allocates nothing. The given record is never changed.
    /// </summary>
    /// <param name="record">The record to write.</param>
    /// <param name="mode">Which conversions are allowed.</param>
    /// <param name="violations">
    /// Receives what is wrong. When anything was added, the returned record must not be written. A required id field is satisfied by
    /// the record's own id.
    /// </param>
    public Record Conform(Record record, Validation mode, ICollection<Violation> violations)
    {
        ArgumentNullException.ThrowIfNull(record);
        ArgumentNullException.ThrowIfNull(violations);
        if (!Enum.IsDefined(mode)) throw new ArgumentOutOfRangeException(nameof(mode));
        var conforming = new Conforming(mode, IsOpen, record.Id.Length > 0 ? IdField : null);
        var fields = conforming.Conform(_fields, record.Fields);
        if (conforming.Violations is { } found)
            foreach (var violation in found) violations.Add(violation);
        return ReferenceEquals(fields, record.Fields) ? record : record with { Fields = fields };
    }

    /// <summary>Whether both declare the same.</summary>
    public bool Equals(Schema? other) =>
        other is not null && IsOpen == other.IsOpen && IdField == other.IdField && TimeToLive == other.TimeToLive && Fields.SequenceEqual(other.Fields);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Schema);

    /// <inheritdoc/>
    public override int GetHashCode() => Fields.Aggregate(HashCode.Combine(IsOpen, IdField, TimeToLive), HashCode.Combine);

    internal FieldSet Rules => _fields;

    private int UnknownSegment(FieldPath path)
    {
        var fields = _fields;
        for (var i = 0; i < path.Segments.Count; i++)
        {
            var rule = fields.Find(path.Segments[i]);
            if (rule is null) return IsOpen ? -1 : i;
            if (i == path.Segments.Count - 1) return -1;
            if (rule.Field.Type is not (FieldType.Map or FieldType.Any)) return i + 1;
            if (rule.Fields is null) return -1;
            fields = rule.Fields;
        }

        return -1;
    }
}
