using Basalt.Filters;

namespace Basalt.Search;

/// <summary>
/// What to search for: a vector, or text, or both, among the records that satisfy a filter. Immutable. Both together are a hybrid search: the two rankings are
/// fused by reciprocal ranks (Cormack, Clarke and Buettcher 2009), or by weights when they are given.
/// </summary>
public sealed record SearchRequest
{
    /// <summary>The vector that results are near to; null for none.</summary>
    public ReadOnlyMemory<float>? Vector { get; init; }

    /// <summary>The id of a record whose vector is searched for; it is itself no result. Null for none.</summary>
    public string? Like { get; init; }

    /// <summary>The text that results are about; null for none. Words, <c>"phrases"</c>, <c>prefix*</c>, <c>typo~</c>, <c>+required</c>, <c>-excluded</c>.</summary>
    public string? Text { get; init; }

    /// <summary>
    /// How many typos are forgiven in words of <see cref="Text"/> without a <c>~</c> of their own, 0 to 2, default 0: at most one in words of 4 to 7 characters, and none in shorter ones, in
    /// words with a digit, in prefixes and in phrases.
    /// </summary>
    public int Typos { get; init; }

    /// <summary>The field of the vectors; null where the collection has one vector index.</summary>
    public FieldPath? VectorField { get; init; }

    /// <summary>The field of the text; null where the collection has one text index.</summary>
    public FieldPath? TextField { get; init; }

    /// <summary>At most so many results: 0 to 100,000, default 10. There are fewer only when fewer records match.</summary>
    public int K { get; init; } = 10;

    /// <summary>The condition that every result satisfies.</summary>
    public Filter Filter { get; init; } = Filter.True;

    /// <summary>Whether every vector that passes is measured, so that the answer is exact.</summary>
    public bool IsExact { get; init; }

    /// <summary>Candidates that a graph keeps while it is walked (ef); null for the usual number.</summary>
    public int? Effort { get; init; }

    /// <summary>Only vectors at most so far away; null for any distance. Then all of them are results, up to <see cref="K"/>.</summary>
    public float? MaxDistance { get; init; }

    /// <summary>
    /// 0 to 1: results are chosen to be near to the query and unlike each other (maximal marginal relevance, Carbonell and Goldstein 1998), with this weight on nearness. Null to rank by
    /// nearness alone.
    /// </summary>
    public double? Diversity { get; init; }

    /// <summary>At most one result for each value at this path, the best; null for no grouping.</summary>
    public FieldPath? GroupBy { get; init; }

    /// <summary>Weights of vector and text in a hybrid search, by normalised scores; null to fuse by ranks.</summary>
    public (double Vector, double Text)? Weights { get; init; }

    /// <summary>The fields to return, or null for all.</summary>
    public IReadOnlyList<FieldPath>? Fields { get; init; }

    internal bool IsByVector => Vector is not null || Like is not null;

    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>: the message says what cannot be meant.</exception>
    internal void Validate()
    {
        if (!IsByVector && Text is null) throw Invalid("A search needs a vector, an example or a text.");
        if (Vector is not null && Like is not null) throw Invalid("A search is by a vector or by an example, not by both.");
        if (Typos is < 0 or > 2) throw Invalid($"A search forgives 0 to 2 typos in a word, not {Typos}.");
        if (Typos > 0 && Text is null) throw Invalid("Typos are forgiven in a search by text.");
        if (K is < 0 or > 100_000) throw Invalid($"A search takes a k of 0 to 100000, not {K}.");
        if (Effort is <= 0 or > 1_000_000) throw Invalid($"The effort of a search is 1 to 1000000, not {Effort}.");
        if (MaxDistance is { } far && (float.IsNaN(far) || !IsByVector)) throw Invalid("A largest distance is a number, for a search by vector.");
        if (Diversity is not (null or (>= 0 and <= 1))) throw Invalid($"Diversity weighs nearness by 0 to 1, not {Diversity}.");
        if (Diversity is not null && !IsByVector) throw Invalid("Diversity is for a search by vector.");
        if (Weights is { } weights)
        {
            if (!IsByVector || Text is null) throw Invalid("Weights are for a search by vector and text together.");
            if (!(weights.Vector >= 0) || !(weights.Text >= 0) || !(weights.Vector + weights.Text > 0) || double.IsInfinity(weights.Vector + weights.Text)) throw Invalid("The weights of a search are 0 or more, and not both 0.");
        }
    }

    internal static BasaltException Invalid(string message) => new(ErrorCode.InvalidQuery, message);
}
