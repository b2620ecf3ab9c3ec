using System.Linq.Expressions;
using Basalt.Records;

namespace Basalt.Filters;

/// <summary>
/// A condition on a record: a closed algebra. <see cref="Matches"/> defines what it means, on every backend. Immutable, compared by
/// structure, safe to share between threads.
/// </summary>
/// <remarks>
/// <para>Built in three ways: by operators (<c>Filter.Field("year") &gt;= 1990 &amp; Filter.Field("genre").In("Drama")</c>), from a LINQ
/// predicate (<see cref="Of{T}"/>), or from text (<see cref="Parse"/>).</para>
/// <para>Two-valued: every comparing leaf, the negated ones included, is false on a null or missing field; <c>!</c> is the exact complement.</para>
/// </remarks>
public abstract class Filter : IEquatable<Filter>
{
    private protected Filter()
    {
    }

    /// <summary>Matches every record.</summary>
    public static Filter True { get; } = new ConstantFilter(true);

    /// <summary>Matches no record.</summary>
    public static Filter False { get; } = new ConstantFilter(false);

    /// <summary>Whether the record satisfies the condition: the definition that every backend must reproduce.</summary>
    public abstract bool Matches(Record record);

    /// <summary>A field to compare: <c>Filter.Field("address.city") == "Rome"</c>.</summary>
    public static FilterOperand Field(FieldPath path) => new(path);

    /// <summary>The condition that a predicate on a mapped type states, such as <c>(Film f) =&gt; f.Year &gt;= 1990</c>.</summary>
    /// <remarks>
    /// <para>The meaning is that of filters and not of C#: on a null field every comparison is false, <c>f.Title != "Alien"</c> too, and <c>!</c> is
    /// the complement; numbers compare exactly by value, NaN equals NaN, and text is compared by code point.</para>
    /// <para>Understood: comparisons with constants and captured variables on either side, null tests, <c>HasValue</c> and <c>Value</c>, bool members,
    /// nested members, dictionary entries; of text <c>StartsWith</c>, <c>EndsWith</c>, <c>Contains</c>, <c>Equals</c> (ordinal, or ordinal ignoring case)
    /// and <c>IsNullOrEmpty</c>; <c>values.Contains(f.Member)</c>; of lists <c>f.Tags.Contains(v)</c>, <c>f.Tags.Any(t =&gt; t == v)</c>,
    /// <c>values.Any(f.Tags.Contains)</c> and <c>values.All(...)</c> written as lambdas. The id property is <c>$id</c>, an ordered integer id its field.</para>
    /// </remarks>
    /// <exception cref="NotSupportedException">The predicate uses something that has no equal in the algebra; the message names it.</exception>
    public static Filter Of<[System.Diagnostics.CodeAnalysis.DynamicallyAccessedMembers(Schemas.Mapping.Members)] T>(Expression<Func<T, bool>> predicate)
        where T : class
        => LinqFilter.Translate(predicate);

    /// <summary>A condition from text, such as <c>year &gt;= 1990 and genre in ('Drama', 'Comedy')</c>.</summary>
    /// <exception cref="BasaltException"><see cref="ErrorCode.InvalidQuery"/>: the text is malformed; the message points at the column.</exception>
    public static Filter Parse(string text) => FilterText.Parse(text);

    /// <summary>All of the conditions; <see cref="True"/> for none. Nested conjunctions are flattened, and constants decided.</summary>
    public static Filter And(params IEnumerable<Filter> filters) => AndFilter.Join(filters);

    /// <summary>Any of the conditions; <see cref="False"/> for none. Nested disjunctions are flattened, and constants decided.</summary>
    public static Filter Or(params IEnumerable<Filter> filters) => OrFilter.Join(filters);

    /// <summary>Both conditions.</summary>
    public static Filter operator &(Filter left, Filter right) => And(left, right);

    /// <summary>Either condition.</summary>
    public static Filter operator |(Filter left, Filter right) => Or(left, right);

    /// <summary>The exact complement.</summary>
    public static Filter operator !(Filter filter) => new NotFilter(filter);

    /// <summary>The exact complement.</summary>
    public Filter LogicalNot() => new NotFilter(this);

    /// <summary>The same condition made ready to run over many records; gives the same answers as <see cref="Matches"/>. Thread-safe.</summary>
    public Predicate<Record> Compile() => FilterCompiler.Compile(this);

    /// <summary>The condition as text that <see cref="Parse"/> reads back as an equal filter.</summary>
    public sealed override string ToString() => FilterText.Print(this);

    /// <inheritdoc/>
    public abstract bool Equals(Filter? other);

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as Filter);

    /// <inheritdoc/>
    public abstract override int GetHashCode();

    /// <summary>Whether both are the same condition by structure.</summary>
    public static bool operator ==(Filter? left, Filter? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Whether both differ by structure.</summary>
    public static bool operator !=(Filter? left, Filter? right) => !(left == right);
}

/// <summary>Matches all records or none.</summary>
public sealed class ConstantFilter : Filter
{
    internal ConstantFilter(bool value) => Value = value;

    /// <summary>Whether it matches.</summary>
    public bool Value { get; }

    /// <inheritdoc/>
    public override bool Matches(Record record) => Value;

    /// <inheritdoc/>
    public override bool Equals(Filter? other) => other is ConstantFilter constant && constant.Value == Value;

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();
}

/// <summary>Matches when the inner condition does not.</summary>
public sealed class NotFilter : Filter
{
    internal NotFilter(Filter inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        Inner = inner;
    }

    /// <summary>The condition that is negated.</summary>
    public Filter Inner { get; }

    /// <inheritdoc/>
    public override bool Matches(Record record) => !Inner.Matches(record);

    /// <inheritdoc/>
    public override bool Equals(Filter? other) => other is NotFilter not && not.Inner.Equals(Inner);

    /// <inheritdoc/>
    public override int GetHashCode() => ~Inner.GetHashCode();
}

/// <summary>Matches when all of its two or more terms do.</summary>
public sealed class AndFilter : Filter
{
    private AndFilter(Filter[] terms) => Terms = terms;

    /// <summary>The terms; none is itself a conjunction.</summary>
    public IReadOnlyList<Filter> Terms { get; }

    internal static Filter Join(IEnumerable<Filter> filters)
    {
        var terms = filters.SelectMany(static f => f is AndFilter and ? and.Terms : [f]).Where(static f => f is not ConstantFilter { Value: true }).ToArray();
        if (terms.Any(static f => f is ConstantFilter)) return False;
        return terms.Length switch { 0 => True, 1 => terms[0], _ => new AndFilter(terms) };
    }

    /// <inheritdoc/>
    public override bool Matches(Record record)
    {
        foreach (var term in Terms)
            if (!term.Matches(record)) return false;
        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(Filter? other) => other is AndFilter and && Terms.SequenceEqual(and.Terms);

    /// <inheritdoc/>
    public override int GetHashCode() => Terms.Aggregate(17, HashCode.Combine);
}

/// <summary>Matches when any of its two or more terms does.</summary>
public sealed class OrFilter : Filter
{
    private OrFilter(Filter[] terms) => Terms = terms;

    /// <summary>The terms; none is itself a disjunction.</summary>
    public IReadOnlyList<Filter> Terms { get; }

    internal static Filter Join(IEnumerable<Filter> filters)
    {
        var terms = filters.SelectMany(static f => f is OrFilter or ? or.Terms : [f]).Where(static f => f is not ConstantFilter { Value: false }).ToArray();
        if (terms.Any(static f => f is ConstantFilter)) return True;
        return terms.Length switch { 0 => False, 1 => terms[0], _ => new OrFilter(terms) };
    }

    /// <inheritdoc/>
    public override bool Matches(Record record)
    {
        foreach (var term in Terms)
            if (term.Matches(record)) return true;
        return false;
    }

    /// <inheritdoc/>
    public override bool Equals(Filter? other) => other is OrFilter or && Terms.SequenceEqual(or.Terms);

    /// <inheritdoc/>
    public override int GetHashCode() => Terms.Aggregate(31, HashCode.Combine);
}
