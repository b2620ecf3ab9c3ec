using Basalt.Schemas;

namespace Basalt.Migration;

/// <summary>The types that columns of text are read as; the other columns get the type that all of their values have.</summary>
internal sealed record ColumnTypes(IReadOnlyDictionary<string, FieldType> Known)
{
    public static ColumnTypes Inferred { get; } = new(new Dictionary<string, FieldType>());
}
