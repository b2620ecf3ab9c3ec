using System.Text;
using Basalt.Records;

namespace Basalt.Filters;

/// <summary>Which part of a record a path starts in.</summary>
public enum RecordPart
{
    /// <summary>The fields.</summary>
    Fields,

    /// <summary>The id, as text: <c>$id</c>.</summary>
    Id,

    /// <summary>The version, as int64: <c>$version</c>.</summary>
    Version,

    /// <summary>The time of creation: <c>$created</c>.</summary>
    Created,

    /// <summary>The time of the last write: <c>$updated</c>.</summary>
    Updated,

    /// <summary>When the record expires, null for never: <c>$expires</c>.</summary>
    Expires,

    /// <summary>The metadata: <c>$meta.name</c>.</summary>
    Metadata,
}

/// <summary>
/// The way to a value in a record. In text, dots nest into maps, and a name that is not a plain word is quoted:
/// <c>address."post code"</c>. The store's own properties start with <c>$</c>. Immutable.
/// </summary>
public sealed class FieldPath : IEquatable<FieldPath>
{
    private readonly string[] _segments;
    private string? _text;

    private FieldPath(RecordPart part, string[] segments)
    {
        Part = part;
        _segments = segments;
    }

    /// <summary>The record's id.</summary>
    public static FieldPath Id { get; } = new(RecordPart.Id, []);

    /// <summary>The record's version.</summary>
    public static FieldPath Version { get; } = new(RecordPart.Version, []);

    /// <summary>When the record was first written.</summary>
    public static FieldPath Created { get; } = new(RecordPart.Created, []);

    /// <summary>When the record was last written.</summary>
    public static FieldPath Updated { get; } = new(RecordPart.Updated, []);

    /// <summary>When the record expires.</summary>
    public static FieldPath Expires { get; } = new(RecordPart.Expires, []);

    /// <summary>Which part of the record the path starts in.</summary>
    public RecordPart Part { get; }

    /// <summary>The names on the way, outermost first; empty only for id, version and timestamps.</summary>
    public IReadOnlyList<string> Segments => _segments;

    /// <summary>The path to a field, each name taken literally: dots and quotes in it mean themselves.</summary>
    /// <exception cref="ArgumentException">There is no name, or one has an unpaired surrogate.</exception>
    public static FieldPath Of(params string[] segments) => Of(RecordPart.Fields, segments);

    /// <summary>The path into the metadata, each name taken literally.</summary>
    public static FieldPath OfMetadata(params string[] segments) => Of(RecordPart.Metadata, segments);

    /// <summary>A path from its text, such as <c>year</c>, <c>address.city</c>, <c>"post code"</c> or <c>$updated</c>.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>: the text is not a path.</exception>
    public static FieldPath Parse(string text) => FilterText.ParsePath(text);

    /// <summary>A path from its text.</summary>
    public static implicit operator FieldPath(string text) => Parse(text);

    /// <summary>The value at this path, or null when any part of the way is missing.</summary>
    public Value Resolve(Record record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return Part switch
        {
            RecordPart.Fields => Resolve(record.Fields, 0),
            RecordPart.Metadata => Resolve(record.Metadata, 0),
            RecordPart.Id => record.Id,
            RecordPart.Version => record.Version,
            RecordPart.Created => record.Created,
            RecordPart.Updated => record.Updated,
            RecordPart.Expires => record.Expires is { } expires ? expires : default(Value),
            _ => throw new InvalidOperationException($"No such part: {Part}."),
        };
    }

    internal Value Resolve(ValueMap map, int from)
    {
        for (var i = from; i < _segments.Length - 1; i++)
        {
            var step = map[_segments[i]];
            if (step.Kind != ValueKind.Map) return default;
            map = step.AsMap;
        }

        return map[_segments[^1]];
    }

    /// <summary>The path in the syntax that <see cref="Parse"/> reads.</summary>
    public override string ToString() => _text ??= Print();

    /// <inheritdoc/>
    public bool Equals(FieldPath? other) => other is not null && Part == other.Part && _segments.AsSpan().SequenceEqual(other._segments);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FieldPath);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Part);
        foreach (var segment in _segments) hash.Add(segment);
        return hash.ToHashCode();
    }

    private static FieldPath Of(RecordPart part, string[] segments)
    {
        ArgumentNullException.ThrowIfNull(segments);
        if (segments.Length == 0) throw new ArgumentException("A path has at least one name.", nameof(segments));
        foreach (var segment in segments)
        {
            ArgumentNullException.ThrowIfNull(segment, nameof(segments));
            Text.RequireWellFormed(segment, nameof(segments));
        }

        return new FieldPath(part, [.. segments]);
    }

    private string Print()
    {
        var text = new StringBuilder(Part switch
        {
            RecordPart.Id => "$id",
            RecordPart.Version => "$version",
            RecordPart.Created => "$created",
            RecordPart.Updated => "$updated",
            RecordPart.Expires => "$expires",
            RecordPart.Metadata => "$meta",
            _ => "",
        });
        foreach (var segment in _segments)
        {
            if (text.Length > 0) text.Append('.');
            text.Append(FilterText.PrintName(segment));
        }

        return text.ToString();
    }
}
