using Basalt.Filters;

namespace Basalt.Queries;

/// <summary>A path to sort by. Ascending puts nulls first; descending is the exact reverse.</summary>
/// <param name="Path">What to sort by.</param>
/// <param name="Descending">Whether the greatest comes first.</param>
public sealed record SortKey(FieldPath Path, bool Descending = false)
{
    /// <summary>A key from its text: a path, with a hyphen in front for descending (<c>-year</c>).</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>: the text is not a path.</exception>
    public static SortKey Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.StartsWith('-') ? new SortKey(FieldPath.Parse(text[1..]), true) : new SortKey(FieldPath.Parse(text));
    }

    /// <inheritdoc/>
    public override string ToString() => Descending ? "-" + Path : Path.ToString();
}
