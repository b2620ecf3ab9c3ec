using Basalt.Backends.Files.Formats;
using Basalt.Expressions;
using Basalt.Records;
using Basalt.Schemas;

namespace Basalt.Migration;

/// <summary>
/// The types that columns of text are read as: those of the schema and of the transform's conversions. The other columns get the type that all of
/// their values have.
/// </summary>
internal sealed class ColumnTypes
{
    private readonly Dictionary<string, FieldType> _types = [];

    public static ColumnTypes Inferred { get; } = new();

    /// <summary>The types for a file whose records are transformed first and must then fit the schema.</summary>
    public static ColumnTypes For(Schema schema, TransformSpec? transform, string? vectorField)
    {
        var types = new ColumnTypes();
        foreach (var field in schema.Fields)
            if (field.Type != FieldType.Any) types.Add(field.Name, field.Type, transform);
        if (transform is not null)
            foreach (var (name, type) in transform.Conversions) types.Add(name, type, transform);
        // Its text is cut into numbers later, and by itself a column of single numbers would be numbers.
        if (vectorField is not null) types.Add(vectorField, FieldType.String, transform);
        return types;
    }

    /// <summary>The columns to read as text, for <see cref="CsvColumns.Discover"/>.</summary>
    public IReadOnlyList<CsvColumn> Declared => [.. _types.Keys.Select(static name => new CsvColumn(ColumnRole.Field, name, CellType.Text))];

    /// <summary>The record with the text of typed columns converted.</summary>
    /// <exception cref="FormatException">A text is not of the type of its column.</exception>
    public Record Convert(Record record)
    {
        if (_types.Count == 0) return record;
        ValueMapBuilder? changed = null;
        foreach (var (name, type) in _types)
        {
            var value = record[name];
            if (value.IsNull) continue;
            if (!Conversion.TryConvert(value, type, out var converted)) throw new FormatException($"{Expression.Show(value)} in column '{name}' is not of type {type.Name()}");
            (changed ??= new ValueMapBuilder(record.Fields)).Set(name, converted);
        }

        return changed is null ? record : record with { Fields = changed.Build() };
    }

    private void Add(string field, FieldType type, TransformSpec? transform) => _types[transform?.SourceName(field) ?? field] = type;
}
