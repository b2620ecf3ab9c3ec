namespace Basalt.Indexes;

/// <summary>What an index answers.</summary>
public enum IndexKind
{
    /// <summary>Comparisons of a field with values: equality, ranges, patterns, null.</summary>
    Scalar,

    /// <summary>Words, phrases and prefixes in a text field, ranked by relevance.</summary>
    Text,

    /// <summary>The vectors of a field that are nearest to one.</summary>
    Vector,
}
