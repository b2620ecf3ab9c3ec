using Basalt.Backends;
using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Connections;
using Basalt.DuckDb.Tables;
using Basalt.Filters;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.DuckDb.Filters;

/// <summary>
/// A leaf of a filter as a condition in SQL, its literals as parameters. A condition may be null where the leaf does not match: <see cref="FilterSql"/> takes care of it. Where some records keep
/// values of the field beside its column, the condition lets them all pass, and is inexact.
/// </summary>
internal static class LeafSql
{
    // A longer list is tested by the door: it would be a statement of its own size.
    private const int MostLiterals = 1000;

    /// <summary>How well a leaf can be answered.</summary>
    public static FilterSupport Supports(TableLayout layout, LeafFilter leaf) => Translate(layout, leaf, []).Support;

    /// <summary>The condition, and how well it answers the leaf. The literals are added to the parameters.</summary>
    public static (FilterSupport Support, string Sql) Translate(TableLayout layout, LeafFilter leaf, List<Parameter> parameters)
    {
        switch (leaf.Path.Part)
        {
            case RecordPart.Id: return Over(TableSql.Id, FieldType.String, static (in Value v) => Place.Of(v, FieldType.String), leaf, false, parameters);
            case RecordPart.Version: return Over(TableSql.Version, FieldType.Int64, static (in Value v) => Place.Of(v, FieldType.Int64), leaf, false, parameters);
            case RecordPart.Created: return Over(TableSql.Created, FieldType.DateTime, Place.AmongNanos, leaf, layout.HasOddTimes, parameters);
            case RecordPart.Updated: return Over(TableSql.Updated, FieldType.DateTime, Place.AmongNanos, leaf, layout.HasOddTimes, parameters);
            case RecordPart.Fields: break;
            default: return (FilterSupport.None, "");
        }

        var at = layout.IndexOf(leaf.Path.Segments[0]);
        if (at < 0) return (FilterSupport.None, "");
        var column = layout.Columns[at];
        // A way through a value that is no map leads to null.
        if (leaf.Path.Segments.Count > 1) return column.HasStrays ? (FilterSupport.None, "") : (FilterSupport.Exact, leaf.Test(Value.Null) ? "TRUE" : "FALSE");
        if (column.Type == FieldType.Vector && leaf is not NullFilter) return (FilterSupport.None, "");
        return Over(SqlText.Name(column.Field), column.Type, (in Value v) => Place.Of(v, column.Type), leaf, column.HasStrays, parameters);
    }

    private delegate Place Placing(in Value literal);

    private static (FilterSupport Support, string Sql) Over(string column, FieldType type, Placing place, LeafFilter leaf, bool hasStrays, List<Parameter> parameters)
    {
        var sql = leaf switch
        {
            NullFilter isNull => isNull.Negated ? $"{column} IS NOT NULL" : $"{column} IS NULL",
            CompareFilter compare => Compare(column, compare.Comparison, place(compare.Literal), parameters),
            BetweenFilter between => Between(column, between, place, parameters),
            InFilter { Values.Count: <= MostLiterals } among => In(column, among, place, parameters),
            HasFilter => "FALSE",
            TextFilter or LikeFilter when type != FieldType.String => "FALSE",
            TextFilter text => $"{Function(text.Position)}({column}, {Add(parameters, text.Text)})",
            // The library folds case by other rules.
            LikeFilter { IgnoreCase: false } like => $"{column} {(like.Negated ? "NOT " : "")}LIKE {Add(parameters, like.Pattern)}{(like.Pattern.Contains('\\') ? @" ESCAPE '\'" : "")}",
            _ => null,
        };
        if (sql is null) return (FilterSupport.None, "");
        return hasStrays ? (FilterSupport.Inexact, $"({sql} OR ({column} IS NULL AND {TableSql.Rest} IS NOT NULL))") : (FilterSupport.Exact, sql);
    }

    private static string Compare(string column, Comparison comparison, in Place place, List<Parameter> parameters)
    {
        if (comparison == Comparison.NotEqual) return place.At is { } other ? $"{column} <> {Add(parameters, other)}" : $"{column} IS NOT NULL";
        if (place.At is { } at) return $"{column} {Symbol(comparison)} {Add(parameters, at)}";
        if (place.IsApart || comparison == Comparison.Equal) return "FALSE";
        var isLess = comparison is Comparison.Less or Comparison.LessOrEqual;
        var edge = isLess ? place.Below : place.Above;
        if (edge.IsAll) return $"{column} IS NOT NULL";
        return edge.Value is { } next ? $"{column} {(isLess ? "<=" : ">=")} {Add(parameters, next)}" : "FALSE";
    }

    private static string Between(string column, BetweenFilter between, Placing place, List<Parameter> parameters)
    {
        Place low = place(between.Low), high = place(between.High);
        return between.Negated
            ? $"({Compare(column, Comparison.Less, low, parameters)} OR {Compare(column, Comparison.Greater, high, parameters)})"
            : $"({Compare(column, Comparison.GreaterOrEqual, low, parameters)} AND {Compare(column, Comparison.LessOrEqual, high, parameters)})";
    }

    private static string In(string column, InFilter among, Placing place, List<Parameter> parameters)
    {
        var literals = among.Values.Select(value => place(value).At).OfType<Parameter>().Select(parameter => Add(parameters, parameter)).ToList();
        if (literals.Count == 0) return among.Negated ? $"{column} IS NOT NULL" : "FALSE";
        return $"{column} {(among.Negated ? "NOT IN" : "IN")} ({string.Join(", ", literals)})";
    }

    private static string Add(List<Parameter> parameters, Parameter parameter)
    {
        parameters.Add(parameter);
        return $"${parameters.Count}";
    }

    private static string Function(TextPosition position) => position switch { TextPosition.Start => "starts_with", TextPosition.End => "ends_with", _ => "contains" };

    private static string Symbol(Comparison comparison) => comparison switch
    {
        Comparison.Equal => "=",
        Comparison.Less => "<",
        Comparison.LessOrEqual => "<=",
        Comparison.Greater => ">",
        _ => ">=",
    };
}
