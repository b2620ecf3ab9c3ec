using Basalt.Records;

namespace Basalt.Filters;

/// <summary>A condition on the value at one path. A backend is asked for its support leaf by leaf.</summary>
public abstract class LeafFilter : Filter
{
    private protected LeafFilter(FieldPath path)
    {
        ArgumentNullException.ThrowIfNull(path);
        Path = path;
    }

    /// <summary>Where the value is.</summary>
    public FieldPath Path { get; }

    /// <summary>Whether the value satisfies the condition; a missing value is tested as null.</summary>
    public abstract bool Test(Value value);

    /// <inheritdoc/>
    public sealed override bool Matches(Record record) => Test(Path.Resolve(record));

    private protected static Value RefuseNull(Value value) => value.IsNull
        ? throw new BasaltException(ErrorCode.InvalidQuery, "Comparing with null never matches; use 'is null' or 'is not null'.")
        : value;

    private protected static string RequireText(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Text.RequireWellFormed(text, nameof(text));
        return text;
    }
}

/// <summary>How a <see cref="CompareFilter"/> compares.</summary>
public enum Comparison
{
    /// <summary>The same value.</summary>
    Equal,

    /// <summary>A value, and another one; values of different types differ.</summary>
    NotEqual,

    /// <summary>Smaller, and of the same type.</summary>
    Less,

    /// <summary>Smaller or the same, and of the same type.</summary>
    LessOrEqual,

    /// <summary>Greater, and of the same type.</summary>
    Greater,

    /// <summary>Greater or the same, and of the same type.</summary>
    GreaterOrEqual,
}

/// <summary>Compares with a literal. False on null; the ordering comparisons are false across types.</summary>
public sealed class CompareFilter : LeafFilter
{
    /// <summary>A comparison.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>: the literal is null.</exception>
    public CompareFilter(FieldPath path, Comparison comparison, Value literal)
        : base(path)
    {
        if (!Enum.IsDefined(comparison)) throw new ArgumentOutOfRangeException(nameof(comparison));
        Comparison = comparison;
        Literal = RefuseNull(literal);
    }

    /// <summary>How it compares.</summary>
    public Comparison Comparison { get; }

    /// <summary>What it compares with.</summary>
    public Value Literal { get; }

    /// <inheritdoc/>
    public override bool Test(Value value)
    {
        if (value.IsNull) return false;
        if (Comparison == Comparison.Equal) return value.Equals(Literal);
        if (Comparison == Comparison.NotEqual) return !value.Equals(Literal);
        if (!value.IsComparableTo(Literal)) return false;
        var order = value.CompareTo(Literal);
        return Comparison switch
        {
            Comparison.Less => order < 0,
            Comparison.LessOrEqual => order <= 0,
            Comparison.Greater => order > 0,
            _ => order >= 0,
        };
    }

    /// <inheritdoc/>
    public override bool Equals(Filter? other) =>
        other is CompareFilter compare && compare.Comparison == Comparison && compare.Path.Equals(Path) && Literals.AreSame(compare.Literal, Literal);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Path, Comparison, Literal);
}

/// <summary>Whether the value is one of a set. The negated form holds for every non-null value outside the set.</summary>
public sealed class InFilter : LeafFilter
{
    private readonly HashSet<Value> _set;

    /// <summary>A membership test.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>: null is among the values.</exception>
    public InFilter(FieldPath path, IEnumerable<Value> values, bool negated = false)
        : base(path)
    {
        ArgumentNullException.ThrowIfNull(values);
        var list = values.ToArray();
        foreach (var value in list) RefuseNull(value);
        Values = list;
        _set = [.. list];
        Negated = negated;
    }

    /// <summary>The set, as it was given.</summary>
    public IReadOnlyList<Value> Values { get; }

    /// <summary>Whether it is NOT IN.</summary>
    public bool Negated { get; }

    /// <inheritdoc/>
    public override bool Test(Value value) => !value.IsNull && _set.Contains(value) != Negated;

    /// <inheritdoc/>
    public override bool Equals(Filter? other) =>
        other is InFilter filter && filter.Negated == Negated && filter.Path.Equals(Path)
        && filter.Values.Count == Values.Count && filter.Values.Zip(Values).All(static p => Literals.AreSame(p.First, p.Second));

    /// <inheritdoc/>
    public override int GetHashCode() => Values.Aggregate(HashCode.Combine(Path, Negated), HashCode.Combine);
}

/// <summary>Whether the value lies between two bounds, both included. Reversed bounds match nothing; another type never matches.</summary>
public sealed class BetweenFilter : LeafFilter
{
    /// <summary>A range test.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>: a bound is null, or the bounds are of different types.</exception>
    public BetweenFilter(FieldPath path, Value low, Value high, bool negated = false)
        : base(path)
    {
        Low = RefuseNull(low);
        High = RefuseNull(high);
        if (!low.IsComparableTo(high))
            throw new BasaltException(ErrorCode.InvalidQuery, $"The bounds of 'between' must be of one type, not {low.Kind} and {high.Kind}.");
        Negated = negated;
    }

    /// <summary>The smallest value that matches.</summary>
    public Value Low { get; }

    /// <summary>The greatest value that matches.</summary>
    public Value High { get; }

    /// <summary>Whether it is NOT BETWEEN: a value of the bounds' type outside of them.</summary>
    public bool Negated { get; }

    /// <inheritdoc/>
    public override bool Test(Value value) =>
        value.IsComparableTo(Low) && (value.CompareTo(Low) >= 0 && value.CompareTo(High) <= 0) != Negated;

    /// <inheritdoc/>
    public override bool Equals(Filter? other) =>
        other is BetweenFilter between && between.Negated == Negated && between.Path.Equals(Path)
        && Literals.AreSame(between.Low, Low) && Literals.AreSame(between.High, High);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Path, Low, High, Negated);
}

/// <summary>
/// Whether text matches a pattern as a whole: <c>%</c> is any run of characters, line breaks included, <c>_</c> is one character (code
/// point), and a backslash makes the next character literal. Non-text never matches, negated or not.
/// </summary>
public sealed class LikeFilter : LeafFilter
{
    private readonly LikePattern _pattern;

    /// <summary>A pattern test.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>: the pattern ends in a lone backslash.</exception>
    public LikeFilter(FieldPath path, string pattern, bool ignoreCase = false, bool negated = false)
        : base(path)
    {
        Pattern = RequireText(pattern);
        IgnoreCase = ignoreCase;
        Negated = negated;
        _pattern = new LikePattern(pattern, ignoreCase);
    }

    /// <summary>The pattern.</summary>
    public string Pattern { get; }

    /// <summary>Whether it is ILIKE: characters match by simple case mapping, without any culture.</summary>
    public bool IgnoreCase { get; }

    /// <summary>Whether it is NOT LIKE.</summary>
    public bool Negated { get; }

    /// <inheritdoc/>
    public override bool Test(Value value) => value.Kind == ValueKind.String && _pattern.IsMatch(value.AsString) != Negated;

    /// <inheritdoc/>
    public override bool Equals(Filter? other) =>
        other is LikeFilter like && like.Negated == Negated && like.IgnoreCase == IgnoreCase && like.Pattern == Pattern && like.Path.Equals(Path);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Path, Pattern, IgnoreCase, Negated);
}

/// <summary>Where a <see cref="TextFilter"/> looks for its text.</summary>
public enum TextPosition
{
    /// <summary>At the start.</summary>
    Start,

    /// <summary>At the end.</summary>
    End,

    /// <summary>Anywhere.</summary>
    Anywhere,
}

/// <summary>Whether text starts with, ends with or contains another, case-sensitive. Non-text never matches.</summary>
public sealed class TextFilter : LeafFilter
{
    /// <summary>A text test.</summary>
    public TextFilter(FieldPath path, TextPosition position, string text)
        : base(path)
    {
        if (!Enum.IsDefined(position)) throw new ArgumentOutOfRangeException(nameof(position));
        Position = position;
        Text = RequireText(text);
    }

    /// <summary>Where the text must be.</summary>
    public TextPosition Position { get; }

    /// <summary>The text to find.</summary>
    public string Text { get; }

    /// <inheritdoc/>
    public override bool Test(Value value) => value.Kind == ValueKind.String && Position switch
    {
        TextPosition.Start => value.AsString.StartsWith(Text, StringComparison.Ordinal),
        TextPosition.End => value.AsString.EndsWith(Text, StringComparison.Ordinal),
        _ => value.AsString.Contains(Text, StringComparison.Ordinal),
    };

    /// <inheritdoc/>
    public override bool Equals(Filter? other) => other is TextFilter text && text.Position == Position && text.Text == Text && text.Path.Equals(Path);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Path, Position, Text);
}

/// <summary>Whether a list holds given values. A value that is not a list never matches.</summary>
public sealed class HasFilter : LeafFilter
{
    /// <summary>A test of a list's items.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>: null is among the values.</exception>
    public HasFilter(FieldPath path, IEnumerable<Value> values, bool all)
        : base(path)
    {
        ArgumentNullException.ThrowIfNull(values);
        var list = values.ToArray();
        foreach (var value in list) RefuseNull(value);
        Values = list;
        All = all;
    }

    /// <summary>The values to find.</summary>
    public IReadOnlyList<Value> Values { get; }

    /// <summary>Whether all must be there, or any.</summary>
    public bool All { get; }

    /// <inheritdoc/>
    public override bool Test(Value value)
    {
        if (value.Kind != ValueKind.List) return false;
        foreach (var wanted in Values)
            if (value.AsList.Span.Contains(wanted) != All) return !All;
        return All;
    }

    /// <inheritdoc/>
    public override bool Equals(Filter? other) =>
        other is HasFilter has && has.All == All && has.Path.Equals(Path)
        && has.Values.Count == Values.Count && has.Values.Zip(Values).All(static p => Literals.AreSame(p.First, p.Second));

    /// <inheritdoc/>
    public override int GetHashCode() => Values.Aggregate(HashCode.Combine(Path, All), HashCode.Combine);
}

/// <summary>Whether the value is null or missing, or, negated, neither.</summary>
public sealed class NullFilter : LeafFilter
{
    /// <summary>A null test.</summary>
    public NullFilter(FieldPath path, bool negated = false)
        : base(path) => Negated = negated;

    /// <summary>Whether it is IS NOT NULL.</summary>
    public bool Negated { get; }

    /// <inheritdoc/>
    public override bool Test(Value value) => value.IsNull != Negated;

    /// <inheritdoc/>
    public override bool Equals(Filter? other) => other is NullFilter filter && filter.Negated == Negated && filter.Path.Equals(Path);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Path, Negated);
}

/// <summary>Structural sameness of literals: equal and of one kind, so that 1 and 1.0 are two filters that match alike.</summary>
internal static class Literals
{
    public static bool AreSame(Value left, Value right) => left.Kind == right.Kind && left.Equals(right);
}
