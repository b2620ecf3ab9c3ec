using Basalt.Records;

namespace Basalt.Filters;

/// <summary>
/// Turns a filter into a predicate for many records. A path of one name is resolved once per <see cref="Shape"/>; comparisons with an
/// int64, a double or text skip the general comparison when the kinds agree. Everything else runs the definition itself.
/// </summary>
internal static class FilterCompiler
{
    public static Predicate<Record> Compile(Filter filter) => filter switch
    {
        ConstantFilter { Value: true } => static _ => true,
        ConstantFilter => static _ => false,
        NotFilter not => Negate(Compile(not.Inner)),
        AndFilter and => All([.. and.Terms.OrderBy(Cost).Select(Compile)]),
        OrFilter or => Any([.. or.Terms.OrderBy(Cost).Select(Compile)]),
        CompareFilter { Comparison: Comparison.Equal, Literal.Kind: ValueKind.String } equal when IsPlain(equal.Path) => new TextEqualPredicate(equal).Matches,
        CompareFilter { Comparison: Comparison.Equal, Literal.Kind: ValueKind.Int64 } equal when IsPlain(equal.Path) => new Int64EqualPredicate(equal).Matches,
        CompareFilter compare when IsPlain(compare.Path) => new ComparePredicate(compare).Matches,
        LeafFilter leaf when IsPlain(leaf.Path) => new LeafPredicate(leaf).Matches,
        _ => filter.Matches,
    };

    private static bool IsPlain(FieldPath path) => path.Part == RecordPart.Fields && path.Segments.Count == 1;

    // Cheap tests first: the answer does not depend on the order, the time does.
    private static int Cost(Filter filter) => filter switch
    {
        ConstantFilter => 0,
        NullFilter => 1,
        CompareFilter { Literal.Kind: not ValueKind.String } or BetweenFilter { Low.Kind: not ValueKind.String } => 2,
        CompareFilter or BetweenFilter or InFilter => 3,
        LeafFilter => 6,
        NotFilter not => Cost(not.Inner),
        _ => 8,
    };

    private static Predicate<Record> Negate(Predicate<Record> inner) => record => !inner(record);

    private static Predicate<Record> All(Predicate<Record>[] terms) => record =>
    {
        foreach (var term in terms)
            if (!term(record)) return false;
        return true;
    };

    private static Predicate<Record> Any(Predicate<Record>[] terms) => record =>
    {
        foreach (var term in terms)
            if (term(record)) return true;
        return false;
    };

    /// <summary>Where a name is in the shape seen last. One immutable object, so that threads see shape and position together.</summary>
    private sealed record Slot(Shape Shape, int Position);

    private abstract class SlotPredicate(string name)
    {
        private Slot _slot = new(Shape.Empty, -1);

        protected ref readonly Value Field(Record record)
        {
            var shape = record.Shape;
            var slot = _slot;
            if (!ReferenceEquals(slot.Shape, shape)) _slot = slot = new Slot(shape, shape.IndexOf(name));
            return ref slot.Position < 0 ? ref Missing[0] : ref record.Values[slot.Position];
        }

        private static readonly Value[] Missing = new Value[1];
    }

    private sealed class LeafPredicate(LeafFilter leaf) : SlotPredicate(leaf.Path.Segments[0])
    {
        public bool Matches(Record record) => leaf.Test(Field(record));
    }

    private sealed class TextEqualPredicate(CompareFilter compare) : SlotPredicate(compare.Path.Segments[0])
    {
        private readonly string _text = compare.Literal.AsString;
        private readonly long _digest = compare.Literal.Bits;

        public bool Matches(Record record)
        {
            ref readonly var value = ref Field(record);
            return value.Bits == _digest && value.Kind == ValueKind.String && string.Equals(value.AsString, _text);
        }
    }

    private sealed class Int64EqualPredicate(CompareFilter compare) : SlotPredicate(compare.Path.Segments[0])
    {
        private readonly long _number = compare.Literal.AsInt64;

        public bool Matches(Record record)
        {
            ref readonly var value = ref Field(record);
            return value.Kind == ValueKind.Int64 ? value.Bits == _number : compare.Test(value);
        }
    }

    private sealed class ComparePredicate(CompareFilter compare) : SlotPredicate(compare.Path.Segments[0])
    {
        private readonly Comparison _comparison = compare.Comparison;
        private readonly ValueKind _kind = compare.Literal.Kind;
        private readonly long _bits = compare.Literal.Bits;

        public bool Matches(Record record)
        {
            ref readonly var value = ref Field(record);
            if (value.Kind != _kind) return compare.Test(value);
            return _kind switch
            {
                ValueKind.Int64 => Holds(value.Bits.CompareTo(_bits)),
                ValueKind.Double => Holds(Number.Compare(value.AsDouble, BitConverter.Int64BitsToDouble(_bits))),
                _ => compare.Test(value),
            };
        }

        private bool Holds(int order) => _comparison switch
        {
            Comparison.Equal => order == 0,
            Comparison.NotEqual => order != 0,
            Comparison.Less => order < 0,
            Comparison.LessOrEqual => order <= 0,
            Comparison.Greater => order > 0,
            _ => order >= 0,
        };
    }
}
