using Basalt.Records;

namespace Basalt.Schemas;

/// <summary>
/// One declared field: its type and constraints. Immutable; compared by structure. Constraints hold for non-null values; only
/// <see cref="IsRequired"/> speaks about null. A <see cref="Schema"/> checks its fields when it is made.
/// </summary>
public sealed record Field
{
    /// <summary>A field without a name, as the element of a list is.</summary>
    public Field()
    {
    }

    /// <summary>A field of that name and type.</summary>
    public Field(string name, FieldType type = FieldType.Any)
    {
        ArgumentNullException.ThrowIfNull(name);
        Name = name;
        Type = type;
    }

    /// <summary>The name, case-sensitive; unique among its siblings.</summary>
    public string Name { get; init; } = "";

    /// <summary>What the field holds; any value by default.</summary>
    public FieldType Type { get; init; }

    /// <summary>Whether the value must be there and not be null; false by default.</summary>
    public bool IsRequired { get; init; }

    /// <summary>The number of components of a vector, or null for any number.</summary>
    public int? Dimension { get; init; }

    /// <summary>What each item of a list must be, or null for anything. Its name is not used.</summary>
    public Field? Element { get; init; }

    /// <summary>The fields of a map, or null for a map of anything. They are open or closed as the schema is.</summary>
    public IReadOnlyList<Field>? Fields { get; init; }

    /// <summary>The smallest allowed number, date-time or text (by code point), itself allowed.</summary>
    public Value? Min { get; init; }

    /// <summary>The greatest allowed number, date-time or text (by code point), itself allowed.</summary>
    public Value? Max { get; init; }

    /// <summary>The least length: of text in code points, of bytes, of a list in items.</summary>
    public int? MinLength { get; init; }

    /// <summary>The greatest length: of text in code points, of bytes, of a list in items.</summary>
    public int? MaxLength { get; init; }

    /// <summary>
    /// A regular expression that the whole text must match, case-sensitive and without culture. It runs in time linear in the text,
    /// so look-around, back-references and atomic groups are refused.
    /// </summary>
    public string? Pattern { get; init; }

    /// <summary>The allowed values, or null for all.</summary>
    public IReadOnlyList<Value>? OneOf { get; init; }

    /// <summary>Whether the text must have the form of an e-mail address.</summary>
    public bool IsEmail { get; init; }

    /// <summary>Whether no two records of one batch may share a value; nulls never clash. See <see cref="BatchUniqueness"/>.</summary>
    public bool IsUnique { get; init; }

    /// <summary>The value that a missing field gets on write, or null for none. A null that is written stays null.</summary>
    public Value? Default { get; init; }

    /// <summary>What the field means, for people.</summary>
    public string? Description { get; init; }

    /// <summary>
    /// A constraint of the program's own: null when the value is fine, else why not. Called with non-null values of the declared type,
    /// from any thread. It has no form in JSON.
    /// </summary>
    public Func<Value, string?>? Check { get; init; }

    /// <summary>Whether both declare the same, value by value and of the same kinds.</summary>
    public bool Equals(Field? other) =>
        other is not null && Name == other.Name && Type == other.Type && IsRequired == other.IsRequired && Dimension == other.Dimension
        && Equals(Element, other.Element) && AreSame(Fields, other.Fields, static (a, b) => a.Equals(b))
        && AreSame(Min, other.Min) && AreSame(Max, other.Max) && MinLength == other.MinLength && MaxLength == other.MaxLength
        && Pattern == other.Pattern && AreSame(OneOf, other.OneOf, static (a, b) => AreSame(a, b)) && IsEmail == other.IsEmail
        && IsUnique == other.IsUnique && AreSame(Default, other.Default) && Description == other.Description && Equals(Check, other.Check);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Type, IsRequired, Dimension, Min, Max, Pattern, Default);

    private static bool AreSame(Value? left, Value? right) =>
        left.HasValue == right.HasValue && (left is not { } a || (a.Kind == right!.Value.Kind && a.Equals(right.Value)));

    private static bool AreSame<T>(IReadOnlyList<T>? left, IReadOnlyList<T>? right, Func<T, T, bool> same) =>
        ReferenceEquals(left, right)
        || (left is not null && right is not null && left.Count == right.Count && left.Zip(right).All(pair => same(pair.First, pair.Second)));
}
