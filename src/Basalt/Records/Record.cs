namespace Basalt.Records;

/// <summary>
/// What a collection holds: an id, fields, metadata, and what the store adds (version and timestamps).
/// Immutable and safe to share between threads; a store never changes the record that it was given.
/// </summary>
/// <example><code>var film = new Record { ["title"] = "Alien", ["year"] = 1979 };</code></example>
public sealed record Record
{
    private readonly ValueMap _fields = ValueMap.Empty;

    // What _fields holds, one step nearer: a filter over many records is bound by the memory that it waits for.
    private readonly Shape _shape = Shape.Empty;
    private readonly Value[] _values = [];
    private readonly ValueMap _metadata = ValueMap.Empty;
    private readonly string _id = "";
    private readonly long _expires;

    /// <summary>A record without fields.</summary>
    public Record()
    {
    }

    /// <summary>A record of the given fields.</summary>
    public Record(ValueMap fields)
    {
        ArgumentNullException.ThrowIfNull(fields);
        Fields = fields;
    }

    /// <summary>A record of the given id and fields.</summary>
    public Record(string id, ValueMap fields)
        : this(fields) => Id = id;

    /// <summary>
    /// The id, unique within its collection. Empty until a store resolves it: from the declared id field, else minted.
    /// At most <see cref="MaxIdBytes"/> bytes of UTF-8.
    /// </summary>
    /// <exception cref="ArgumentException">The id is not well-formed Unicode or is too long.</exception>
    public string Id
    {
        get => _id;
        init => _id = RecordId.Require(value);
    }

    /// <summary>The longest id, in bytes of UTF-8: an id must fit the key of every backend.</summary>
    public const int MaxIdBytes = 512;

    /// <summary>Set by the store at every write, and never reused within a collection; 0 for a record that was not stored.</summary>
    public long Version { get; init; }

    /// <summary>When the store first wrote the record.</summary>
    public DateTimeOffset Created { get; init; }

    /// <summary>When the store last wrote the record.</summary>
    public DateTimeOffset Updated { get; init; }

    /// <summary>
    /// From when on the record is as if it had been deleted, in UTC and cut to the millisecond; null: never, or, of a record that is to be written, when its
    /// collection's <see cref="Schemas.Schema.TimeToLive"/> says. Only where <see cref="Backends.Capabilities.Expiry"/> is declared.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">It is not after the beginning of 1970.</exception>
    public DateTimeOffset? Expires
    {
        get => _expires == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(_expires);
        init => _expires = value is not { } time ? 0 : time.ToUnixTimeMilliseconds() is > 0 and var milliseconds ? milliseconds : throw new ArgumentOutOfRangeException(nameof(value), time, "A record expires after the beginning of 1970.");
    }

    /// <summary><see cref="Expires"/> in milliseconds since 1970; zero: never.</summary>
    internal long ExpiresAt => _expires;

    /// <summary>Whether it has expired by a time in milliseconds since 1970.</summary>
    internal bool IsExpired(long now) => _expires != 0 && _expires <= now;

    /// <summary>The fields.</summary>
    public ValueMap Fields
    {
        get => _fields;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            _fields = value;
            _shape = value.Shape;
            _values = value.RawValues;
        }
    }

    internal Shape Shape => _shape;

    internal Value[] Values => _values;

    /// <summary>Annotations that travel with the record and are not part of its schema.</summary>
    public ValueMap Metadata
    {
        get => _metadata;
        init => _metadata = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>A field's value, or the null value when there is no such field.</summary>
    public Value this[string name]
    {
        get => _fields[name];
        init => Fields = _fields.With(name, value);
    }

    /// <summary>Whether everything is equal: id, fields, metadata, expiry, version and timestamps.</summary>
    public bool Equals(Record? other) =>
        ReferenceEquals(this, other)
        || (other is not null && Version == other.Version && Created.EqualsExact(other.Created) && Updated.EqualsExact(other.Updated) && HasSameContent(other));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Id, Version, Fields);

    /// <summary>Whether id, fields, metadata and expiry are equal; version and timestamps are the store's business.</summary>
    public bool HasSameContent(Record other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Id == other.Id && _expires == other._expires && Fields.Equals(other.Fields) && Metadata.Equals(other.Metadata);
    }

    /// <summary>The record as one line of JSON, exact enough to read back.</summary>
    public override string ToString() => RecordJson.ToText(this);
}
