using Basalt.DuckDb.Columns;
using Basalt.DuckDb.Native;
using Basalt.DuckDb.Tables;
using Basalt.Schemas;

namespace Basalt.DuckDb.Sql;

/// <summary>Which type of SQL a field has: lists and structs where what is in them is known, JSON where a field holds anything.</summary>
internal static class FieldColumns
{
    private const int MostMembers = 1000;

    public static DuckType TypeOf(Field field) => field.Type switch
    {
        FieldType.Any => DuckType.Json,
        FieldType.List => field.Element is { Type: not FieldType.Vector } element ? ListOf(TypeOf(element)) : DuckType.Json,
        FieldType.Map => field.Fields is { Count: > 0 and <= MostMembers } fields && fields.All(static member => IsName(member.Name)) && AreApart(fields)
            ? DuckType.Struct([.. fields.Select(static member => (member.Name, TypeOf(member)))])
            : DuckType.Json,
        _ => new TableColumn(field.Name, field.Type, field.Dimension).DuckType,
    };

    // A list of float32 is what a vector is written as.
    private static DuckType ListOf(DuckType item) => item.Id == DuckTypeId.Float ? DuckType.Json : DuckType.List(item);

    private static bool IsName(string name) => name.Length > 0 && !name.Contains('\0');

    private static bool AreApart(IReadOnlyList<Field> fields) => fields.Select(static field => field.Name).Distinct(StringComparer.OrdinalIgnoreCase).Count() == fields.Count;
}
