using System.Text;
using Basalt.Filters;
using Basalt.Records;

namespace Basalt.Engine.Scalars;

/// <summary>Whether the value of a key matches. The key was not cut.</summary>
internal delegate bool KeyTest(ReadOnlySpan<byte> key);

/// <summary>
/// What a leaf means for the keys of a section: spans of keys that match, a span whose keys are tested one by one, keys that were cut so that only the records know, and whether entries without
/// a value match. Nothing else does.
/// </summary>
internal sealed class LeafKeys
{
    private readonly ScalarSection _section;
    private readonly KeyWriter _writer = new();
    private readonly KeySpan _all;

    private LeafKeys(ScalarSection section) => (_section, _all) = (section, new KeySpan(0, section.Distinct));

    /// <summary>Ascending and disjoint.</summary>
    public List<KeySpan> Spans { get; private set; } = [];

    /// <summary>Outside of <see cref="Spans"/>.</summary>
    public KeySpan Tested { get; private set; }

    /// <summary>For the keys of <see cref="Tested"/>.</summary>
    public KeyTest Test { get; private set; } = static _ => false;

    /// <summary>Outside of both, ascending: cut keys that may match.</summary>
    public List<int> Unsure { get; } = [];

    public bool Nulls { get; private set; }

    public static LeafKeys Of(LeafFilter leaf, ScalarSection section)
    {
        var keys = new LeafKeys(section);
        switch (leaf)
        {
            case NullFilter filter: keys.SetNulls(filter); break;
            case CompareFilter compare: keys.SetComparison(compare); break;
            case InFilter filter: keys.SetPoints(filter.Values, filter.Negated); break;
            case BetweenFilter between: keys.SetRange(between); break;
            case TextFilter text: keys.SetText(text, text.Position, text.Text, negated: false); break;
            case LikeFilter like: keys.SetPattern(like); break;
            case HasFilter has: keys.SetItems(has); break;
            default: throw new NotSupportedException($"A scalar index does not answer {leaf.GetType().Name}.");
        }

        return keys;
    }

    private void SetNulls(NullFilter filter)
    {
        if (filter.Negated) Spans = [_all];
        else Nulls = true;
    }

    private void SetComparison(CompareFilter compare)
    {
        if (compare.Comparison is Comparison.Equal or Comparison.NotEqual)
        {
            SetPoints([compare.Literal], compare.Comparison == Comparison.NotEqual);
            return;
        }

        // A key that was cut, and is that of the literal, too, may be on either side of it.
        var key = _writer.Write(compare.Literal);
        var type = _section.SpanOf(key[0]);
        var (rank, isFound) = _section.Find(key);
        if (isFound && KeyWriter.IsCut(key)) Unsure.Add(rank);
        var isIncluded = isFound && !KeyWriter.IsCut(key) && compare.Comparison is Comparison.LessOrEqual or Comparison.Greater;
        Spans = compare.Comparison switch
        {
            Comparison.Less or Comparison.LessOrEqual => [new KeySpan(type.From, isIncluded ? rank + 1 : rank)],
            _ => [new KeySpan(isFound && (isIncluded || KeyWriter.IsCut(key)) ? rank + 1 : rank, type.To)],
        };
    }

    private void SetPoints(IReadOnlyList<Value> values, bool negated)
    {
        var ranks = new List<int>(values.Count);
        foreach (var value in values)
        {
            var key = _writer.Write(value);
            var (rank, isFound) = _section.Find(key);
            if (isFound) (KeyWriter.IsCut(key) ? Unsure : ranks).Add(rank);
        }

        MakeDistinct(ranks);
        MakeDistinct(Unsure);
        if (negated) Spans = Except(_all, ranks.Concat(Unsure).Order().Select(static rank => new KeySpan(rank, rank + 1)));
        else Spans = [.. ranks.Select(static rank => new KeySpan(rank, rank + 1))];
    }

    private void SetRange(BetweenFilter between)
    {
        var low = _writer.Write(between.Low).ToArray();
        var high = _writer.Write(between.High).ToArray();
        var type = _section.SpanOf(low[0]);
        var ((from, lowFound), (to, highFound)) = (_section.Find(low), _section.Find(high));
        if (between.Low.CompareTo(between.High) > 0)
        {
            Spans = between.Negated ? [type] : [];
            return;
        }

        if (lowFound && KeyWriter.IsCut(low)) Unsure.Add(from++);
        if (highFound && KeyWriter.IsCut(high)) Unsure.Add(to);
        else if (highFound) to++;
        MakeDistinct(Unsure);
        var within = new KeySpan(from, Math.Max(from, to));
        var unsure = Unsure.Select(static rank => new KeySpan(rank, rank + 1));
        Spans = between.Negated ? Except(type, unsure.Append(within).OrderBy(static span => span.From)) : [within];
    }

    private void SetText(LeafFilter leaf, TextPosition position, string text, bool negated)
    {
        var type = _section.SpanOf(KeyTag.Text);
        if (text.Length == 0)
        {
            Spans = negated ? [] : [type];
            return;
        }

        if (position == TextPosition.Start)
        {
            var (span, isExact) = SpanOfBeginning(text);
            if (isExact) Spans = negated ? Except(type, [span]) : [span];
            else SetTested(leaf, span, negated ? Except(type, [span]) : []);
            return;
        }

        var bytes = Encoding.UTF8.GetBytes(text);
        SetTested(type, position == TextPosition.End ? key => key[1..].EndsWith(bytes) != negated : key => (key[1..].IndexOf(bytes) >= 0) != negated);
    }

    private void SetPattern(LikeFilter like)
    {
        var shape = LikeShape.Of(like);
        if (shape.Literal is { } literal)
        {
            if (!shape.OpenStart && !shape.OpenEnd)
            {
                SetPoints([Value.OwnText(literal)], like.Negated);
                if (like.Negated) Spans = Clip(_section.SpanOf(KeyTag.Text));
                return;
            }

            SetText(like, !shape.OpenStart ? TextPosition.Start : shape.OpenEnd ? TextPosition.Anywhere : TextPosition.End, literal, like.Negated);
            return;
        }

        var type = _section.SpanOf(KeyTag.Text);
        var span = shape.Beginning.Length == 0 ? type : SpanOfBeginning(shape.Beginning).Span;
        SetTested(like, span, like.Negated ? Except(type, [span]) : []);
    }

    private void SetItems(HasFilter has)
    {
        var type = _section.SpanOf(KeyTag.List);
        if (has.Values.Count == 0) Spans = has.All ? [type] : [];
        else SetTested(has, type, []);
    }

    private void SetTested(LeafFilter leaf, KeySpan span, List<KeySpan> others)
    {
        Spans = others;
        SetTested(span, key => leaf.Test(KeyReader.Read(key)));
    }

    private void SetTested(KeySpan span, KeyTest test) => (Tested, Test) = (span, test);

    /// <summary>The keys of texts with that beginning; not exactly when it is longer than a key.</summary>
    private (KeySpan Span, bool IsExact) SpanOfBeginning(string text)
    {
        var key = _writer.Write(Value.OwnText(text)).ToArray();
        var (from, isFound) = _section.Find(key);
        if (KeyWriter.IsCut(key)) return (new KeySpan(from, isFound ? from + 1 : from), false);
        // UTF-8 has no byte of all ones, so the next key that begins otherwise is easily told.
        key[^1]++;
        return (new KeySpan(from, _section.Find(key).Rank), true);
    }

    private List<KeySpan> Clip(KeySpan within) => [.. Spans.Select(span => new KeySpan(Math.Max(span.From, within.From), Math.Min(span.To, within.To))).Where(static span => span.Count > 0)];

    private static List<KeySpan> Except(KeySpan span, IEnumerable<KeySpan> others) => span.Without(others);

    private static void MakeDistinct(List<int> ranks)
    {
        ranks.Sort();
        var kept = 0;
        for (var i = 0; i < ranks.Count; i++)
            if (i == 0 || ranks[i] != ranks[kept - 1]) ranks[kept++] = ranks[i];
        ranks.RemoveRange(kept, ranks.Count - kept);
    }
}
